"""Marking each word while it is said, as far as a form can.

SubRip has no times within a cue: a cue becomes a row of cues, one word underlined in each. WebVTT
has them. The other forms cannot.
"""

from collections.abc import Iterator, Sequence

from mediant.subtitles.cue import Cue
from mediant.subtitles.formats import write_cues, write_karaoke
from mediant.subtitles.formats.word_places import place_words

OPEN, CLOSE = "<u>", "</u>"
SUBRIP, WEBVTT = "srt", "vtt"
MARKABLE = (SUBRIP, WEBVTT)


def write_marked(cues: Sequence[Cue], form: str, language: str = "") -> str:
    """As `write_cues`, with marked words in the forms of `MARKABLE`."""
    if form == WEBVTT:
        return write_karaoke(cues)
    return write_cues(highlight_words(cues) if form == SUBRIP else cues, form, language)


def highlight_words(cues: Sequence[Cue]) -> list[Cue]:
    """The same text over the same time. A cue whose words are not known stays as it is."""
    return [part for cue in cues for part in (list(_split(cue)) or [cue])]


def _split(cue: Cue) -> Iterator[Cue]:
    placed = list(place_words(cue.text, cue.words))
    begins = [cue.start_ms, *(round(word.start_s * 1000) for word, _, _ in placed[1:])]
    at = cue.start_ms
    for number, (word, begin, end) in enumerate(placed):
        is_last = number == len(placed) - 1
        until = cue.end_ms if is_last else min(cue.end_ms, begins[number + 1])
        if until <= at:
            continue
        text = cue.text
        marked = f"{text[:begin]}{OPEN}{text[begin:end]}{CLOSE}{text[end:]}"
        yield Cue(at, until, tuple(marked.split("\n")), (word,))
        at = until
