"""Words as recognition hears them: text and time."""

from collections.abc import Iterable
from dataclasses import dataclass

from mediant.subtitles.script import is_spaceless


@dataclass(frozen=True, slots=True)
class Word:
    """One word, in the order in which it was said.

    Any times are taken: `retime` mends those that overlap, run backwards or are no numbers.
    """

    text: str
    """A blank in front says that one stands before the word, as recognition writes it."""
    start_s: float
    end_s: float
    speaker: str | None = None
    """Who says it, where that is known."""
    probability: float | None = None
    """How sure recognition is, 0 to 1."""


def with_blanks(words: Iterable[Word]) -> list[Word]:
    """The same words for a source that strips them: blanks go where the script writes them."""
    spaced: list[Word] = []
    before = ""
    for word in words:
        text = word.text.strip()
        is_joined = bool(before and text) and is_spaceless(before[-1]) and is_spaceless(text[0])
        blank = "" if is_joined else " "
        spaced.append(Word(blank + text, word.start_s, word.end_s, word.speaker, word.probability))
        before = text or before
    return spaced
