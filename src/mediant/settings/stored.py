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
from mediant.settings.secret import HIDDEN, list_addresses, list_secrets, mask_address
from mediant.settings.sources import FILE, flatten, load_settings, read_fixed
from mediant.settings.unfit import Unfit, nest, refuse, sort_stored
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
        *,
        mends: bool = False,
    ) -> None:
        """`overrides` come from the command line, as for `load_settings`. `mends`: this is for
        looking at settings and changing them; what cannot be used is left out, not refused."""
        self._database = database
        self.overrides = dict(overrides or {})
        """What the command line fixes."""
        self._record = record
        self._mends = mends
        self._current: Settings | None = None
        self._turn = threading.Lock()

    def read(self) -> dict[str, Any]:
        """The stored settings, nested, as `load_settings(stored=...)` takes them.

        What this version cannot use is left out.
        """
        return nest(self._sort()[0])

    def list_unfit(self) -> list[Unfit]:
        """The stored settings that this version cannot use."""
        return self._sort()[1]

    def load(self) -> Settings:
        """The settings from all sources.

        Raises `Invalid` for a stored value that this version forbids: to go by another one would
        be to do what nobody asked for. A stored setting that it does not know is logged.
        """
        values, unfit = self._sort()
        if not self._mends:
            for one in unfit:
                if not one.is_known:
                    _log.warning("setting %s: %s %s", one.name, one.text, one.remedy)
            refuse(unfit)
        return load_settings(self.overrides, nest(values))

    def _sort(self) -> tuple[dict[str, Any], list[Unfit]]:
        with self._database.read() as connection:
            rows = _read(connection)
        return sort_stored(rows, read_fixed(self.overrides))

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
        takes everything back. A secret, or an address with one, that is given as it is shown stays
        what it is. Raises `Refused` for a name that the environment fixes, and `Invalid` for an
        unknown name or a value that makes no sense.
        """
        locked = self.list_locked()
        foreign = {one.name for one in self.list_unfit() if not one.is_known}
        for name, value in changes.items():
            if value is not None or name not in foreign:
                _refuse_fixed(name, locked)
        changes = {n: v for n, v in changes.items() if not self._is_as_shown(n, v)}
        with self._turn:  # so that the later change is the one that stays in `_current`
            with self._database.write() as tx:
                before = _read(tx)
                _write(tx, changes)
                settings = self._load_changed(_read(tx), changes)
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

    def _is_as_shown(self, name: str, value: Any) -> bool:
        """Whether this is but what was shown of a secret. Raises `Invalid` for stars within another
        address, which stand for nothing."""
        if not isinstance(value, str) or HIDDEN not in value:
            return False
        if name in list_addresses(Settings):
            if value == mask_address(attrgetter(name)(self.current())):
                return True
            text = "The stars stand for what is not shown, so that they cannot be kept."
            raise Invalid(text, asset=f"setting {name}", remedy="Write the address whole.")
        return value == HIDDEN and name in list_secrets(Settings)

    def _load_changed(self, rows: Mapping[str, str], changes: Mapping[str, Any]) -> Settings:
        """The settings with these rows. Others than the changed may be unfit: for them what is in
        force stays so, because each must be open to be taken back on its own."""
        values, unfit = sort_stored(rows, read_fixed(self.overrides))
        for one in unfit:
            if one.name in changes:
                values[one.name] = changes[one.name]
            elif one.is_known:
                values[one.name] = attrgetter(one.name)(self.current())
        return load_settings(self.overrides, nest(values))


def _refuse_fixed(name: str, locked: Mapping[str, str]) -> None:
    if name not in list_names():
        if name in Settings.model_fields:
            text = "This is read when the server starts: set it in mediant.yaml."
            raise Refused(text, asset=f"setting {name}")
        raise Invalid("There is no such setting.", asset=f"setting {name}")
    if name in locked:
        raise Refused(f"It is set by {locked[name]}.", asset=f"setting {name}")


def _read(connection: Connection) -> dict[str, str]:
    """JSON by dotted name."""
    rows = connection.execute(select(setting.c.key, setting.c.value).order_by(setting.c.key))
    return {row.key: row.value for row in rows}


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
