"""Marking each word while it is said: a cue becomes a row of cues, one word underlined in each."""

from collections.abc import Iterator, Sequence

from mediant.subtitles.cue import Cue
from mediant.subtitles.words import Word

OPEN, CLOSE = "<u>", "</u>"


def highlight_words(cues: Sequence[Cue]) -> list[Cue]:
    """The same text over the same time. A cue whose words are not known stays as it is."""
    return [part for cue in cues for part in (list(_split(cue)) or [cue])]


def _split(cue: Cue) -> Iterator[Cue]:
    placed = list(_place(cue))
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


def _place(cue: Cue) -> Iterator[tuple[Word, int, int]]:
    """Where each word stands in the cue's text; one that was cut is left out."""
    text, position = cue.text, 0
    for word in cue.words:
        said = word.text.strip()
        found = text.find(said, position) if said else -1
        if found >= 0:
            position = found + len(said)
            yield word, found, position
