"""WebVTT, the format of browsers."""

from collections.abc import Iterable

from mediant.subtitles.cue import Cue
from mediant.subtitles.formats.body import body_of, lines_of
from mediant.subtitles.formats.clock_times import read_timing, write_time
from mediant.subtitles.formats.markup import escape, unescape_entities, without_tags


def write_vtt(cues: Iterable[Cue]) -> str:
    """Hours only where they are not zero. Empty cues are left out."""
    bodies = ((cue, body_of(cue)) for cue in cues)
    return join_blocks((cue, list(map(escape, body))) for cue, body in bodies if body)


def join_blocks(bodies: Iterable[tuple[Cue, list[str]]]) -> str:
    """A whole file of cues and their lines, which are markup already."""
    blocks = ["WEBVTT"]
    for cue, lines in bodies:
        start, end = (write_time(at, ".", is_short=True) for at in (cue.start_ms, cue.end_ms))
        blocks.append("\n".join([f"{start} --> {end}", *lines]))
    return "".join(f"{block}\n\n" for block in blocks)


def read_vtt(text: str) -> list[Cue]:
    """The cues of a WebVTT file, in its order, without tags; notes, styles and names of cues go."""
    cues: list[Cue] = []
    timing: tuple[int, int] | None = None
    body: list[str] = []
    for line in [*lines_of(text.removeprefix("\ufeff")), ""]:
        found = read_timing(line)
        if line.strip() and found is None:
            body.append(line)
            continue
        if timing is not None:
            cues += _cue(timing, body)
        timing, body = found, []
    return cues


def _cue(timing: tuple[int, int], body: list[str]) -> list[Cue]:
    plain = (unescape_entities(without_tags(line)).strip() for line in body)
    lines = tuple(line for line in plain if line)
    return [Cue(timing[0], max(timing), lines)] if lines else []
