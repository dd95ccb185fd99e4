"""From text to a query: the grammar, and nothing of what the tags mean. Pure.

    query := part (("AND" part)* | ("OR" part)*)
    part  := "NOT" part | "(" query ")" | KEY OP VALUE
    KEY   := ["tag:"] [namespace ":"] name
    OP    := > | < | >= | <= | = | != | is | is not | contains | notcontains
    VALUE := bare words | "quoted" | 'quoted'

Words of the grammar are read in any case. NOT binds tighter than AND and OR, which do not mix on
one level.
"""

import re
from collections.abc import Collection

from mediant.tagging.navidrome.query import (
    DEEPEST,
    MOST_COMPARISONS,
    Comparison,
    Denial,
    Junction,
    Operator,
    Query,
    Value,
    unreadable,
)
from mediant.tagging.navidrome.tokens import Token, split
from mediant.tagging.write.names import HYPHENATED

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SIGNS = {
    ">": Operator.GREATER,
    "<": Operator.LESS,
    ">=": Operator.AT_LEAST,
    "<=": Operator.AT_MOST,
    "=": Operator.IS,
    "!=": Operator.IS_NOT,
}
_JOINERS = ("and", "or")
_QUOTE_IT = "Put text that contains words of the grammar in quotes."
_FORMS = "For example: nom:mood_happy is true, tag:nom:mood_happy > 0.7"
_SPELLINGS = {key.replace("-", "_"): key for key in HYPHENATED}


def parse(text: str, namespaces: Collection[str]) -> Query:
    """The query that `text` says. `namespaces`: the prefixes that mean our tags.

    Raises `Invalid` with a sentence for everything that is no query.
    """
    return _Parser(split(text), namespaces).parse()


class _Parser:
    """One pass over the tokens. It recurses only for parentheses, which are counted."""

    def __init__(self, tokens: list[Token], namespaces: Collection[str]) -> None:
        self.tokens = tokens
        self.namespaces = namespaces
        self.at = 0
        self.depth = 0
        self.comparisons = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def parse(self) -> Query:
        query = self.query()
        if self.token.kind == "close":
            raise unreadable(f"the parenthesis at column {self.token.column} closes nothing.")
        return query

    def query(self) -> Query:
        parts, joiner = [self.part()], ""
        while self.token.says(*_JOINERS):
            word = self.take()
            if joiner and word.text.lower() != joiner:
                raise unreadable(
                    f"AND and OR stand on one level (column {word.column}).",
                    remedy="Say with parentheses what belongs together: (a AND b) OR c",
                )
            joiner = word.text.lower()
            parts.append(self.part())
        if len(parts) == 1:
            return parts[0]
        return Junction(joiner == "and", tuple(parts))

    def part(self) -> Query:
        denied = False
        while self.token.says("not"):
            self.take()
            denied = not denied
        part = self.group() if self.token.kind == "open" else self.comparison()
        return Denial(part) if denied else part

    def group(self) -> Query:
        opening = self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            raise unreadable(
                f"parentheses are nested deeper than {DEEPEST} (column {opening.column})."
            )
        query = self.query()
        if self.take().kind != "close":
            raise unreadable(f"the parenthesis at column {opening.column} is not closed.")
        self.depth -= 1
        return query

    def comparison(self) -> Comparison:
        self.comparisons += 1
        if self.comparisons > MOST_COMPARISONS:
            raise unreadable(f"it has more than {MOST_COMPARISONS} comparisons.")
        return Comparison(self.key(), self.operator(), self.value())

    def key(self) -> str:
        token = self.take()
        if token.kind != "word" or token.says(*_JOINERS):
            raise unreadable(f"a tag is missing {_where(token)}.", remedy=_FORMS)
        name = token.text.lower().removeprefix("tag:")
        space, colon, key = name.rpartition(":")
        if colon and space not in self.namespaces:
            known = ", ".join(f"`{name}:`" for name in self.namespaces)
            raise unreadable(
                f"{space!r} (column {token.column}) is no namespace here.", remedy=f"Use {known}."
            )
        if not _KEY.fullmatch(key):
            raise unreadable(f"{token.text!r} (column {token.column}) is no tag.", remedy=_FORMS)
        return _SPELLINGS.get(key, key)

    def operator(self) -> Operator:
        token = self.take()
        if token.kind == "sign":
            return _SIGNS[token.text]
        if token.says("is"):
            if self.token.says("not"):
                self.take()
                return Operator.IS_NOT
            return Operator.IS
        if token.says("contains"):
            return Operator.CONTAINS
        if token.says("notcontains") or (token.says("not") and self.token.says("contains")):
            if token.says("not"):
                self.take()
            return Operator.NOT_CONTAINS
        raise unreadable(
            f"a comparison is missing {_where(token)}.",
            remedy="There are >, <, >=, <=, =, !=, is, is not, contains and notcontains.",
        )

    def value(self) -> Value:
        token = self.take()
        if token.kind == "text":
            value = Value(token.text, quoted=True)
        elif token.kind == "word" and not token.says(*_JOINERS, "not"):
            value = Value(" ".join([token.text, *self.more_words()]))
        else:
            raise unreadable(f"a value is missing {_where(token)}.", remedy=_QUOTE_IT)
        self.check_end(value)
        if not value.text.strip():
            raise unreadable(f"the value at column {token.column} is empty.")
        return value

    def more_words(self) -> list[str]:
        words = []
        while self.token.kind == "word" and not self.token.says(*_JOINERS, *_GRAMMAR):
            words.append(self.take().text)
        return words

    def check_end(self, value: Value) -> None:
        token = self.token
        if token.kind not in {"end", "close"} and not token.says(*_JOINERS):
            raise unreadable(f"{_cite(token)} does not fit after {value.text!r}.", remedy=_QUOTE_IT)


_GRAMMAR = ("not", "is", "contains", "notcontains")


def _where(token: Token) -> str:
    return "at the end" if token.kind == "end" else f"before {_cite(token)}"


def _cite(token: Token) -> str:
    return f"{token.text!r} at column {token.column}"
