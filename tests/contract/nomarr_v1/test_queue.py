"""Taking jobs out of the queue, and letting the worker rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from tests.contract.house import House
from tests.contract.nomarr_v1.workers import stopped_worker, wait_until_held

from mediant.kernel.clock import now_s
from mediant.testing.server import running_server
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import wait_for


@pytest.fixture(autouse=True)
def _enabled(full: httpx2.Client) -> Iterator[None]:
    yield
    # What waits for the worker is not waited for, and a flush lets the worker go on.
    full.post("/admin/queue/flush", json={"statuses": ["pending"]}).raise_for_status()


@pytest.fixture
def waiting(full: httpx2.Client, full_house: House) -> int:
    """A job that waits, because the worker is paused."""
    _rest(full)
    return _ask(full, full_house)


def _rest(client: httpx2.Client) -> None:
    """Pause, and wait for what another test left in a worker's hands."""
    client.post("/admin/worker/pause").raise_for_status()
    wait_until(lambda: client.get("/web/api/queue-depth").json()["counts"]["running"] == 0)


def _ask(client: httpx2.Client, house: House, name: str = "Album/01 one.mp3") -> int:
    body = {"path": str(house.music / "Artist" / name), "force": True}
    return int(client.post("/api/v1/tag", json=body).raise_for_status().json()["job_id"])


def _has(client: httpx2.Client, job_id: int) -> bool:
    return client.get(f"/status/{job_id}").status_code == 200


def _is_enabled(client: httpx2.Client) -> bool:
    return bool(client.get("/info").json()["worker"]["enabled"])


def _end(client: httpx2.Client, job_id: int) -> None:
    wait_for(client, job_id)


@contextmanager
def _running(client: httpx2.Client, house: House) -> Iterator[int]:
    """A job in the hands of a worker that does not move."""
    _rest(client)
    job_id = _ask(client, house)
    with stopped_worker(client):
        client.post("/admin/worker/resume").raise_for_status()
        wait_until(lambda: client.get(f"/status/{job_id}").json()["status"] == "running")
        wait_until_held(client, job_id)
        yield job_id
    _end(client, job_id)


# Remove


@pytest.mark.parametrize("as_query", [False, True])
def test_a_job_is_removed_and_the_worker_goes_on(
    full: httpx2.Client, waiting: int, as_query: bool
) -> None:
    assert not _is_enabled(full)
    wish = {"job_id": f" {waiting} "}
    if as_query:
        answer = full.post("/admin/queue/remove", params=wish)
    else:
        answer = full.post("/admin/queue/remove", json=wish)
    assert answer.json() == {"status": "ok", "removed": waiting, "worker_enabled": True}
    assert not _has(full, waiting)
    assert _is_enabled(full)


def test_an_unknown_job_cannot_be_removed(full: httpx2.Client) -> None:
    full.post("/admin/worker/pause").raise_for_status()
    scan = _scan(full)
    for job_id in (999_999_999, scan):
        answer = full.post("/web/api/queue/remove", json={"job_id": job_id})
        assert (answer.status_code, list(answer.json())) == (404, ["detail"])
    assert not _is_enabled(full)
    _end(full, scan)


def _scan(client: httpx2.Client) -> int:
    """A job that this family does not know."""
    library = client.get("/api/v2/libraries").json()["items"][0]["id"]
    return int(client.post(f"/api/v2/libraries/{library}/scan").json()["job_id"])


