"""A restart by request: a real server ends in order and begins anew in the same process."""

import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from tests.contract.house import await_workers, server_environ
from tests.contract.waiting import wait_until

from mediant.testing.media import MediaFactory
from mediant.testing.server import RunningServer, running_server

PATIENCE_S = 120.0
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
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            found = _server_file(server)
        except (OSError, ValueError):
            found = {"token": old_token}
        if found["token"] != old_token:
            return found
        assert server.process.poll() is None, server.log()
        time.sleep(0.05)
    raise AssertionError(server.log())


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
        wait_until(lambda: not [one for one in workers if one.is_running() and _is_worker(one)])
        _wait_until_done(client, queued)


def _is_worker(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _wait_until_done(client: httpx2.Client, queued: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        depth = client.get("/api/web/queue/queue-depth").json()
        if depth["depth"] == 0:
            break
        time.sleep(0.1)
    # Without networks such jobs fail; none of them is lost.
    assert depth["completed"] + depth["errors"] == queued


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
        # From a second on it meets a process that ends or begins, and ends it as any.
        assert server.stop() in {0, -signal.SIGTERM}
