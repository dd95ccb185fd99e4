"""What is wished of workers, schedule and watch holds at once, and over a restart."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest
from tests.contract.house import server_environ
from tests.contract.transcriptorio.cinema import put_setting

from mediant.testing.server import RunningServer, running_server
from mediant.testing.waiting import wait_until

Start = Callable[[], AbstractContextManager[RunningServer]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts a server on the same folder, again and again."""
    (tmp_path / "films").mkdir()
    return lambda: running_server(tmp_path / "config", server_environ())


def _workers(client: httpx2.Client) -> list[str]:
    return [one["worker_id"] for one in client.get("/api/workers").raise_for_status().json()]


def test_workers_are_those_of_the_settings(start: Start) -> None:
    with start() as server, server.client() as client:
        assert _workers(client) == ["worker-cpu-0"]
        put_setting(client, "worker_auto_start_count", "2")
        wait_until(lambda: len(_workers(client)) == 2)
        put_setting(client, "worker_cpu_count", "3")
        wait_until(lambda: len(_workers(client)) == 3)
        server.stop()
    with start() as server, server.client() as client:
        assert _workers(client) == [f"worker-cpu-{n}" for n in range(3)]
        client.delete("/api/settings/worker_cpu_count").raise_for_status()
        wait_until(lambda: len(_workers(client)) == 2)
        put_setting(client, "worker_auto_start_type", "gpu")
        wait_until(lambda: _workers(client) == ["worker-gpu-0", "worker-gpu-1"])
        put_setting(client, "worker_gpu_count", "1")
        wait_until(lambda: _workers(client) == ["worker-gpu-0"])
        # Wished for, whether there is a GPU or not.
        assert client.get("/api/settings/worker_gpu_count").json()["value"] == "1"


def test_the_scanner_goes_on_after_a_restart(start: Start, tmp_path: Path) -> None:
    films = str(tmp_path / "films")
    with start() as server, server.client() as client:
        told = client.get("/api/scanner/status").json()
        assert (told["scheduler_running"], told["watcher_running"]) == (False, False)
        put_setting(client, "library_paths", films)
        put_setting(client, "auto_scan_enabled", "true")
        put_setting(client, "watcher_enabled", "true")
        wait_until(lambda: client.get("/api/scanner/status").json()["watcher_running"])
        server.stop()
    with start() as server, server.client() as client:
        wait_until(lambda: client.get("/api/scanner/status").json()["watcher_running"])
        told = client.get("/api/scanner/status").json()
        assert (told["scheduler_enabled"], told["scheduler_running"]) == (True, True)
        assert told["watched_paths"] == [films]
        assert told["next_scan_time"] is not None


def test_everything_is_logged_when_asked(start: Start) -> None:
    def lines(server: RunningServer) -> int:
        return server.log().count("job.queued {")

    with start() as server, server.client() as client:
        body = {"file_path": "/none.mkv", "target_lang": "spa"}
        client.post("/api/jobs", json=body).raise_for_status()
        assert lines(server) == 0
        put_setting(client, "debug", "true")
        wait_until(lambda: _ask_again(client, body) and lines(server) > 0)


def _ask_again(client: httpx2.Client, body: dict[str, str]) -> bool:
    return client.post("/api/jobs", json=body).is_success


def test_the_provider_alone_makes_no_jobs(start: Start, tmp_path: Path) -> None:
    """`operation_mode=provider` leaves scans to whoever asks for one."""
    with start() as server, server.client() as client:
        put_setting(client, "library_paths", str(tmp_path / "films"))
        put_setting(client, "auto_scan_enabled", "true")
        put_setting(client, "watcher_enabled", "true")
        wait_until(lambda: client.get("/api/scanner/status").json()["watcher_running"])
        put_setting(client, "operation_mode", "provider")
        wait_until(lambda: not client.get("/api/scanner/status").json()["watcher_running"])
        assert client.get("/api/scanner/status").json()["scheduler_running"] is False
        _tell_of_an_import(client, tmp_path / "films" / "A.mkv")
        put_setting(client, "operation_mode", "standalone,provider")
        wait_until(lambda: client.get("/api/scanner/status").json()["watcher_running"])


def _tell_of_an_import(client: httpx2.Client, film: Path) -> None:
    """A hook is no way around the setting, although a rule fits."""
    film.parent.mkdir(exist_ok=True)
    rule = {"name": "all", "action": {"action_type": "transcribe", "target_language": "eng"}}
    client.post("/api/scan-rules", json=rule).raise_for_status()
    event = {"eventType": "Download", "episodeFile": {"path": str(film)}}
    answers = [
        client.post("/sonarr", json={**event, "series": {"path": str(film.parent)}}),
        client.post("/batch", params={"directory": str(film.parent)}),
        client.post("/batch", params={"directory": str(film.parent), "forceLanguage": "en"}),
    ]
    told = [answer.raise_for_status().json() for answer in answers]
    assert [one["status"] for one in told] == ["ignored"] * 3
    assert all("standalone" in one["reason"] for one in told)
