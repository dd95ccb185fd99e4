"""Stored settings that this version cannot use: the server says so, and commands mend them."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.server import running_server


def store(folder: Path, **rows: Any) -> None:
    """Rows as another version wrote them, by names with `__` for the dot."""
    made = [(name.replace("__", "."), json.dumps(value), 0) for name, value in rows.items()]
    with closing(sqlite3.connect(folder / "mediant.db")) as connection, connection:
        connection.executemany("INSERT INTO setting VALUES (?, ?, ?)", made)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Path:
    """A folder with nothing but a database."""
    folder = tmp_path_factory.mktemp("empty") / "config"
    Shell(folder, environ).well("settings", "list")
    return folder


@pytest.fixture
def spoiled(shell: Shell, empty: Path) -> Shell:
    """A folder of a version that allowed no try at all, and knew a thing of the future."""
    shutil.copytree(empty, shell.config_dir)
    store(shell.config_dir, jobs__max_tries=0, future__thing="s3cret")
    return shell


def test_the_server_says_what_where_why_and_how_to_mend_it(spoiled: Shell) -> None:
    done = spoiled("serve", "--port", 0)
    assert done.code == 2
    assert done.err.splitlines()[-1] == (
        "mediant: setting jobs.max_tries: The stored value 0 cannot be used: it is at least 1. "
        "Set MEDIANT_JOBS__MAX_TRIES, which beats it, or run: mediant settings reset jobs.max_tries"
    )
    assert "s3cret" not in done.err


def test_the_settings_are_listed_with_their_faults(spoiled: Shell) -> None:
    done = spoiled.well("settings", "list", "--changed")
    names = [line.split()[0] for line in done.out.splitlines()]
    assert {"jobs.max_tries", "future.thing"} < set(names)
    tries, thing = done.err.splitlines()
    assert tries.startswith("jobs.max_tries: The stored value 0 cannot be used: it is at least 1.")
    assert thing.startswith("future.thing: It is stored, but this version has no such setting")
    assert "s3cret" not in done.out + done.err


def test_one_is_shown(spoiled: Shell) -> None:
    one = spoiled.well("settings", "show", "jobs.max_tries", "--json").json()
    assert (one["value"], one["source"]) == (3, "default")
    assert one["fault"].endswith("mediant settings reset jobs.max_tries")


def test_the_doctor_names_them(spoiled: Shell) -> None:
    done = spoiled("doctor", "--json")
    found = {one["asset"]: one for one in done.json()["findings"] if one["check"] == "settings"}
    assert found["setting jobs.max_tries"]["level"] == "error"
    assert found["setting future.thing"]["level"] == "warning"
    assert done.code == 1


@pytest.mark.slow
def test_the_command_that_was_told_mends_it(spoiled: Shell) -> None:
    words = spoiled("jobs").err.splitlines()[-1].partition("run: mediant ")[2].split()
    assert "jobs.max_tries is 3 (default)." in spoiled.well(*words).err
    spoiled.well("jobs")


def test_a_name_of_another_version_is_taken_back(spoiled: Shell) -> None:
    assert "not stored any more" in spoiled.well("settings", "reset", "future.thing").err
    with closing(sqlite3.connect(spoiled.config_dir / "mediant.db")) as connection:
        assert connection.execute("SELECT key FROM setting").fetchall() == [("jobs.max_tries",)]


def test_a_running_server_is_mended_before_it_starts_again(tmp_path: Path) -> None:
    with running_server(tmp_path / "config") as server, server.client() as client:
        store(server.config_dir, jobs__max_tries=0, jobs__drain_s=-1)
        listed = client.get("/api/v2/system/settings/entries").json()["items"]
        assert [one["name"] for one in listed if one["fault"]] == ["jobs.max_tries", "jobs.drain_s"]
        for name in ("jobs.max_tries", "jobs.drain_s"):
            client.patch("/api/v2/system/settings", json={name: None}).raise_for_status()
        listed = client.get("/api/v2/system/settings/entries").json()["items"]
        assert not [one for one in listed if one["fault"]]
