"""Workers: what the documents leave open, and what programs before did wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.transcriptorio.cinema import Cinema

HAS_GPU = any(Path("/dev").glob("nvidia[0-9]*"))
FAR_GPU = 900
PATIENCE = {"timeout": 60}


@pytest.fixture(scope="module")
def settled(cinema: Cinema) -> None:
    """No worker comes or goes any more for what other tests wished by settings.

    One thread removes workers, then looks at the settings: whoever saw it remove twice knows that
    it has looked in between.
    """
    with cinema.client() as client:
        for _ in range(2):
            name = _add(client, worker_type="cpu")["worker_id"]
            client.delete(f"/api/workers/{name}", params=PATIENCE).raise_for_status()


@pytest.fixture
def pool(settled: None, visitor: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client of a server without any speech worker; none is left over."""
    visitor.post("/api/workers/pool/stop", params=PATIENCE).raise_for_status()
    _remove_all(visitor)
    yield visitor
    _remove_all(visitor)


def _remove_all(client: httpx2.Client) -> None:
    for worker in client.get("/api/workers").json():
        client.delete(f"/api/workers/{worker['worker_id']}", params=PATIENCE)


def _add(client: httpx2.Client, **wish: Any) -> dict[str, Any]:
    answer = client.post("/api/workers", json=wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_ids_are_the_smallest_free_and_name_one_worker(pool: httpx2.Client) -> None:
    names = [_add(pool, worker_type="cpu")["worker_id"] for _ in range(3)]
    assert names == ["worker-cpu-0", "worker-cpu-1", "worker-cpu-2"]
    pool.delete("/api/workers/worker-cpu-1").raise_for_status()
    assert pool.get("/api/workers/worker-cpu-1").status_code == 404
    assert _add(pool, worker_type="CPU")["worker_id"] == "worker-cpu-1"
    assert sorted(one["worker_id"] for one in pool.get("/api/workers").json()) == names


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"worker_type": ""},
        {"worker_type": "tpu"},
        {"worker_type": "gpu"},
        {"worker_type": "gpu", "device_id": None},
        {"worker_type": "gpu", "device_id": -1},
        {"worker_type": "gpu", "device_id": "first"},
        {"worker_type": 3},
    ],
)
def test_a_senseless_worker_is_refused(pool: httpx2.Client, wish: dict[str, Any]) -> None:
    answer = pool.post("/api/workers", json=wish)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    assert pool.get("/api/workers").json() == []


def test_a_gpu_that_is_not_there_is_an_error_to_be_seen(pool: httpx2.Client) -> None:
    made = _add(pool, worker_type="GPU", device_id=FAR_GPU)
    assert (made["worker_type"], made["device_id"], made["status"]) == ("gpu", FAR_GPU, "error")
    assert made["error"]
    stats = pool.get("/api/workers/stats").json()
    assert (stats["gpu_workers"], stats["error_workers"]) == (1, 1)
    assert pool.get(f"/api/workers/{made['worker_id']}").json()["status"] == "error"


def test_an_unknown_worker_is_not_found(pool: httpx2.Client) -> None:
    for name in ("worker-cpu-77", "speech-1", "abc"):
        assert pool.get(f"/api/workers/{name}").status_code == 404
        assert pool.delete(f"/api/workers/{name}").status_code == 404


@pytest.mark.parametrize("timeout", ["-1", "soon", "1e9", "nan"])
def test_a_senseless_timeout_is_refused(pool: httpx2.Client, timeout: str) -> None:
    for method, path in (
        ("DELETE", "/api/workers/worker-cpu-0"),
        ("POST", "/api/workers/pool/stop"),
    ):
        assert pool.request(method, path, params={"timeout": timeout}).status_code == 400


def test_starting_the_pool_brings_it_up_and_never_down(pool: httpx2.Client) -> None:
    def start(cpu: int) -> str:
        answer = pool.post("/api/workers/pool/start", params={"cpu_workers": cpu})
        return str(answer.raise_for_status().json()["message"])

    assert start(2) == "Worker pool started: 2 CPU workers, 0 GPU workers"
    assert start(1) == "Worker pool started: 2 CPU workers, 0 GPU workers"
    assert start(3) == "Worker pool started: 3 CPU workers, 0 GPU workers"
    assert len(pool.get("/api/workers").json()) == 3
    stats = pool.get("/api/workers/stats").json()
    assert (stats["total_workers"], stats["cpu_workers"], stats["is_running"]) == (3, 3, True)


@pytest.mark.skipif(HAS_GPU, reason="has a GPU")
def test_a_pool_claims_no_gpu_that_is_not_there(pool: httpx2.Client) -> None:
    wish = {"cpu_workers": 1, "gpu_workers": 2}
    answer = pool.post("/api/workers/pool/start", params=wish).raise_for_status()
    assert answer.json()["message"] == "Worker pool started: 1 CPU workers, 0 GPU workers"


@pytest.mark.parametrize("wish", [{"cpu_workers": -1}, {"gpu_workers": "many"}])
def test_a_senseless_pool_is_refused(pool: httpx2.Client, wish: dict[str, Any]) -> None:
    assert pool.post("/api/workers/pool/start", params=wish).status_code == 400


def test_stopping_the_pool_leaves_nobody_at_work(pool: httpx2.Client) -> None:
    pool.post("/api/workers/pool/start", params={"cpu_workers": 3}).raise_for_status()
    answer = pool.post("/api/workers/pool/stop", params=PATIENCE).raise_for_status()
    assert answer.json()["message"] == "Worker pool stopped successfully"
    stats = pool.get("/api/workers/stats").json()
    assert (stats["idle_workers"], stats["busy_workers"], stats["is_running"]) == (0, 0, False)
    again = pool.post("/api/workers/pool/start", params={"cpu_workers": 1}).raise_for_status()
    assert again.json()["message"] == "Worker pool started: 1 CPU workers, 0 GPU workers"


def test_the_status_counts_the_same(pool: httpx2.Client, cinema: Cinema) -> None:
    pool.post("/api/workers/pool/start", params={"cpu_workers": 2}).raise_for_status()
    told, stats = pool.get("/api/status").json(), pool.get("/api/workers/stats").json()
    assert told["workers"] == {name: stats[name] for name in told["workers"]}
    assert told["queue"] == pool.get("/api/jobs/stats").json()
    later = pool.get("/api/status").json()["system"]["uptime_seconds"]
    assert later > told["system"]["uptime_seconds"] > 0
