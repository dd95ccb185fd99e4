"""Settings that were changed at run time: the `setting` table."""

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from mediant.errors import Invalid, Refused
from mediant.kernel.clock import now_s
from mediant.settings.model import Settings
from mediant.settings.names import env_name, find_variable, list_names
from mediant.settings.secret import HIDDEN, list_secrets
from mediant.settings.sources import FILE, flatten, load_settings, read_fixed
from mediant.settings.yaml_file import read_yaml
from mediant.store import Database
from mediant.store.schema_access import setting

Record = Callable[[Connection, Sequence[str]], Callable[[], None]]
"""Told of the changed names inside the transaction; what it returns is called after the commit."""

COMMAND_LINE = "the command line"

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
        self.overrides = dict(overrides or {})
        """What the command line fixes."""
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
        return load_settings(self.overrides, self.read())

    def current(self) -> Settings:
        """The settings as they are now: those of the last `change`, without a look at the table."""
        found = self._current
        if found is None:
            found = self._current = self.load()
        return found

    def list_locked(self) -> dict[str, str]:
        """The names that cannot be changed here, and what fixes each."""
        given = flatten(self.overrides)
        return {
            name: COMMAND_LINE
            if name in given
            else find_variable(name, os.environ) or env_name(name)
            for name in flatten(read_fixed(self.overrides))
        }

    def read_file(self) -> dict[str, Any]:
        """What mediant.yaml says now, by dotted names; a section without lines is left out."""
        return flatten(read_yaml(self.current().config_dir / FILE))

    def change(
        self, changes: Mapping[str, Any], also: Callable[[Connection], object] | None = None
    ) -> Settings:
        """Store new values and give the settings that result; None takes a value back.

        All or nothing, together with what `also` writes in the same transaction; what it raises
        takes everything back. A secret that is given as it is shown stays what it is. Raises
        `Refused` for a name that the environment fixes, and `Invalid` for an unknown name or a
        value that makes no sense.
        """
        locked = self.list_locked()
        for name in changes:
            _refuse_fixed(name, locked)
        secrets = list_secrets(Settings)
        changes = {n: v for n, v in changes.items() if not (n in secrets and v == HIDDEN)}
        with self._turn:  # so that the later change is the one that stays in `_current`
            with self._database.write() as tx:
                before = _read(tx)
                _write(tx, changes)
                after = _read(tx)
                settings = load_settings(self.overrides, _nest(after))
                _write(tx, _typed(changes, settings))
                after = _read(tx)
                changed = sorted(n for n in changes if before.get(n) != after.get(n))
                if also is not None:
                    also(tx)
                finish = self._record(tx, changed) if self._record and changed else None
            self._current = settings
        if finish is not None:  # whoever hears of it finds the new ones
            finish()
        return settings


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


def _typed(changes: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Texts that stand for something else, such as `3`, as what they stand for."""
    found = {}
    for name, value in changes.items():
        if isinstance(value, str):
            typed = attrgetter(name)(settings)
            if isinstance(typed, (bool, int, float, list)):
                found[name] = typed
    return found


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        section, _, key = name.partition(".")
        nested.setdefault(section, {})[key] = value
    return nested
