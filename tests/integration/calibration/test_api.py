"""Calibration over HTTP, with real servers on both databases."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from mediant.store import Database
from mediant.testing.scores import add_head, add_library, add_tracks
from mediant.testing.server import RunningServer, running_server
from mediant.testing.wishes import wait_for

PATH = "/api/v2/tagging/calibration"
TRACKS = 300


@pytest.fixture
def environ(database: Database, database_url: str) -> dict[str, str]:
    """Settings of a server on a library of tagged tracks."""
    scores = np.random.default_rng(1).uniform(0.1, 0.6, (TRACKS, 2)).astype(np.float32)
    head_id = add_head(database, ("effnet", "mood_happy"), ["happy", "non_happy"])
    add_tracks(database, add_library(database), {head_id: scores})
    return {
        "MEDIANT_DATABASE_URL": database_url,
        "MEDIANT_CALIBRATION__ENABLED": "true",
        "MEDIANT_CALIBRATION__MIN_SAMPLES": "100",
        "MEDIANT_JOBS__CPU_WORKERS": "0",
    }


@pytest.fixture
def server(tmp_path: Path, environ: dict[str, str]) -> Iterator[RunningServer]:
    with running_server(tmp_path / "config", environ) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx2.Client]:
    with server.client() as opened:
        yield opened


def run(client: httpx2.Client) -> dict[str, Any]:
    """A whole run; its job."""
    answer = client.post(f"{PATH}/run")
    assert answer.status_code == 202
    return wait_for(client, answer.json()["job_id"])


def test_a_run_over_http(client: httpx2.Client) -> None:
    before = client.get(PATH).raise_for_status().json()
    assert before == {"enabled": True, "global_version": None, "last_run": None, "libraries": []}
    assert client.get(f"{PATH}/run").status_code == 404
    assert client.get(f"{PATH}/history").json() == {"items": []}
    assert run(client)["state"] == "done"
    found = client.get(f"{PATH}/run").raise_for_status().json()
    assert (found["version"], found["unstable_heads"]) == (1, 1)
    assert client.get(f"{PATH}/run", params={"version": 1}).json() == found
    assert client.get(f"{PATH}/run", params={"version": 2}).status_code == 404
    status = client.get(PATH).json()
    assert status["global_version"] == found["global_version"]
    assert status["libraries"][0]["outdated_count"] == TRACKS
    assert status["last_run"] == found["finished_at"]
    assert all(Path(path).is_file() for path in found["files"].values())
    (of_history,) = client.get(f"{PATH}/history", params={"model": "effnet"}).json()["items"]
    assert of_history == found["heads"][0]


def test_the_histogram_of_a_label(client: httpx2.Client) -> None:
    run(client)
    names = {"model": "effnet", "head": "mood_happy", "label": "happy"}
    found = client.get(f"{PATH}/histogram", params=names).raise_for_status().json()
    assert found["bins"] == 10_000
    assert sum(count for _, count in found["counts"]) == TRACKS == found["calibration"]["samples"]
    assert client.get(f"{PATH}/histogram", params={**names, "label": "x"}).status_code == 404
    assert client.get(f"{PATH}/histogram", params={"model": "effnet"}).status_code == 400


def test_a_killed_server_leaves_no_half_run(
    tmp_path: Path, environ: dict[str, str], database: Database
) -> None:
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        job_id = client.post(f"{PATH}/run").json()["job_id"]
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        assert wait_for(client, job_id)["state"] == "done"
        assert [one["version"] for one in client.get(f"{PATH}/history").json()["items"]] == [1]
        if database.dialect == "postgresql":
            assert "postgresql://" not in server.log()


def test_switched_off_is_forbidden(tmp_path: Path, environ: dict[str, str]) -> None:
    off = {**environ, "MEDIANT_CALIBRATION__ENABLED": "false"}
    with running_server(tmp_path / "config", off) as server, server.client() as client:
        answer = client.post(f"{PATH}/run")
        assert answer.status_code == 403
        assert answer.json()["asset"] == "calibration.enabled"
        assert client.get(PATH).json()["enabled"] is False


def test_a_run_needs_a_key_that_may_write(client: httpx2.Client, server: RunningServer) -> None:
    made = client.post("/api/v2/keys", json={"name": "reader", "scopes": ["read"]})
    with server.client(made.raise_for_status().json()["key"]) as reader:
        assert reader.get(PATH).status_code == 200
        assert reader.post(f"{PATH}/run").status_code == 403
