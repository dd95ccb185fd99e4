"""Sentences out of timed words: what a translator wants to see at once.

The places come from `phrases.break_costs`, which knows the full stops of every script and those
that only shorten a word. What has no full stops is cut at pauses, and where it gets too long at
the break that reads best.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mediant.kernel.languages import canonical_code
from mediant.subtitles.phrases import SENTENCE, break_costs
from mediant.subtitles.pieces import Piece, pieces_of
from mediant.subtitles.retime import retime
from mediant.subtitles.words import Word

_LONGEST_PAUSE_MS = 2000
"""Cues always break at such a pause, so what stands behind it is another sentence."""
_LONGEST_CELLS = 240
"""Translators were trained on sentences of one or two lines and lose parts of longer ones."""
_SHORTEST_SHARE = 0.3
_PAUSE_MS_PER_COST = 150.0
"""So long a pause makes a break as much better as one step of its cost."""


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a sentence that was said without a pause within. Times in milliseconds."""

    start_ms: int
    end_ms: int
    cells: int
    """How wide its text is."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one person said, up to a full stop or a pause."""

    text: str
    said: tuple[Said, ...]
    """Its words or characters, in order; never empty, times never fall."""
    speaker: str | None = None

    @property
    def start_ms(self) -> int:
        """When its first word begins."""
        return self.said[0].start_ms

    @property
    def end_ms(self) -> int:
        """When its last word ends."""
        return self.said[-1].end_ms


def join_sentences(words: Sequence[Word], language: str | None) -> list[Sentence]:
    """All words with a text, as sentences in order.

    Joined by blanks, the sentences hold the same characters as the words, blanks apart (what no
    subtitle can hold is left out, as in `retime.clean`).
    """
    pieces = pieces_of(words, retime(words), 0)
    costs = break_costs(pieces, canonical_code(language))
    return [
        _sentence(pieces[begin:end])
        for first, last in _runs(pieces, costs)
        for begin, end in _shorten(pieces, costs, first, last)
    ]


def neighbours(
    sentences: Sequence[str], begin: int, end: int, count: int = 2
) -> tuple[Sequence[str], Sequence[str]]:
    """The `count` texts before `begin` and those from `end` on."""
    return sentences[max(0, begin - count) : begin], sentences[end : end + count]


def _runs(pieces: Sequence[Piece], costs: Sequence[float]) -> Iterator[tuple[int, int]]:
    begin = 0
    for index in range(1, len(pieces)):
        if _ends(pieces[index - 1], pieces[index], costs[index]):
            yield begin, index
            begin = index
    if pieces:
        yield begin, len(pieces)


def _ends(left: Piece, right: Piece, cost: float) -> bool:
    return (
        cost == SENTENCE
        or left.speaker != right.speaker
        or right.start_ms - left.end_ms > _LONGEST_PAUSE_MS
    )


def _shorten(
    pieces: Sequence[Piece], costs: Sequence[float], begin: int, end: int
) -> Iterator[tuple[int, int]]:
    """The run, cut where it reads best until no part is too long."""
    while (cut := _find_cut(pieces, costs, begin, end)) < end:
        yield begin, cut
        begin = cut
    yield begin, end


def _find_cut(pieces: Sequence[Piece], costs: Sequence[float], begin: int, end: int) -> int:
    """The best place to end a sentence that begins at `begin`; `end` when all of it fits."""
    cells, best, least = pieces[begin].cells, begin + 1, float("inf")
    for index in range(begin + 1, end):
        pause_ms = pieces[index].start_ms - pieces[index - 1].end_ms
        cost = costs[index] - pause_ms / _PAUSE_MS_PER_COST
        if cells >= _SHORTEST_SHARE * _LONGEST_CELLS and cost <= least:
            best, least = index, cost
        cells += pieces[index].cells + pieces[index].is_spaced
        if cells > _LONGEST_CELLS:
            return best if least < float("inf") else index
    return end


def _sentence(pieces: Sequence[Piece]) -> Sentence:
    rest = (f" {piece.text}" if piece.is_spaced else piece.text for piece in pieces[1:])
    said = tuple(Said(piece.start_ms, piece.end_ms, piece.cells) for piece in pieces)
    return Sentence(pieces[0].text + "".join(rest), said, pieces[0].speaker)
