"""The scan rules as rows.

Rules are made and changed by flat fields: `name`, `is_enabled`, `priority`, and the names of
`Conditions` and `Action`. Languages become ISO 639-2/T; lists are texts with commas.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from mediant.errors import NotFound, Refused
from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.store.schema_subtitles import scan_rule
from mediant.subtitles.rules.rule import Action, Conditions, Rule
from mediant.subtitles.rules.validate import (
    conditions_to_texts,
    read_action,
    read_conditions,
    read_priority,
    read_rule_name,
    warn_about,
)

_OWN = ("name", "is_enabled", "priority")
_CONDITIONS = tuple(one.name for one in fields(Conditions))
_ACTION = tuple(one.name for one in fields(Action))


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule and its times (UTC epoch seconds)."""

    rule: Rule
    created_at: float
    updated_at: float | None

    @property
    def warning(self) -> str | None:
        """What whoever saves it should be told."""
        return warn_about(self.rule.conditions)


class RuleStore:
    """Makes, changes and finds rules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_rules(self, *, enabled_only: bool = False) -> list[StoredRule]:
        """All rules, in the order in which they are asked."""
        with self._database.read() as connection:
            found = [_to_stored(row) for row in connection.execute(_ordered())]
        return [one for one in found if one.rule.is_enabled or not enabled_only]

    def get(self, rule_id: int) -> StoredRule:
        """One rule; NotFound."""
        with self._database.read() as connection:
            return _read(connection, rule_id)

    def create(self, values: Mapping[str, Any]) -> StoredRule:
        """A new rule. Invalid for a field that makes no sense, Refused for a name in use."""
        with self._database.write() as tx:
            return insert_rule(tx, values)

    def change(self, rule_id: int, values: Mapping[str, Any]) -> StoredRule:
        """Change the fields that are given; None takes a field back to its default.

        NotFound; Invalid and Refused as for `create`.
        """
        with self._database.write() as tx:
            rule = _make_rule(rule_id, {**_to_row(_read(tx, rule_id).rule), **values})
            _refuse_taken(tx, rule.name, rule_id)
            here = scan_rule.c.id == rule_id
            tx.execute(update(scan_rule).where(here).values(**_to_row(rule), updated_at=now_s()))
            return _read(tx, rule_id)

    def toggle(self, rule_id: int) -> StoredRule:
        """Switch a rule on or off; NotFound."""
        with self._database.write() as tx:
            turned = {"is_enabled": int(not _read(tx, rule_id).rule.is_enabled)}
            here = scan_rule.c.id == rule_id
            tx.execute(update(scan_rule).where(here).values(**turned, updated_at=now_s()))
            return _read(tx, rule_id)

    def remove(self, rule_id: int) -> None:
        """Forget a rule; NotFound. Jobs that it made stay."""
        with self._database.write() as tx:
            if not tx.execute(delete(scan_rule).where(scan_rule.c.id == rule_id)).rowcount:
                raise _unknown(rule_id)


def read_rules(connection: Connection) -> list[Rule]:
    """The enabled rules, in the order in which they are asked."""
    query = _ordered().where(scan_rule.c.is_enabled == 1)
    return [_to_stored(row).rule for row in connection.execute(query)]


def insert_rule(tx: Connection, values: Mapping[str, Any]) -> StoredRule:
    """As `RuleStore.create`, within a transaction."""
    rule = _make_rule(0, values)
    _refuse_taken(tx, rule.name, None)
    row = insert(scan_rule).values(**_to_row(rule), created_at=now_s())
    try:
        made = tx.scalars(row.returning(scan_rule.c.id)).one()
    except IntegrityError as taken:  # two at once, on PostgreSQL
        raise _taken(rule.name) from taken
    return _read(tx, int(made))


def _ordered() -> Any:
    return select(scan_rule).order_by(scan_rule.c.priority.desc(), scan_rule.c.id)


def _make_rule(rule_id: int, values: Mapping[str, Any]) -> Rule:
    """The checked rule of flat fields; what is absent or null has its default."""
    others = {name: value for name, value in values.items() if name not in _OWN + _ACTION}
    is_enabled = values.get("is_enabled")
    return Rule(
        rule_id,
        read_rule_name(values.get("name")),
        True if is_enabled is None else bool(is_enabled),
        read_priority("priority", values.get("priority")),
        read_conditions(others),
        read_action({name: values.get(name) for name in _ACTION}),
    )


def _to_row(rule: Rule) -> dict[str, Any]:
    own = {"name": rule.name, "is_enabled": int(rule.is_enabled), "priority": rule.priority}
    action = {name: getattr(rule.action, name) for name in _ACTION}
    return {**own, **conditions_to_texts(rule.conditions), **action}


def _to_stored(row: Row[Any]) -> StoredRule:
    values = {name: row._mapping[name] for name in (*_OWN, *_CONDITIONS, *_ACTION)}
    return StoredRule(_make_rule(row.id, values), row.created_at, row.updated_at)


def _read(connection: Connection, rule_id: int) -> StoredRule:
    row = connection.execute(select(scan_rule).where(scan_rule.c.id == rule_id)).first()
    if row is None:
        raise _unknown(rule_id)
    return _to_stored(row)


def _refuse_taken(tx: Connection, name: str, mine: int | None) -> None:
    row = tx.execute(select(scan_rule.c.id).where(scan_rule.c.name == name)).first()
    if row is not None and row.id != mine:
        raise _taken(name)


def _taken(name: str) -> Refused:
    return Refused("There is a rule of this name.", asset=name, remedy="Choose another name.")


def _unknown(rule_id: int) -> NotFound:
    return NotFound("There is no such scan rule.", asset=f"scan rule {rule_id}")
