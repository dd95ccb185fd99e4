"""A restart by request: a real server ends in order and begins anew in the same process."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from tests.contract.house import await_workers, server_environ

from mediant.testing.media import MediaFactory
from mediant.testing.processes import is_alive
from mediant.testing.server import RunningServer, running_server
from mediant.testing.waiting import wait_until

PORTS = range(20_000, 32_000)
"""Systems hand out greater ones by themselves: nobody takes these while a server restarts."""


def _free_port() -> int:
    first = os.getpid() * 8 % len(PORTS)  # other processes of this test run begin elsewhere
    for port in (*PORTS[first:], *PORTS[:first]):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def _server_file(server: RunningServer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((server.config_dir / "server.json").read_text())
    return found


def _wait_for_new_instance(server: RunningServer, old_token: str) -> dict[str, Any]:
    def is_new() -> bool:
        assert server.process.poll() is None, server.log()
        try:
            return bool(_server_file(server)["token"] != old_token)
        except (OSError, ValueError):
            return False

    wait_until(is_new)
    return _server_file(server)


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_answers_ends_its_workers_and_begins_anew(tmp_path: Path, slash: str) -> None:
    environ = server_environ(MEDIANT_PORT=str(_free_port()), MEDIANT_JOBS__DRAIN_S="0.5")
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        await_workers(client)
        before = _server_file(server)
        songs = MediaFactory(tmp_path / "music")
        paths = [str(songs.tone(f"{n}.mp3", seconds=10)) for n in range(6)]
        workers = psutil.Process(server.process.pid).children(recursive=True)
        body = {"paths": paths}
        queued = client.post("/api/web/processing/process-files", json=body).json()["enqueued"]
        answer = client.post(f"/api/web/worker/restart{slash}")
        assert (answer.status_code, answer.json()["status"]) == (200, "success")
        assert set(answer.json()) == {"status", "message"}
        assert "restarting" in answer.json()["message"]
        after = _wait_for_new_instance(server, before["token"])
        assert (after["pid"], after["url"]) == (before["pid"], before["url"])
        assert queued == len(paths)
        assert workers
        wait_until(lambda: not any(map(is_alive, workers)))
        _wait_until_done(client, queued)


def _wait_until_done(client: httpx2.Client, queued: int) -> None:
    def depth() -> dict[str, int]:
        told: dict[str, int] = client.get("/api/web/queue/queue-depth").json()
        return told

    wait_until(lambda: depth()["depth"] == 0)
    ended = depth()
    # Without networks such jobs fail; none of them is lost.
    assert ended["completed"] + ended["errors"] == queued


def test_a_restart_puts_settings_in_force(tmp_path: Path) -> None:
    environ = server_environ(MEDIANT_PORT=str(_free_port()))
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        body = {"key": "library_auto_tag", "value": "false"}
        changed = client.post("/api/web/config", json=body).json()
        assert changed["success"] is True
        assert changed["restart_needed"] is True
        assert client.get("/api/web/config").json()["pending_restart"] == ["library_auto_tag"]
        token = _server_file(server)["token"]
        client.post("/api/web/worker/restart").raise_for_status()
        _wait_for_new_instance(server, token)
        config = client.get("/api/web/config").json()
        assert (config["library_auto_tag"], config["pending_restart"]) == (False, [])


def test_a_signal_meanwhile_ends_it_for_good(tmp_path: Path) -> None:
    environ = server_environ(MEDIANT_PORT=str(_free_port()))
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        client.post("/api/web/worker/restart").raise_for_status()
        # A late one meets a process that ends or begins, and ends it as it ends any.
        assert server.stop() in {0, -signal.SIGTERM}
