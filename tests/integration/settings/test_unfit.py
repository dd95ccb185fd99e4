"""Stored settings that this version cannot use."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert

from mediant.errors import Invalid
from mediant.settings.stored import StoredSettings
from mediant.store import Database
from mediant.store.schema_access import setting

SECRET = "s3cret-of-the-house"


def store(database: Database, rows: Mapping[str, Any]) -> None:
    """Rows as another version wrote them."""
    made = [{"key": k, "value": json.dumps(v), "updated_at": 0.0} for k, v in rows.items()]
    with database.write() as tx:
        tx.execute(insert(setting), made)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("jobs.max_tries", 0, "The stored value 0 cannot be used: it is at least 1."),
        ("tagging.write_mode", "some", "it is 'none', 'minimal' or 'full'."),
        ("subtitles.library_paths", ["/films", "tv"], "'tv' is no absolute path."),
        ("jobs.drain_s", {"of": 1}, "it is a number."),
        ("library.auto_tag", None, "it is `true` or `false`."),
    ],
)
def test_it_is_refused_with_name_value_cause_and_remedy(
    database: Database, name: str, value: Any, said: str
) -> None:
    store(database, {name: value})
    with pytest.raises(Invalid) as told:
        StoredSettings(database).load()
    text = str(told.value)
    assert text.startswith(f"setting {name}: The stored value {json.dumps(value)} cannot be used")
    assert said in text
    assert text.endswith(f"mediant settings reset {name}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subtitles.openai_key", f"{SECRET}\n\u00e9"),
        ("subtitles.openai_url", f"http://u:{SECRET}@ears"),
        ("media_servers.completion_url", f"ftp://u:{SECRET}@there/?key={SECRET}"),
        ("another.api_key", SECRET),
    ],
)
def test_no_secret_is_told(database: Database, name: str, value: str) -> None:
    store(database, {name: value})
    (one,) = StoredSettings(database).list_unfit()
    assert SECRET not in one.text + one.remedy
    assert one.name == name


def test_what_was_cut_off_is_told(database: Database) -> None:
    with database.write() as tx:
        row = {"key": "tagging.preset", "value": '"fu', "updated_at": 0.0}
        tx.execute(insert(setting).values(**row))
    with pytest.raises(Invalid, match="not valid JSON"):
        StoredSettings(database).load()
    stored = StoredSettings(database, mends=True)
    assert stored.change({"tagging.preset": None}).tagging.preset == "full"
    assert StoredSettings(database).load().tagging.preset == "full"


def test_who_mends_finds_the_rest_in_force(database: Database) -> None:
    store(database, {"jobs.max_tries": 0, "jobs.drain_s": 3, "tagging.preset": "slow"})
    stored = StoredSettings(database, mends=True)
    now = stored.current()
    assert (now.jobs.max_tries, now.jobs.drain_s, now.tagging.preset) == (3, 3.0, "full")
    assert {one.name for one in stored.list_unfit()} == {"jobs.max_tries", "tagging.preset"}
    with pytest.raises(Invalid, match="1 more: see mediant settings list"):
        StoredSettings(database).load()


def test_each_is_taken_back_or_replaced_on_its_own(database: Database) -> None:
    store(database, {"jobs.max_tries": 0, "tagging.preset": "slow"})
    stored = StoredSettings(database, mends=True)
    stored.change({"jobs.max_tries": None})
    assert [one.name for one in stored.list_unfit()] == ["tagging.preset"]
    with pytest.raises(Invalid, match="'full' or 'fast'"):
        stored.change({"tagging.preset": "slower"})
    stored.change({"tagging.preset": "fast"})
    assert StoredSettings(database).load().tagging.preset == "fast"


def test_a_server_that_runs_keeps_what_is_in_force(database: Database) -> None:
    stored = StoredSettings(database)
    stored.change({"tagging.preset": "fast"})
    store(database, {"jobs.max_tries": 0, "jobs.drain_s": -1})
    now = stored.change({"jobs.max_tries": None})
    assert (now.tagging.preset, now.jobs.max_tries, now.jobs.drain_s) == ("fast", 3, 10.0)
    assert [one.name for one in stored.list_unfit()] == ["jobs.drain_s"]


def test_the_environment_beats_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store(database, {"jobs.max_tries": 0})
    monkeypatch.setenv("MEDIANT_JOBS__MAX_TRIES", "5")
    stored = StoredSettings(database)
    assert stored.load().jobs.max_tries == 5
    assert stored.list_unfit() == []


def test_what_no_setting_is_named_like_is_taken_back(database: Database) -> None:
    store(database, {"future.thing": 1})
    stored = StoredSettings(database)
    assert [one.is_known for one in stored.list_unfit()] == [False]
    assert stored.load() == stored.change({})
    for change in ({"future.thing": 2}, {"future.other": None}):
        with pytest.raises(Invalid, match="no such setting"):
            stored.change(change)
    stored.change({"future.thing": None})
    assert stored.list_unfit() == []
