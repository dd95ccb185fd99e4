"""Settings that were changed at run time: the `setting` table."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, delete, insert, select, update

from mediant.errors import Invalid, Refused
from mediant.kernel.clock import now_s
from mediant.settings.model import Settings
from mediant.settings.sources import load_settings
from mediant.store import Database
from mediant.store.schema_access import setting

Record = Callable[[Connection, Sequence[str]], Callable[[], None]]
"""Told of the changed names inside the transaction; what it returns is called after the commit."""

_log = logging.getLogger(__name__)


class StoredSettings:
    """Reads and changes them. Names are dotted: `tagging.write_mode`.

    Only what stands in a section can be changed at run time; the others (addresses, folders) are
    needed before the database is open. Nothing beats the environment.
    """

    def __init__(
        self,
        database: Database,
        overrides: Mapping[str, Any] | None = None,
        record: Record | None = None,
    ) -> None:
        """`overrides` come from the command line, as for `load_settings`."""
        self._database = database
        self._overrides = dict(overrides or {})
        self._record = record
        self._current: Settings | None = None
        self._turn = threading.Lock()

    def read(self) -> dict[str, Any]:
        """The stored settings, nested, as `load_settings(stored=...)` takes them.

        What this version does not know (another version wrote it) is left out, and logged.
        """
        with self._database.read() as connection:
            return _nest(_read(connection))

    def load(self) -> Settings:
        """The settings from all sources."""
        return load_settings(self._overrides, self.read())

    def current(self) -> Settings:
        """The settings as they are now: those of the last `change`, without a look at the table."""
        found = self._current
        if found is None:
            found = self._current = self.load()
        return found

    def list_locked(self) -> dict[str, str]:
        """The names that cannot be changed here, and what fixes each."""
        boot = Settings(**self._overrides).model_dump(exclude_unset=True)
        given = set(_flatten(self._overrides))
        return {
            name: "the command line" if name in given else env_name(name)
            for name, _ in _flatten(boot).items()
        }

    def change(
        self, changes: Mapping[str, Any], also: Callable[[Connection], object] | None = None
    ) -> Settings:
        """Store new values and give the settings that result; None takes a value back.

        All or nothing, together with what `also` writes in the same transaction; what it raises
        takes everything back. Raises `Refused` for a name that the environment fixes, and
        `Invalid` for an unknown name or a value that makes no sense.
        """
        locked = self.list_locked()
        for name in changes:
            _refuse_fixed(name, locked)
        with self._turn:  # so that the later change is the one that stays in `_current`
            with self._database.write() as tx:
                before = _read(tx)
                _write(tx, changes)
                after = _read(tx)
                settings = load_settings(self._overrides, _nest(after))
                changed = sorted(n for n in changes if before.get(n) != after.get(n))
                if also is not None:
                    also(tx)
                finish = self._record(tx, changed) if self._record and changed else None
            self._current = settings
        if finish is not None:  # whoever hears of it finds the new ones
            finish()
        return settings


def env_name(name: str) -> str:
    """The environment's variable of a dotted name."""
    return "MEDIANT_" + name.upper().replace(".", "__")


def list_names() -> list[str]:
    """Every name that can be changed at run time."""
    return [
        f"{section}.{name}"
        for section, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for name in field.annotation.model_fields
    ]


def _refuse_fixed(name: str, locked: Mapping[str, str]) -> None:
    if name not in list_names():
        if name in Settings.model_fields:
            text = "This is read when the server starts: set it in mediant.yaml."
            raise Refused(text, asset=f"setting {name}")
        raise Invalid("There is no such setting.", asset=f"setting {name}")
    if name in locked:
        raise Refused(f"It is set by {locked[name]}.", asset=f"setting {name}")


def _read(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(select(setting.c.key, setting.c.value)).all()
    known = set(list_names())
    for row in rows:
        if row.key not in known:
            _log.warning("The stored setting %s is unknown to this version and ignored.", row.key)
    return {row.key: json.loads(row.value) for row in rows if row.key in known}


def _write(tx: Connection, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        mine = setting.c.key == name
        if value is None:
            tx.execute(delete(setting).where(mine))
            continue
        row = {"value": json.dumps(value), "updated_at": now_s()}
        if not tx.execute(update(setting).where(mine).values(**row)).rowcount:
            tx.execute(insert(setting).values(key=name, **row))


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        section, _, key = name.partition(".")
        nested.setdefault(section, {})[key] = value
    return nested


def _flatten(nested: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_pairs(nested))


def _pairs(nested: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{below}", each) for below, each in _pairs(value))
        else:
            yield name, value
