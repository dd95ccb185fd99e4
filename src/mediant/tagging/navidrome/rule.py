"""A query in Navidrome's own operators: what both the preview and the `.nsp` file are made of.

Operators and their meaning (navidrome/navidrome, `persistence/criteria_sql.go`; the same since
tags became multi-valued in `model/criteria/operators.go`, `fields.go`):

| operator      | true for a track                                                       |
|---------------|------------------------------------------------------------------------|
| `is`          | some value equals; text by its bytes, numeric tags as numbers           |
| `isNot`       | no value equals, so also where the tag is missing                       |
| `gt`, `lt`    | some value is greater, less                                             |
| `contains`    | some value has it inside, ASCII letters in any case; `%`, `_` are wild  |
| `notContains` | no value has it inside, so also where the tag is missing                |
| `isMissing`   | there is no value (Navidrome 0.62 and newer)                            |

`inTheRange` is refused for tags ("range operator not supported for tag/role field"), so `>=` and
`<=` are two comparisons joined by `any`.
"""

from dataclasses import dataclass
from typing import Literal

Name = Literal["is", "isNot", "gt", "lt", "contains", "notContains", "isMissing"]
Value = str | float | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one of our keys. A number compares as a number, text as text."""

    name: Name
    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that must all hold (`all`), or one of them."""

    all: bool
    parts: tuple["Rule", ...]


Rule = Condition | Rules


def join(parts: tuple[Rule, ...], *, all_of: bool) -> Rule:
    """One rule of several; a group within a group of the same kind is opened."""
    flat: list[Rule] = []
    for part in parts:
        same = isinstance(part, Rules) and part.all == all_of
        flat.extend(part.parts if isinstance(part, Rules) and same else [part])
    return flat[0] if len(flat) == 1 else Rules(all_of, tuple(flat))
