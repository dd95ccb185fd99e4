"""SubRip: the format that every player reads."""

from collections.abc import Iterable

from mediant.subtitles.cue import Cue
from mediant.subtitles.formats.body import body_of, lines_of
from mediant.subtitles.formats.clock_times import read_timing, write_time


def write_srt(cues: Iterable[Cue]) -> str:
    """Numbered from 1; hours always; line feeds; no byte order mark. Empty cues are left out."""
    blocks: list[str] = []
    for cue in cues:
        if body := body_of(cue):
            timing = f"{write_time(cue.start_ms, ',')} --> {write_time(cue.end_ms, ',')}"
            blocks.append("\n".join([str(len(blocks) + 1), timing, *body]))
    return "".join(f"{block}\n\n" for block in blocks)


def read_srt(text: str) -> list[Cue]:
    """The cues of a SubRip file, in its order; tags are kept.

    Only the lines with times are believed: numbers may be missing, wrong or twice there, blank
    lines may stand within a text or be missing between two. A cue without text is left out.
    """
    cues: list[Cue] = []
    timing: tuple[int, int] | None = None
    body: list[str] = []
    for line in lines_of(text.removeprefix("\ufeff")):
        found = read_timing(line)
        if found is None:
            body.append(line.strip())
            continue
        # The number of this cue stands in the line before.
        if body and body[-1].isdecimal():
            body.pop()
        cues += _cue(timing, body)
        timing, body = found, []
    return cues + _cue(timing, body)


def _cue(timing: tuple[int, int] | None, body: list[str]) -> list[Cue]:
    lines = tuple(line for line in body if line)
    if timing is None or not lines:
        return []
    start_ms, end_ms = timing
    return [Cue(start_ms, max(start_ms, end_ms), lines)]
