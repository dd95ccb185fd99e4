"""The settings of subtitles behind their API: found, changed and made by key, as texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from mediant.errors import Invalid, NotFound, Refused
from mediant.kernel.clock import now_s, to_datetime
from mediant.settings.model import Settings
from mediant.settings.stored import StoredSettings
from mediant.store import Database
from mediant.store.schema_subtitles import family_setting, subtitle_scan
from mediant.subtitles.scanning.scan_rows import PASSING
from mediant.subtitles.settings_keys import (
    BOOT,
    VALUE_TYPES,
    SettingKey,
    list_keys,
    read_value,
    show_text,
    to_text,
    to_value,
)

_row = family_setting.c


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """One setting. Times are UTC epoch seconds; a secret's `value` is hidden."""

    id: int
    key: str
    value: str
    description: str
    category: str
    value_type: str
    created_at: float
    updated_at: float | None


class SubtitleSettings:
    """Mediant's own keys, kept in `StoredSettings`, and those that users made for themselves."""

    def __init__(self, database: Database, stored: StoredSettings) -> None:
        self._database = database
        self._stored = stored
        self._keys = {one.key: one for one in list_keys()}

    def list_settings(self, category: str | None = None) -> list[SettingEntry]:
        """All settings, or those of a category; none for an unknown one."""
        self.init_defaults()
        with self._database.read() as connection:
            rows = {row.key: row for row in connection.execute(select(family_setting))}
            counted = _count(connection)
        own = [self._show(one, rows[one.key], counted) for one in self._keys.values()]
        made = [_show_custom(row) for row in sorted(rows.values(), key=_id) if _is_custom(row)]
        return [one for one in own + made if category in (None, one.category)]

    def get(self, key: str) -> SettingEntry:
        """One setting; NotFound."""
        for entry in self.list_settings():
            if entry.key == key:
                return entry
        raise _unknown(key)

    def put(self, key: str, value: str) -> SettingEntry:
        """Change one setting.

        NotFound for an unknown key, Invalid for a value that does not fit, Refused where the
        value is counted, read at the start, or fixed by the environment.
        """
        with self._database.read() as connection:
            custom = _find_custom(connection, key)
        if key not in self._keys and custom is None:
            raise _unknown(key)
        self.change({key: value})
        return self.get(key)

    def change(self, values: Mapping[str, str]) -> int:
        """Change several, all or nothing; how many. Invalid lists every unknown key and every
        value that does not fit; Refused as for `put`."""
        with self._database.read() as connection:
            made = {row.key: row for row in connection.execute(_customs())}
        wrong: list[str] = []
        own: dict[str, Any] = {}
        custom: dict[str, str] = {}
        for key, text in values.items():
            try:
                if key in made:
                    to_value(key, made[key].value_type, text)
                    custom[key] = text
                else:
                    own[key] = read_value(self._changeable(key), text)
            except (Invalid, NotFound) as error:
                wrong.append(str(error))
        if wrong:
            raise Invalid(" ".join(wrong))
        self._write(own, custom)
        return len(values)

    def create(
        self,
        key: str,
        value: str,
        *,
        description: str | None = None,
        category: str = "general",
        value_type: str = "string",
    ) -> SettingEntry:
        """A setting of the user's own; Mediant only keeps it. Refused for a key that is there."""
        if not key.strip() or key != key.strip():
            raise Invalid("A setting needs a key without spaces around it.")
        if value_type not in VALUE_TYPES:
            raise Invalid(f"{value_type!r} is none of {', '.join(VALUE_TYPES)}.", asset=key)
        to_value(key, value_type, value)
        texts = {"value": value, "description": description, "value_type": value_type}
        with self._database.write() as tx:
            if key in self._keys or _find_custom(tx, key) is not None:
                raise Refused("There is a setting of this name.", asset=key)
            row = {"key": key, "category": category, "created_at": now_s(), **texts}
            tx.execute(insert(family_setting).values(**row))
        return self.get(key)

    def remove(self, key: str) -> None:
        """Forget a user's own setting, or take one of Mediant's back to its default. NotFound."""
        if key in self._keys:
            self._write({self._changeable(key).key: None}, {})
            return
        with self._database.write() as tx:
            if not tx.execute(delete(family_setting).where(_row.key == key)).rowcount:
                raise _unknown(key)

    def init_defaults(self) -> int:
        """Number the keys that have no number yet; how many. What is set stays."""
        with self._database.read() as connection:
            known = set(connection.execute(select(_row.key)).scalars())
        if known.issuperset(self._keys):
            return 0
        with self._database.write() as tx:
            known = set(tx.execute(select(_row.key)).scalars())
            fresh = [key for key in self._keys if key not in known]
            rows = [{"key": key, "created_at": now_s()} for key in fresh]
            if rows:
                tx.execute(insert(family_setting), rows)
        return len(rows)

    def _write(self, own: Mapping[str, Any], custom: Mapping[str, str]) -> None:
        self.init_defaults()

        def also(tx: Connection) -> None:
            note_changed(tx, [*own, *custom])
            for key, text in custom.items():
                tx.execute(update(family_setting).where(_row.key == key).values(value=text))

        try:
            self._stored.change({self._keys[key].name: value for key, value in own.items()}, also)
        except Refused as fixed:
            raise Refused(fixed.text, asset=(fixed.asset or "").rpartition(".")[2]) from fixed

    def _changeable(self, key: str) -> SettingKey:
        found = self._keys.get(key)
        if found is None:
            raise _unknown(key)
        if key in BOOT:
            field = key.removeprefix("api_")
            text = f"This is read when the server starts: set `{field}` in mediant.yaml."
            raise Refused(text, asset=key)
        if found.is_read_only:
            raise Refused("This is counted, not set.", asset=key)
        return found

    def _show(self, one: SettingKey, row: Row[Any], counted: Mapping[str, str]) -> SettingEntry:
        value = counted.get(one.key)
        if value is None:
            value = _value_of(one, self._stored.current())
        return SettingEntry(
            row.id,
            one.key,
            value,
            one.description,
            one.category,
            one.value_type,
            row.created_at,
            row.updated_at,
        )


