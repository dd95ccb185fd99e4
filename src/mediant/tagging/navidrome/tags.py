"""The tags of this library as Navidrome can use them: their types, and what they hold.

A key is a number there only if every file has one plain number under it: Navidrome splits text
only (`model/tag_mappings.go`), so that several numbers joined in an ID3v2.3 tag would be dropped
(`sanitize` in `model/metadata/metadata.go`). Scores, tempo and energy are always numbers; versions
never are, even if all their characters are digits.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Select,
    cast,
    exists,
    func,
    literal,
    select,
)

from mediant.store.schema_library import file
from mediant.store.schema_tagging import tag_value
from mediant.tagging.counted import is_present
from mediant.tagging.moods import LISTS
from mediant.tagging.vocabulary import CALIBRATION_KEY, MOOD_KEYS, VERSION_KEY

if TYPE_CHECKING:
    from mediant.tagging.analytics.decimals import Decimals

TagType = Literal["text", "int", "float"]

NUMBERS = frozenset({*MOOD_KEYS.values(), "bpm", "energy"})
TEXTS = frozenset({*LISTS, "genre", "era", "key", VERSION_KEY, CALIBRATION_KEY})

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class NavidromeTag:
    """One of our keys that files of this library carry.

    `key` has no namespace. `is_multivalue`: some file holds several values. `summary`: one line
    for people. `files`: how many files carry the key.
    """

    key: str
    type: TagType
    is_multivalue: bool
    summary: str
    files: int


def find_number(text: str) -> float | None:
    """The number that both databases and Navidrome read in a text, or None."""
    number = float(text) if _NUMBER.fullmatch(text) else None
    return number if number is not None and isfinite(number) else None


def list_tags(connection: Connection) -> list[NavidromeTag]:
    """Every key that present files carry, sorted."""
    from mediant.tagging.analytics.decimals import measure_carried  # noqa: PLC0415 (numpy)

    carried = measure_carried(connection)
    return [
        _describe_decimals(key, carried.decimals[key])
        if key in carried.decimals and key not in TEXTS
        else _describe(connection, key, files)
        for key, files in sorted(carried.files.items())
    ]


def _describe_decimals(key: str, one: "Decimals") -> NavidromeTag:
    summary = _tell_range(one.least, one.most, one.mean)
    return NavidromeTag(key, "float", False, summary, one.files)


def _describe(connection: Connection, key: str, files: int) -> NavidromeTag:
    if key in NUMBERS:
        return _describe_numbers(connection, key, "float")
    values = _count_values(connection, key)
    many = sum(values.values()) > files
    kind: TagType = "text" if many or key in TEXTS else _decide_by_values(values)
    if kind != "text":
        return _describe_numbers(connection, key, kind)
    return NavidromeTag(key, kind, many, _summarise(values), files)


def _describe_numbers(connection: Connection, key: str, kind: TagType) -> NavidromeTag:
    number: ColumnElement[float] = tag_value.c.number
    if connection.dialect.name == "sqlite":
        number = cast(tag_value.c.value, Double)  # the index on key and value alone answers this
    told = func.count(), func.min(number), func.max(number), func.avg(number)
    files, least, most, mean = connection.execute(_of(connection, key, *told)).one()
    return NavidromeTag(key, kind, False, _tell_range(least, most, mean), files)


def _tell_range(least: float, most: float, mean: float) -> str:
    return f"{least:.4g} to {most:.4g}, average {mean:.4g}"


def read_types(connection: Connection, keys: Iterable[str]) -> dict[str, TagType]:
    """The types of those of `keys` that present files carry."""
    types: dict[str, TagType] = {}
    for key in sorted(set(keys)):
        if connection.execute(_of(connection, key, literal(1)).limit(1)).first() is not None:
            types[key] = _decide(connection, key)
    return types


def list_keys(connection: Connection) -> list[str]:
    """The keys of present files, sorted."""
    keys: list[str] = []
    present = _present(connection)
    while True:  # from key to key along the index, instead of over all rows
        after = keys[-1] if keys else ""
        first = select(func.min(tag_value.c.key)).where(tag_value.c.key > after, present)
        key = connection.execute(first).scalar()
        if key is None:
            return sorted(keys)
        keys.append(key)


def list_values(connection: Connection, key: str) -> list[str]:
    """The different values of a key in present files, sorted."""
    return sorted(connection.scalars(_of(connection, key, tag_value.c.value).distinct()))


def _of(connection: Connection, key: str, *columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).where(tag_value.c.key == key, _present(connection))


def _present(connection: Connection) -> ColumnElement[bool]:
    """Whether the file of a tag is there; Navidrome passes over those that are not."""
    return is_present(connection, tag_value.c.file_id)


def _decide(connection: Connection, key: str) -> TagType:
    if key in NUMBERS:
        return "float"
    if key in TEXTS:
        return "text"
    values = _count_values(connection, key)
    if sum(values.values()) > _count_files(connection, key):
        return "text"
    return _decide_by_values(values)


def _decide_by_values(values: Collection[str]) -> TagType:
    if any(find_number(value) is None for value in values):
        return "text"
    return "int" if all(map(_INTEGER.fullmatch, values)) else "float"


def _count_values(connection: Connection, key: str) -> dict[str, int]:
    """How many files have each value."""
    counted = _of(connection, key, tag_value.c.value, func.count().label("files"))
    grouped = connection.execute(counted.group_by(tag_value.c.value))
    return {row.value: row.files for row in grouped}


def _count_files(connection: Connection, key: str) -> int:
    """How many present files have the key, once each."""
    carried = exists().where(tag_value.c.file_id == file.c.id, tag_value.c.key == key)
    counted = select(func.count()).select_from(file).where(file.c.state == "present", carried)
    return int(connection.execute(counted).scalar_one())


def _summarise(values: Mapping[str, int]) -> str:
    """How many values, and the most frequent ones."""
    ranked = sorted(values, key=lambda value: (-values[value], value))
    told = ", ".join(f"{value} ({values[value]})" for value in ranked[:_MOST_TOLD])
    more = ", …" if len(ranked) > _MOST_TOLD else ""
    return f"{len(ranked)} value{'' if len(ranked) == 1 else 's'}: {told}{more}"
