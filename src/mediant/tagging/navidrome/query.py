"""A query as it was understood: comparisons, joined by AND or OR, and denied by NOT. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from mediant.errors import Invalid

LONGEST = 4096
DEEPEST = 5
MOST_COMPARISONS = 200
"""SQLite, here and in Navidrome, refuses conditions that are nested 1,000 deep."""


class Operator(StrEnum):
    """How a query compares a tag with a value."""

    GREATER = ">"
    LESS = "<"
    AT_LEAST = ">="
    AT_MOST = "<="
    IS = "is"
    IS_NOT = "is not"
    CONTAINS = "contains"
    NOT_CONTAINS = "notcontains"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands right of an operator. In quotes it is text, whatever it looks like."""

    text: str
    quoted: bool = False

    @property
    def truth(self) -> bool | None:
        """What `true` and `false` without quotes mean; None for all else."""
        return None if self.quoted else {"true": True, "false": False}.get(self.text.lower())


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison. `key` is lower case and has no namespace."""

    key: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Junction:
    """Parts that must all be true (`all`), or one of them."""

    all: bool
    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """The opposite of a part."""

    part: "Query"


Query = Comparison | Junction | Denial


def unreadable(why: str, *, remedy: str | None = None) -> Invalid:
    """The error to raise: this query makes no sense, and why."""
    return Invalid(f"Invalid playlist query: {why}", remedy=remedy)
