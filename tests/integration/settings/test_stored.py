"""Settings changed at run time."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from mediant.errors import Invalid, MediantError, Refused
from mediant.settings.names import list_names
from mediant.settings.stored import StoredSettings
from mediant.store import Database
from mediant.store.schema_access import setting


def test_a_change_is_stored_and_can_be_taken_back(database: Database) -> None:
    stored = StoredSettings(database)
    assert stored.change({"tagging.write_mode": "full", "jobs.drain_s": 3}).jobs.drain_s == 3.0
    settings = StoredSettings(database).load()
    assert (settings.tagging.write_mode, settings.jobs.drain_s) == ("full", 3.0)
    assert stored.change({"tagging.write_mode": None}).tagging.write_mode == "none"
    assert StoredSettings(database).read() == {"jobs": {"drain_s": 3}}


def test_all_or_nothing(database: Database) -> None:
    with pytest.raises(Invalid, match=r"tagging\.write_mode"):
        StoredSettings(database).change({"jobs.drain_s": 3, "tagging.write_mode": "some"})
    assert StoredSettings(database).read() == {}


@pytest.mark.parametrize("name", ["tagging.colour", "colour", "tagging", "tagging.mode.x"])
def test_unknown_names_are_invalid(database: Database, name: str) -> None:
    with pytest.raises(MediantError, match=name):
        StoredSettings(database).change({name: 1})


def test_what_is_needed_at_the_start_cannot_be_changed_here(database: Database) -> None:
    with pytest.raises(Refused, match=r"mediant\.yaml"):
        StoredSettings(database).change({"port": 1})
    assert "port" not in list_names()


@pytest.mark.parametrize(
    ("variable", "value", "by"),
    [
        ("MEDIANT_TAGGING__WRITE_MODE", "full", "MEDIANT_TAGGING__WRITE_MODE"),
        ("MEDIANT_TAGGING", '{"write_mode": "full"}', "MEDIANT_TAGGING"),
    ],
)
def test_nothing_beats_the_environment(
    database: Database, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, by: str
) -> None:
    stored = StoredSettings(database)
    stored.change({"tagging.write_mode": "minimal"})
    monkeypatch.setenv(variable, value)
    assert stored.load().tagging.write_mode == "full"
    assert "tagging.write_mode" in stored.list_locked()
    with pytest.raises(Refused, match=by):
        stored.change({"tagging.write_mode": "none"})
    assert "tagging.preset" not in stored.list_locked()


def test_the_command_line_locks_too(database: Database) -> None:
    stored = StoredSettings(database, {"tagging": {"write_mode": "full"}})
    with pytest.raises(Refused, match="command line"):
        stored.change({"tagging.write_mode": "none"})


def test_a_change_is_told_in_the_transaction_and_after_it(database: Database) -> None:
    told: list[Any] = []

    def record(tx: Connection, names: Sequence[str]) -> Callable[[], None]:
        assert tx.in_transaction()
        told.append(list(names))
        return lambda: told.append("committed")

    stored = StoredSettings(database, record=record)
    stored.change({"jobs.drain_s": 3, "tagging.preset": "fast"})
    stored.change({"jobs.drain_s": 3})
    stored.change({"jobs.drain_s": 4, "tagging.preset": "fast"})
    assert told == [["jobs.drain_s", "tagging.preset"], "committed", ["jobs.drain_s"], "committed"]


def test_what_another_version_stored_is_left_alone(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.write() as tx:
        tx.execute(insert(setting).values(key="future.thing", value="1", updated_at=0.0))
    assert StoredSettings(database).load().tagging.write_mode == "none"
    assert "future.thing" in caplog.text


def test_other_rows_are_written_with_the_settings_or_not_at_all(database: Database) -> None:
    stored = StoredSettings(database)

    def also(tx: Connection) -> None:
        tx.execute(insert(setting).values(key="tagging.write_mode", value='"full"', updated_at=0))

    stored.change({"jobs.drain_s": 3}, also)
    assert StoredSettings(database).read() == {
        "jobs": {"drain_s": 3},
        "tagging": {"write_mode": "full"},
    }

    def fail(_tx: Connection) -> None:
        raise Invalid("no")

    with pytest.raises(Invalid):
        stored.change({"jobs.drain_s": 4}, fail)
    assert stored.current().jobs.drain_s == 3
    assert StoredSettings(database).current().jobs.drain_s == 3


def test_whoever_hears_of_a_change_finds_the_new_value(database: Database) -> None:
    seen: list[float] = []

    def record(_tx: Connection, _names: Sequence[str]) -> Callable[[], None]:
        return lambda: seen.append(stored.current().jobs.drain_s)

    stored = StoredSettings(database, record=record)
    assert stored.current().jobs.drain_s == 10
    stored.change({"jobs.drain_s": 3})
    assert seen == [3]
