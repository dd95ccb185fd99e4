"""How well a text reads when it is broken at a place.

Costs, lower is better: 0 after a sentence, 1 after a clause, 2 before a clause, 2.5 before a
phrase, 4 anywhere else, and up to 12 where it parts what belongs together: article and noun, first
and last name, pronoun or auxiliary and verb, the parts of one word.
"""

from collections.abc import Sequence
from functools import cache

from mediant.subtitles.function_words import ARTICLES, HOLDS, LINKS, PREPOSITIONS, SHORTENED
from mediant.subtitles.pieces import Piece
from mediant.subtitles.script import is_spaceless

SENTENCE = 0.0
CLAUSE = 1.0
_BEFORE_CLAUSE = 2.0
_BEFORE_PHRASE = 2.5
_PLAIN = 4.0
_HELD = 8.0
_TORN = 10.0

_QUOTES = "\"'”’»)]」』）】›"
_SENTENCE_ENDS = frozenset(".!?…。！？｡؟۔।॥።")
_CLAUSE_ENDS = frozenset(",;:—–،؛、，；：､")
_STRIPPED = ".,;:!?…\"'“”‘’«»()[]¿¡،؛؟"

_CHINESE = (
    "但是 因为 所以 如果 而且 虽然 然后 可是 不过 或者 还是 以及 并且 因此 那么 "
    "因為 雖然 然後 不過 還是 並且 那麼"
)
_CHINESE_LINKS = frozenset(_CHINESE.split())
_JAPANESE_PARTICLES = frozenset("はがをにでともへや")


def break_costs(pieces: Sequence[Piece], language: str) -> list[float]:
    """What a break before each piece costs; `language` is a canonical code. The first is 0."""
    costs = [SENTENCE]
    known = _small_words(language)
    touching = {"jpn": _japanese, "zho": _chinese, "yue": _chinese}.get(language, _other)
    for index in range(1, len(pieces)):
        left, right = pieces[index - 1].text, pieces[index].text
        cost = _at_mark(left, right)
        if cost is None and not pieces[index].is_spaced and _is_touching(left, right):
            cost = touching(left, right + _text_at(pieces, index + 1))
        costs.append(_between_words(left, right, known, language) if cost is None else cost)
    return costs


def _text_at(pieces: Sequence[Piece], index: int) -> str:
    return pieces[index].text if index < len(pieces) else ""


def _is_touching(left: str, right: str) -> bool:
    return is_spaceless(left[-1]) or is_spaceless(right[0])


def _at_mark(left: str, right: str) -> float | None:
    """The cost after a punctuation mark, or None where there is none."""
    bare = left.rstrip(_QUOTES)
    mark = bare[-1:]
    if mark in _CLAUSE_ENDS and mark:
        return CLAUSE
    if mark not in _SENTENCE_ENDS or not mark:
        return None
    if mark == "." and not bare.endswith("..") and _is_shortened(bare[:-1], right):
        return _HELD
    goes_on = mark in ".…" and right[0].islower()
    return CLAUSE if goes_on else SENTENCE


def _is_shortened(word: str, right: str) -> bool:
    """Whether the full stop belongs to the word: `Dr.`, `J.`, and `etc.` within a sentence."""
    word = word.lstrip(_STRIPPED)
    if len(word) == 1 and word.isupper() and word != "I":
        return True
    lower = word.casefold()
    return lower in SHORTENED and (right[0].islower() or lower not in _ENDING)


_ENDING = frozenset({"etc", "a.m", "p.m", "u.s", "u.k", "inc", "co", "ltd", "no", "d", "m"})


class _SmallWords:
    def __init__(self, language: str) -> None:
        self.links = _set(LINKS, language)
        self.prepositions = _set(PREPOSITIONS, language)
        self.tight = self.links | self.prepositions | _set(ARTICLES, language)
        self.holds = _set(HOLDS, language)


def _set(table: dict[str, str], language: str) -> frozenset[str]:
    return frozenset(table.get(language, "").split())


@cache
def _small_words(language: str) -> _SmallWords:
    return _SmallWords(language)


def _between_words(left: str, right: str, known: _SmallWords, language: str) -> float:
    one, other = left.strip(_STRIPPED).casefold(), right.strip(_STRIPPED).casefold()
    begins = _beginning(other, known, language)
    if one in known.tight:
        return _TORN if begins == _PLAIN else 6.0
    if one in known.holds:
        return _HELD if begins == _PLAIN else 3.0
    if begins != _PLAIN:
        return begins
    if language == "kor":
        return _korean(left)
    if is_spaceless(left[-1]):
        return CLAUSE if language in {"tha", "lao", "khm", "mya"} else _BEFORE_PHRASE
    return _HELD if _is_pair(left, right, language) else _PLAIN


def _beginning(word: str, known: _SmallWords, language: str) -> float:
    if word in known.links:
        return _BEFORE_CLAUSE
    if word in known.prepositions:
        return _BEFORE_PHRASE
    # Arabic writes "and" as a letter of the next word.
    if language == "ara" and len(word) > 3 and word[0] == "و":
        return _BEFORE_PHRASE
    return _PLAIN


def _is_pair(left: str, right: str, language: str) -> bool:
    """Two names, or a number and its unit. German writes every noun with a capital."""
    if left[-1].isdigit():
        return True
    return language != "deu" and left[0].isupper() and right[0].isupper() and len(left) > 1


def _korean(left: str) -> float:
    """After a connecting ending, then after the topic."""
    if left[-1] in "고며면서데만니":
        return _BEFORE_PHRASE
    return 3.0 if left[-1] in "은는" else _PLAIN


def _japanese(left: str, right: str) -> float:
    """Breaks stand after particles, otherwise where writing changes from kana to a new word."""
    one, other = _kind(left[-1]), _kind(right[0])
    if one == "hiragana" and other != "hiragana":
        if left[-1] in _JAPANESE_PARTICLES:
            return _BEFORE_PHRASE
        return _PLAIN
    if one == other == "katakana":
        return 12.0
    if one == other == "hiragana":
        return 7.0
    return 9.0 if other == "hiragana" else 8.0


def _kind(mark: str) -> str:
    if "\u3040" <= mark <= "\u309f":
        return "hiragana"
    return "katakana" if "\u30a0" <= mark <= "\u30ff" or mark == "ー" else "other"


def _chinese(left: str, right: str) -> float:
    if right[:2] in _CHINESE_LINKS:
        return _BEFORE_CLAUSE
    if right[0] in "的了着過过吗嗎呢吧们們得地" or left[-1] in "在把被对對从從向和与與是不很":
        return 9.0
    return 3.5 if left[-1] in "的了" else 5.0


def _other(_left: str, _right: str) -> float:
    """Thai and its neighbours mark no words: any place but a blank may be within one."""
    return 7.0