@pytest.mark.parametrize("body", ["", "{}", '{"job_id": "x"}', '{"job_id": -1}', "[1]", "{"])
def test_a_wish_without_a_job_is_400(full: httpx2.Client, body: str) -> None:
    answer = full.post("/admin/queue/remove", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_what_runs_is_never_removed(full: httpx2.Client, full_house: House) -> None:
    with _running(full, full_house) as job_id:
        for path, body in (
            ("/admin/queue/remove", {"job_id": job_id}),
            ("/web/api/queue/flush", {"statuses": ["running", "done"]}),
        ):
            answer = full.post(path, json=body)
            assert (answer.status_code, list(answer.json())) == (409, ["detail"])
        assert full.post("/admin/queue/flush").status_code == 200
        assert full.post("/admin/queue/cleanup", json={"max_age_hours": 0}).status_code == 200
        assert full.get(f"/status/{job_id}").json()["status"] == "running"
        assert full.get("/web/api/health").json()["available_workers"] == 0


# Flush


def test_a_flush_takes_pending_and_errors_unless_told(
    full: httpx2.Client, full_house: House
) -> None:
    done = _ask(full, full_house, "Album/02 two.ogg")
    _end(full, done)
    _rest(full)
    pending = [_ask(full, full_house), _ask(full, full_house, "Single/03 'three'.flac")]
    before = full.get("/list").json()["counts"]
    answer = full.post("/admin/queue/flush").json()
    assert answer["flushed_statuses"] == ["pending", "error"]
    assert answer["removed"] == before["pending"] + before["error"]
    assert answer["worker_enabled"] is True
    assert not any(_has(full, job_id) for job_id in pending)
    after = full.get("/list").json()["counts"]
    assert after == {**before, "pending": 0, "error": 0}


@pytest.mark.parametrize(
    "given", [{"json": {"statuses": ["done"]}}, {"params": {"statuses": " Done"}}]
)
def test_a_flush_takes_what_it_is_told(full: httpx2.Client, waiting: int, given: dict) -> None:
    answer = full.post("/admin/queue/flush", **given).json()
    assert answer["flushed_statuses"] == ["done"]
    full.post("/admin/worker/pause").raise_for_status()
    assert full.get("/list").json()["counts"]["done"] <= 1
    assert _has(full, waiting)


@pytest.mark.parametrize("statuses", [["finished"], ["done", ""], [], "", 7, [7]])
def test_a_flush_of_what_is_no_status_is_400(
    full: httpx2.Client, waiting: int, statuses: object
) -> None:
    answer = full.post("/admin/queue/flush", json={"statuses": statuses})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    assert _has(full, waiting)
    assert not _is_enabled(full)


# Cleanup


def _make_older(house: House, job_id: int, seconds: float) -> None:
    with house.server.database() as database:
        values = (now_s() - seconds, job_id)
        database.execute("UPDATE job SET finished_at = ? WHERE id = ?", values)


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        ({}, 168),
        ({"json": {"max_age_hours": 48}}, 48),
        ({"json": {"max_age_hours": "48"}}, 48),
        ({"params": {"max_age_hours": 48}}, 48),
        ({"json": {"max_age_hours": 48}, "params": {"max_age_hours": 1}}, 48),
    ],
)
def test_a_cleanup_takes_what_ended_long_ago(
    full: httpx2.Client, full_house: House, given: dict, hours: int
) -> None:
    old, young = (_ask(full, full_house, f"Album/{name}") for name in ("01 one.mp3", "02 two.ogg"))
    _end(full, old)
    _end(full, young)
    full.post("/admin/queue/cleanup", json={"max_age_hours": 1}).raise_for_status()
    _make_older(full_house, old, (hours + 1) * 3600)
    _make_older(full_house, young, (hours - 1) * 3600)
    answer = full.post("/admin/queue/cleanup", **given).json()
    assert answer == {"status": "ok", "max_age_hours": hours, "jobs_removed": 1}
    assert (_has(full, old), _has(full, young)) == (False, True)


@pytest.mark.parametrize("hours", [-1, "x", 1.5, 10**12])
def test_a_cleanup_of_a_strange_age_is_400(full: httpx2.Client, hours: object) -> None:
    answer = full.post("/admin/queue/cleanup", json={"max_age_hours": hours})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_a_cleanup_leaves_what_waits_and_the_pause(full: httpx2.Client, waiting: int) -> None:
    full.post("/admin/queue/cleanup", json={"max_age_hours": 0}).raise_for_status()
    assert _has(full, waiting)
    assert not _is_enabled(full)


