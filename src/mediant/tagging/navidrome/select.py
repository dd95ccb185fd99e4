"""A rule as SQL over our own tables, for SQLite and PostgreSQL alike.

Each condition asks the primary key of `tag_value` for one file's values: nothing is collected, so
that a million files need no more memory than ten. Where a text must be there, the index on key
and value finds the files at once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, and_, exists, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean

from mediant.store.schema_library import file
from mediant.store.schema_tagging import tag_value
from mediant.tagging.navidrome.rule import Condition, Name, Rule, Rules, Value


class holds_text(FunctionElement[bool]):  # noqa: N801 (an SQL function)
    """Whether a text is inside another; ASCII letters in any case, like SQLite's LIKE."""

    type = Boolean()
    inherit_cache = True


@compiles(holds_text, "sqlite")
def _sqlite(element: holds_text, compiler: SQLCompiler, **options: Any) -> str:
    hay, needle = (compiler.process(part, **options) for part in element.clauses)
    return f"instr(lower({hay}), {needle}) > 0"  # its lower() knows ASCII only


@compiles(holds_text, "postgresql")
def _postgresql(element: holds_text, compiler: SQLCompiler, **options: Any) -> str:
    hay, needle = (compiler.process(part, **options) for part in element.clauses)
    return f'strpos(lower({hay} COLLATE "C"), {needle}) > 0'


def fold(text: str) -> str:
    """ASCII letters in lower case, all others as they are."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def match(rule: Rule, *, needed: bool = True) -> ColumnElement[bool]:
    """The condition on `file` that a rule is. `needed`: nothing else may replace it."""
    if isinstance(rule, Condition):
        return _match_values(rule.name, rule.key, [rule.value], needed=needed)
    groups, singles = _gather(rule)
    needed = needed and (rule.all or len(groups) + len(singles) == 1)
    parts = [_match_values(*name, values, needed=needed) for name, values in groups.items()]
    parts += [match(part, needed=needed) for part in singles]
    return and_(*parts) if rule.all else or_(*parts)


def _gather(rules: Rules) -> tuple[dict[tuple[Name, str], list[Value]], list[Rule]]:
    """Conditions that one look at a file's values answers together, and the others.

    One of several values, or none of several: forty genres cost no more than one.
    """
    together: Name = "isNot" if rules.all else "is"
    groups: dict[tuple[Name, str], list[Value]] = {}
    singles: list[Rule] = []
    for part in rules.parts:
        if isinstance(part, Condition) and part.name == together:
            groups.setdefault((part.name, part.key), []).append(part.value)
        else:
            singles.append(part)
    return groups, singles


def _match_values(
    name: Name, key: str, values: Sequence[Value], *, needed: bool
) -> ColumnElement[bool]:
    own = and_(tag_value.c.key == key, _compare(name, values))
    if needed and name == "is" and isinstance(values[0], str):
        return file.c.id.in_(select(tag_value.c.file_id).where(own))
    found = exists().where(tag_value.c.file_id == file.c.id, own)
    return ~found if name in {"isNot", "notContains", "isMissing"} else found


def _compare(name: Name, values: Sequence[Value]) -> ColumnElement[bool]:
    """What one value of a file must be."""
    if name == "isMissing":
        return true()
    value = values[0]
    if isinstance(value, str):
        if name in {"contains", "notContains"}:
            return holds_text(tag_value.c.value, fold(value))
        return tag_value.c.value.in_(values)
    if name == "gt":
        return tag_value.c.number > value
    if name == "lt":
        return tag_value.c.number < value
    return tag_value.c.number.in_(values)