def note_changed(tx: Connection, keys: list[str]) -> None:
    """Let the keys tell when they were changed."""
    if keys:
        mine = update(family_setting).where(_row.key.in_(keys))
        tx.execute(mine.values(updated_at=now_s()))


def _value_of(one: SettingKey, settings: Settings) -> str:
    if one.key in BOOT:
        return to_text(getattr(settings, one.key.removeprefix("api_")))
    return show_text(one.key, to_text(getattr(settings.subtitles, one.key)))


def _count(connection: Connection) -> dict[str, str]:
    """The counters. A look at single new files is no scan."""
    columns = subtitle_scan.c
    query = select(
        func.count(), func.coalesce(func.sum(columns.scanned), 0), func.max(columns.started_at)
    ).where(columns.origin.not_in(PASSING))
    scans, files, last = connection.execute(query).one()
    return {
        "scanner_scan_count": str(scans),
        "scanner_total_files_scanned": str(files),
        "scanner_last_scan_time": "" if last is None else _to_text(last),
    }


def _to_text(moment: float) -> str:
    """As the API writes every time: UTC, without offset."""
    return to_datetime(moment).replace(tzinfo=None, microsecond=0).isoformat()


def _customs() -> Any:
    return select(family_setting).where(_row.value.is_not(None))


def _find_custom(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(_customs().where(_row.key == key)).first()


def _is_custom(row: Row[Any]) -> bool:
    return row.value is not None


def _id(row: Row[Any]) -> int:
    return int(row.id)


def _show_custom(row: Row[Any]) -> SettingEntry:
    return SettingEntry(
        row.id,
        row.key,
        row.value,
        row.description or "",
        row.category,
        row.value_type,
        row.created_at,
        row.updated_at,
    )


def _unknown(key: str) -> NotFound:
    return NotFound("There is no such setting.", asset=key)
