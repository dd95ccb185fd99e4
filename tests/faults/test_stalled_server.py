"""A server whose database is taken away, or kept from it by another program."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from mediant.testing.server import RunningServer, running_server
from mediant.testing.waiting import PATIENCE_S, wait_until

WRITERS = 45
"""More than the server has threads for requests."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path / "config") as running:
        yield running


def _move(source: Path, target: Path, *, is_back: bool = False) -> None:
    """The file itself goes first and comes back last: nobody opens it without its journal."""
    target.mkdir(exist_ok=True)
    for one in sorted(source.glob("mediant.db*"), reverse=is_back):
        one.rename(target / one.name)


def _add_map(client: httpx2.Client, name: str) -> httpx2.Response:
    return client.post("/api/v2/libraries/path-maps", json={"theirs": name, "ours": "/media"})


def test_a_database_that_is_gone_is_said_and_nothing_is_lost(
    server: RunningServer, tmp_path: Path
) -> None:
    folder, away = server.config_dir, tmp_path / "away"
    with server.client() as client, server.client(key=None) as anybody:
        assert _add_map(client, "/before").status_code == 201
        _move(folder, away)
        health = anybody.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
        (problem,) = (one for one in health.json()["problems"] if "mediant.db" in one)
        assert "is gone from its place" in problem
        assert str(tmp_path) not in health.text
        for refused in (_add_map(client, "/lost"), client.post("/api/v2/keys", json={"name": "x"})):
            body = refused.json()
            assert (refused.status_code, body["code"]) == (503, "database_gone")
            assert (body["asset"], bool(body["remedy"])) == ("mediant.db", True)
        wait_until(lambda: "The database does not answer" in server.log())
        assert not (folder / "mediant.db").exists()
        _move(away, folder, is_back=True)
        wait_until(lambda: "Well again: database" in server.log())
        wait_until(lambda: anybody.get("/health").status_code == 200)
        maps = client.get("/api/v2/libraries/path-maps").json()["items"]
        assert [one["theirs"] for one in maps] == ["/before"]
        assert _add_map(client, "/after").status_code == 201


def test_a_backup_that_is_moved_into_place_is_not_written_to(
    server: RunningServer, tmp_path: Path
) -> None:
    folder = server.config_dir
    with server.client() as client:
        assert _add_map(client, "/before").status_code == 201
        backup = tmp_path / "backup.db"
        with (
            closing(sqlite3.connect(folder / "mediant.db")) as current,
            closing(sqlite3.connect(backup)) as copy,
        ):
            current.backup(copy)
        _move(folder, tmp_path / "away")
        backup.rename(folder / "mediant.db")
        before = (folder / "mediant.db").read_bytes()
        assert client.get("/health").status_code == 503
        assert _add_map(client, "/lost").json()["code"] == "database_gone"
        assert server.stop() == 0
        assert (folder / "mediant.db").read_bytes() == before
    with running_server(folder) as again, again.client() as client:
        maps = client.get("/api/v2/libraries/path-maps").json()["items"]
        assert [one["theirs"] for one in maps] == ["/before"]


def test_many_who_wait_to_write_keep_nobody_from_reading(server: RunningServer) -> None:
    other = sqlite3.connect(server.config_dir / "mediant.db", PATIENCE_S, isolation_level=None)
    with server.client() as client, ThreadPoolExecutor(WRITERS) as pool:
        assert client.get("/api/v2/libraries").status_code == 200
        other.execute("BEGIN IMMEDIATE")
        asked = [pool.submit(_add_map, client, f"/{n}") for n in range(WRITERS)]
        for path in ("/health", "/status", "/ready", "/api/v2/libraries"):
            assert client.get(path).status_code == 200
        assert not any(one.done() for one in asked)
        other.execute("ROLLBACK")
        assert {one.result().status_code for one in asked} == {201}
    other.close()
