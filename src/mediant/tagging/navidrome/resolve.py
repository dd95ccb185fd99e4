"""What a query means for this library: keys that exist, types that fit, NOT carried inwards. Pure.

What Navidrome cannot express is refused with a sentence, never approximated.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches

from mediant.tagging.moods import LISTS
from mediant.tagging.navidrome.fields import OWN
from mediant.tagging.navidrome.query import (
    Comparison,
    Denial,
    Junction,
    Operator,
    Query,
    unreadable,
)
from mediant.tagging.navidrome.rule import Condition, Name, Rule, join
from mediant.tagging.navidrome.tags import NUMBERS, TEXTS, TagType, find_number
from mediant.tagging.vocabulary import MOOD_KEYS, NO_MOOD, WORDS, slug

LOOSE = "mood-loose"
SYNONYMS = {"tempo": "bpm"}
OURS = NUMBERS | TEXTS
TEXT: TagType = "text"

_OPPOSITES = {
    Operator.IS: Operator.IS_NOT,
    Operator.IS_NOT: Operator.IS,
    Operator.CONTAINS: Operator.NOT_CONTAINS,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
}
_NAMES: Mapping[Operator, Name] = {
    Operator.IS: "is",
    Operator.IS_NOT: "isNot",
    Operator.CONTAINS: "contains",
    Operator.NOT_CONTAINS: "notContains",
}
_ORDERS: Mapping[Operator, tuple[Name, ...]] = {
    Operator.GREATER: ("gt",),
    Operator.LESS: ("lt",),
    Operator.AT_LEAST: ("gt", "is"),
    Operator.AT_MOST: ("lt", "is"),
}
_DENIED_ORDERS: Mapping[Operator, tuple[Name, ...]] = {
    Operator.GREATER: ("isMissing", "lt", "is"),
    Operator.LESS: ("isMissing", "gt", "is"),
    Operator.AT_LEAST: ("isMissing", "lt"),
    Operator.AT_MOST: ("isMissing", "gt"),
}
"""A numeric tag has one value or none, so what is not greater is missing, less or equal."""

_WILD = "%_"
_WORDS = {slug(word): word for word in (*WORDS.values(), *(f"not {w}" for w in WORDS.values()))}


class Resolver:
    """Turns queries into rules, with what is known of one library's tags.

    `types`: key -> type, of those keys in the query that files carry. `list_words`: the words in
    the widest mood list, asked only for moods outside our vocabulary; `list_known`: all keys that
    files carry, asked only to say what might have been meant.
    """

    def __init__(
        self,
        types: Mapping[str, TagType],
        list_words: Callable[[], Collection[str]],
        list_known: Callable[[], Collection[str]],
    ) -> None:
        self.types = {**dict.fromkeys(LISTS, TEXT), **types}
        self.list_words = list_words
        self.list_known = list_known

    def resolve(self, query: Query) -> Rule:
        """The rule of a query. Raises `Invalid`."""
        return self._resolve(query, denied=False)

    def _resolve(self, query: Query, *, denied: bool) -> Rule:
        if isinstance(query, Denial):
            return self._resolve(query.part, denied=not denied)
        if isinstance(query, Junction):
            parts = tuple(self._resolve(part, denied=denied) for part in query.parts)
            return join(parts, all_of=query.all != denied)
        return self._compare(query, denied=denied)

    def _compare(self, asked: Comparison, *, denied: bool) -> Rule:
        key = SYNONYMS.get(asked.key, asked.key)
        if asked.value.truth is not None and asked.operator in {Operator.IS, Operator.IS_NOT}:
            wanted = asked.value.truth == (asked.operator is Operator.IS)
            return Condition("is" if wanted != denied else "isNot", LOOSE, self._find_mood(key))
        if self._find_type(key) == "text":
            return _compare_text(key, asked, denied=denied)
        return _compare_number(key, asked, denied=denied)

    def _find_type(self, key: str) -> TagType:
        if key in self.types:
            return self.types[key]
        if key in OWN - OURS:
            raise unreadable(
                f"`{key}` is a field of Navidrome itself, about which nothing can be told here.",
                remedy="Ask for our tags only, or add the condition to the .nsp file by hand.",
            )
        near = get_close_matches(key, self.list_known(), n=3)
        told = f"Did you mean {' or '.join(near)}?" if near else None
        raise unreadable(f"no track of this library has the tag `{key}`.", remedy=told)

    def _find_mood(self, key: str) -> str:
        """The mood that `KEY is true` speaks of."""
        labels = [label for label, known in MOOD_KEYS.items() if known == key]
        if labels and labels[0] not in NO_MOOD:
            return WORDS[labels[0]]
        name = key.removeprefix("mood_")
        if not labels and name in _WORDS:
            return _WORDS[name]
        found = [] if labels else [word for word in self.list_words() if slug(word) in {key, name}]
        if found:
            return found[0]
        raise unreadable(
            f"`{key}` is no mood, so it is neither true nor false.",
            remedy='Compare its value: >, <, is, contains. Text like "true" stands in quotes.',
        )


def list_keys(query: Query) -> Iterator[str]:
    """The keys whose types a query depends on."""
    if isinstance(query, Denial):
        yield from list_keys(query.part)
    elif isinstance(query, Junction):
        for part in query.parts:
            yield from list_keys(part)
    else:
        yield SYNONYMS.get(query.key, query.key)


def _compare_text(key: str, asked: Comparison, *, denied: bool) -> Rule:
    operator, value = asked.operator, asked.value.text
    if operator in _ORDERS:
        raise unreadable(
            f"`{key}` holds text, and `{operator}` compares numbers.",
            remedy="Use is, is not, contains or notcontains.",
        )
    if operator in {Operator.CONTAINS, Operator.NOT_CONTAINS} and set(_WILD) & set(value):
        raise unreadable(
            f"{value!r} contains % or _, which Navidrome takes for wildcards in `{operator}`.",
            remedy="Use `is`, or a part of the text without them.",
        )
    return Condition(_NAMES[_OPPOSITES[operator] if denied else operator], key, value)


def _compare_number(key: str, asked: Comparison, *, denied: bool) -> Rule:
    operator, text = asked.operator, asked.value.text
    if operator in {Operator.CONTAINS, Operator.NOT_CONTAINS}:
        raise unreadable(
            f"`{key}` holds numbers, and `{operator}` looks into text.", remedy=_NUMERIC
        )
    number = find_number(text)
    if number is None:
        raise unreadable(f"`{key}` holds numbers, and {text!r} is none.", remedy=_NUMERIC)
    if operator not in _ORDERS:
        return Condition(_NAMES[_OPPOSITES[operator] if denied else operator], key, number)
    names = (_DENIED_ORDERS if denied else _ORDERS)[operator]
    parts = tuple(Condition(name, key, name == "isMissing" or number) for name in names)
    return join(parts, all_of=False)


_NUMERIC = "Use >, <, >=, <=, =, != or is with a number, or `is true` for a mood."
