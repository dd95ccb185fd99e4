"""A rule as the text of a smart playlist file (`.nsp`).

Form and limits: `core/playlists/parse_nsp.go` (JSON, at most 100 KB, `name` and `comment` beside
the rules), `model/criteria/json.go` (operators, nested `all` and `any`), `model/criteria/sort.go`
(several sort fields, `-` for descending) of navidrome/navidrome.
"""

import json
from collections.abc import Mapping
from typing import Any

from mediant.errors import Invalid
from mediant.kernel.paths import is_storable
from mediant.tagging.navidrome.fields import name_field
from mediant.tagging.navidrome.rule import Condition, Rule, Value

MOST_TRACKS = 10_000
LARGEST = 100 * 1024
LONGEST_NAME = 255


def write(
    rule: Rule,
    namespace: str,
    *,
    name: str,
    comment: str,
    order: Mapping[str, str],
    limit: int | None,
) -> str:
    """The JSON text. `order`: see `sort.read_sort`. Raises `Invalid` for what Navidrome refuses."""
    document: dict[str, Any] = {"name": _check_name(name), "comment": _check(comment, "comment")}
    document |= {**_top(rule, namespace), **order}
    if limit is not None:
        if not 1 <= limit <= MOST_TRACKS:
            raise Invalid(f"A playlist has 1 to {MOST_TRACKS} tracks.", asset="limit")
        document["limit"] = limit
    for indent in (2, None):  # for people, unless the indents alone would break the limit
        text = json.dumps(document, indent=indent, ensure_ascii=False)
        if len(text.encode()) <= LARGEST:
            return text
    raise Invalid("The playlist is too large for Navidrome, which reads 100 KB.", asset="comment")


def _top(rule: Rule, namespace: str) -> dict[str, Any]:
    if isinstance(rule, Condition):
        return {"all": [_part(rule, namespace)]}
    return _part(rule, namespace)


def _part(rule: Rule, namespace: str) -> dict[str, Any]:
    if isinstance(rule, Condition):
        return {rule.name: {name_field(rule.key, namespace): _plain(rule.value)}}
    return {"all" if rule.all else "any": [_part(part, namespace) for part in rule.parts]}


def _plain(value: Value) -> Value:
    """Whole numbers without a point, as people write them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _check_name(name: str) -> str:
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST_NAME:
        raise Invalid(f"A playlist's name has 1 to {LONGEST_NAME} characters.", asset="name")
    return _check(wanted, "name")


def _check(text: str, what: str) -> str:
    if not is_storable(text):
        raise Invalid(f"The {what} is not valid Unicode.", asset=what)
    return text
