"""Whether what a recogniser gave as English is English. Pure.

Small models that shall translate sometimes write what is said, in its own language. Such text is
never to stand in a file that is named English.
"""

import re
import unicodedata
from dataclasses import replace

from mediant.kernel.languages import canonical_code
from mediant.subtitles.function_words import ARTICLES, HOLDS, LINKS, PREPOSITIONS
from mediant.subtitles.speech.engine import Heard

ENGLISH = "eng"
FEW_WORDS = 5
"""Of fewer words nobody can tell the language: names, numbers, exclamations."""
LEAST_SHARE = 0.08
"""A text of English has at least so many small words; usually four times as many."""
MOST_FOREIGN = 0.25
"""With a larger share of foreign words the translation counts as failed."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def is_english(text: str, source: str) -> bool:
    """Whether `text` may be English rather than the `source` language that was spoken."""
    words = [word.lower() for word in _WORD.findall(text)]
    letters = "".join(words)
    if letters and sum(map(_is_latin, letters)) * 2 < len(letters):
        return False
    if len(words) < FEW_WORDS:
        return True
    english, other = _small_words(ENGLISH), _small_words(canonical_code(source))
    n_english = sum(word in english - other for word in words)
    n_other = sum(word in other - english for word in words)
    if n_other > n_english:
        return False
    return bool(other) or n_english >= LEAST_SHARE * len(words)


def keep_english(heard: Heard, source: str) -> tuple[Heard, int]:
    """Without the passages that are not English, and how many these were.

    Where they are too many, none is kept.
    """
    kept = tuple(one for one in heard.segments if is_english(one.text, source))
    n_words = sum(len(one.text.split()) for one in heard.segments)
    n_kept = sum(len(one.text.split()) for one in kept)
    if n_words - n_kept > MOST_FOREIGN * n_words:
        kept = ()
    return replace(heard, segments=kept), len(heard.segments) - len(kept)


def _small_words(language: str) -> frozenset[str]:
    tables = (LINKS, PREPOSITIONS, ARTICLES, HOLDS)
    return frozenset(word for table in tables for word in table.get(language, "").split())


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