# Stuck


def test_a_job_whose_worker_is_gone_waits_again(
    full: httpx2.Client, full_house: House, waiting: int
) -> None:
    assert full.post("/web/api/queue/reset-stuck").json() == {"status": "ok", "reset_count": 0}
    with full_house.server.database() as database:
        moved = "UPDATE job SET state = 'running', worker = 'gone', started_at = ? WHERE id = ?"
        database.execute(moved, (now_s(), waiting))
        counted = "UPDATE job_count SET n = n + ? WHERE kind = 'tag' AND state = ?"
        database.executemany(counted, [(-1, "queued"), (1, "running")])
    assert full.get(f"/status/{waiting}").json()["status"] == "running"
    assert full.post("/web/api/queue/reset-stuck").json()["reset_count"] == 1
    job = full.get(f"/status/{waiting}").json()
    assert (job["status"], job["started_at"]) == ("pending", None)
    assert full.get("/web/api/queue-depth").json()["counts"]["running"] == 0


# The worker


def test_a_pause_outlasts_a_restart(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        with server.client() as client:
            told = client.post("/web/api/admin/worker/pause").json()
            assert told == {"status": "ok", "worker_enabled": False}
        server.stop()
    with running_server(tmp_path) as server, server.client() as client:
        assert not _is_enabled(client)
        assert client.get("/api/v2/jobs/counts").json()["paused"] == ["kind:tag"]
        told = client.post("/web/api/admin/worker/resume").json()
        assert told == {"status": "ok", "worker_enabled": True}
        assert _is_enabled(client)


@pytest.mark.parametrize("scope", ["all", "lane:cpu", "kind:tag"])
def test_a_resume_ends_whatever_held_the_worker(full: httpx2.Client, scope: str) -> None:
    full.post("/api/v2/jobs/pause", json={"scope": scope}).raise_for_status()
    assert not _is_enabled(full)
    assert full.post("/admin/worker/resume").json()["worker_enabled"] is True
    assert full.get("/api/v2/jobs/counts").json()["paused"] == []


def test_a_paused_worker_ends_what_it_does(full: httpx2.Client, full_house: House) -> None:
    with _running(full, full_house) as job_id:
        answer = full.post("/admin/worker/pause")
        assert answer.json()["worker_enabled"] is False
        assert full.get(f"/status/{job_id}").json()["status"] == "running"
    assert full.get(f"/status/{job_id}").json()["status"] in {"done", "error"}


def test_a_refresh_counts_what_lies_in_the_folder_now(tmp_path: Path) -> None:
    from mediant.testing.models import write_backbone, write_head  # noqa: PLC0415 (imports onnx)

    models = tmp_path / "models"
    models.mkdir()
    with (
        running_server(tmp_path / "config", {"MEDIANT_MODELS_DIR": str(models)}) as server,
        server.client() as client,
    ):
        assert client.get("/internal/health").json()["cache_initialized"] is False
        assert client.post("/admin/cache/refresh").json() == {"status": "ok", "predictors": 0}
        write_backbone(models, "msd-musicnn")
        write_head(models, "mood_happy", ["happy", "non_happy"])
        told = client.post("/admin/cache/refresh").json()
        assert told["predictors"] == client.get("/info").json()["models"]["total_heads"] >= 1
        assert client.get("/internal/health").json()["cache_initialized"] is True


def test_a_refresh_needs_the_right_to_change_models(full: httpx2.Client, full_house: House) -> None:
    body = {"name": "small", "scopes": ["jobs"]}
    key = full.post("/api/v2/keys", json=body).raise_for_status().json()["key"]
    with full_house.client(key) as other:
        assert other.post("/admin/cache/refresh").status_code == 403
        assert other.post("/admin/calibration/run").status_code == 403
        assert other.post("/admin/worker/resume").status_code == 200
