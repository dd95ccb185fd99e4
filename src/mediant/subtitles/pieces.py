"""Pieces: what no line break and no cut between cues may part.

Mostly a word. Punctuation that stands alone belongs to the word beside it, a word may be said in
several parts (`rock`, `'n'`, `'roll`), and a long text in a script without blanks is several.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mediant.subtitles.retime import Times, clean, without_arrow
from mediant.subtitles.script import (
    count_cells,
    has_text,
    is_opening,
    is_spaceless,
    may_break,
    split_unbreakable,
)
from mediant.subtitles.words import Word

_WORD_PAUSE_MS = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that stays on one line."""

    text: str
    is_spaced: bool
    """Whether a blank stands before it, unless it begins a line."""
    start_ms: int
    end_ms: int
    cells: int
    word: int
    """The index of the first word that begins in it or after it."""
    speaker: str | None


@dataclass(slots=True)
class _Token:
    """A stretch without blanks of one word."""

    text: str
    is_spaced: bool
    start_ms: int
    end_ms: int
    word: int
    """The index of its word where that begins with it, otherwise of the next one."""
    speaker: str | None
    has_text: bool
    is_begun: bool = True
    """Whether its word begins with it."""


def pieces_of(words: Sequence[Word], times: Times, widest: int) -> list[Piece]:
    """All words with a text, as pieces; those wider than `widest` cells are cut where one may."""
    pieces: list[Piece] = []
    for group in _glue(_tokens_of(words, times)):
        piece = _join(group)
        if piece.cells <= widest:
            pieces.append(piece)
            continue
        parts = [p for token in group for p in _spread(token, split_unbreakable(token.text), "")]
        pieces += [_join(smaller) for smaller in _glue(parts)]
    return pieces


def is_unbreakable(line: str) -> bool:
    """Whether there is no place in `line` where it may be broken."""
    words = [Word(f" {part}", 0, 0) for part in line.split()]
    return len(pieces_of(words, [(0, 0)] * len(words), 0)) < 2


def _tokens_of(words: Sequence[Word], times: Times) -> Iterator[_Token]:
    is_spaced, ended_ms = False, 0
    for index, (word, (start_ms, end_ms)) in enumerate(zip(words, times, strict=True)):
        text = clean(word.text)
        parts = text.split()
        if not parts:
            is_spaced = is_spaced or bool(text)
            continue
        is_spaced = is_spaced or text[0].isspace() or _is_apart(text, start_ms - ended_ms)
        whole = _Token(text, is_spaced, start_ms, end_ms, index, word.speaker, True)
        yield from _spread(whole, parts, " ")
        is_spaced, ended_ms = text[-1].isspace(), end_ms


def _is_apart(text: str, pause_ms: int) -> bool:
    """Whether a pause shows that a word begins here, though no blank says so."""
    return pause_ms > _WORD_PAUSE_MS and has_text(text) and not is_spaceless(text[0])


def _spread(whole: _Token, parts: Sequence[str], blank: str) -> Iterator[_Token]:
    """A token as its parts, with its time shared out by their lengths."""
    start_ms, span = whole.start_ms, whole.end_ms - whole.start_ms
    total, done = sum(map(len, parts)), 0
    for part in parts:
        begin = start_ms + span * done // total
        is_first = done == 0
        done += len(part)
        yield _Token(
            part,
            whole.is_spaced if is_first else bool(blank),
            begin,
            start_ms + span * done // total,
            whole.word if is_first else whole.word + whole.is_begun,
            whole.speaker,
            has_text(part),
            whole.is_begun and is_first,
        )


def _glue(tokens: Iterable[_Token]) -> Iterator[list[_Token]]:
    """Groups of tokens that must stay together; each has a text, if there is any at all."""
    held: list[_Token] = []
    group: list[_Token] = []
    before: list[_Token] = []
    is_told = False
    for stretch in _stretches(tokens):
        if is_told and not _belongs(before, stretch):
            if held:
                yield held
            held, group, is_told = group, [], False
        group += stretch
        before = stretch
        is_told = is_told or _has_text(stretch)
    if group and not is_told:
        held, group = held + group, []
    for last in (held, group):
        if last:
            yield last


def _stretches(tokens: Iterable[_Token]) -> Iterator[list[_Token]]:
    """Tokens that touch where no line may break."""
    stretch: list[_Token] = []
    for token in tokens:
        if stretch and (token.is_spaced or may_break(stretch[-1].text[-1], token.text[0])):
            yield stretch
            stretch = []
        stretch.append(token)
    if stretch:
        yield stretch


def _has_text(tokens: Sequence[_Token]) -> bool:
    return any(token.has_text for token in tokens)


def _belongs(before: Sequence[_Token], stretch: Sequence[_Token]) -> bool:
    """Whether punctuation keeps a stretch with the one before it.

    An opening mark that stands alone belongs to what follows, any other to what is before it.
    """
    if not _has_text(before) and is_opening(before[-1].text):
        return True
    return not _has_text(stretch) and not is_opening(stretch[-1].text)


def _join(group: Sequence[_Token]) -> Piece:
    told = next((token for token in group if token.has_text), group[0])
    first = group[0]
    if len(group) == 1:
        text = first.text
    else:
        rest = (f" {token.text}" if token.is_spaced else token.text for token in group[1:])
        text = without_arrow(first.text + "".join(rest))
    ends = [token.end_ms for token in group if token.has_text] or [group[-1].end_ms]
    return Piece(
        text, first.is_spaced, told.start_ms, ends[-1], count_cells(text), first.word, told.speaker
    )
