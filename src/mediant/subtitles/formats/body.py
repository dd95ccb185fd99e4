"""The text of a cue as lines that a file can hold."""

from mediant.subtitles.cue import Cue
from mediant.subtitles.retime import clean


def body_of(cue: Cue) -> list[str]:
    """Its lines without blank ones, control characters and arrows that read as a time."""
    parts = (part.strip() for line in cue.lines for part in clean(line).splitlines())
    return [part for part in parts if part]


def lines_of(text: str) -> list[str]:
    """The lines of a file, whatever ends them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
