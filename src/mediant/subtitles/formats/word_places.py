"""Where the words of a cue stand in its text. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mediant.subtitles.words import Word


class WordPlace(NamedTuple):
    """A word, from which letter of the text it stands, and up to which."""

    word: Word
    begin: int
    end: int


def place_words(text: str, words: Sequence[Word]) -> Iterator[WordPlace]:
    """The words in their order; one that was cut is left out."""
    position = 0
    for word in words:
        said = word.text.strip()
        found = text.find(said, position) if said else -1
        if found >= 0:
            position = found + len(said)
            yield WordPlace(word, found, position)
