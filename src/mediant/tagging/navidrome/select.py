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
        return _match_key([rule], needed=needed)
    groups, singles = _gather(rule)
    needed = needed and (rule.all or len(groups) + len(singles) == 1)
    parts = [_match_key(conditions, needed=needed) for conditions in groups.values()]
    parts += [match(part, needed=needed) for part in singles]
    return and_(*parts) if rule.all else or_(*parts)


def _gather(rules: Rules) -> tuple[dict[str, list[Condition]], list[Rule]]:
    """Conditions that one look at a file's values of a key answers together, and the others.

    Any of what a file has, or none of what it lacks: forty genres cost no more than one, and "at
    least" no more than "more than".
    """
    groups: dict[str, list[Condition]] = {}
    singles: list[Rule] = []
    for part in rules.parts:
        if isinstance(part, Condition) and (part.name in _DENIALS) == rules.all:
            groups.setdefault(part.key, []).append(part)
        else:
            singles.append(part)
    return groups, singles


def _match_key(conditions: Sequence[Condition], *, needed: bool) -> ColumnElement[bool]:
    """Conditions on one key: that any of them holds, or, if they are denials, that all do."""
    by_name: dict[Name, list[Value]] = {}
    for one in conditions:
        by_name.setdefault(one.name, []).append(one.value)
    compared = or_(*(_compare(name, values) for name, values in by_name.items()))
    own = and_(tag_value.c.key == conditions[0].key, compared)
    if needed and all(one.name == "is" and isinstance(one.value, str) for one in conditions):
        return file.c.id.in_(select(tag_value.c.file_id).where(own))
    found = exists().where(tag_value.c.file_id == file.c.id, own)
    return ~found if conditions[0].name in _DENIALS else found


def _compare(name: Name, values: Sequence[Value]) -> ColumnElement[bool]:
    """What one value of a file must be: any of these."""
    if name == "isMissing":
        return true()
    if name in {"gt", "lt"}:
        number = tag_value.c.number
        return or_(*(number > value if name == "gt" else number < value for value in values))
    if not isinstance(values[0], str):
        return tag_value.c.number.in_(values)
    if name in {"contains", "notContains"}:
        texts = (fold(str(value)) for value in values)
        return or_(*(holds_text(tag_value.c.value, text) for text in texts))
    return tag_value.c.value.in_(values)


_DENIALS = frozenset({"isNot", "notContains", "isMissing"})
"""What a file must lack."""
