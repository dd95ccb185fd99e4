"""Processing while somebody waits: the stream, the batch, and one file."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import House
from tests.contract.nomarr_v1.sse import read_events
from tests.contract.nomarr_v1.workers import stopped_worker

from mediant.testing.media import MediaFactory
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import wait_for

STREAMS = ("/web/api/process", "/internal/process_stream")
BATCHES = ("/web/api/batch-process", "/internal/batch_process")


@pytest.fixture
def song(full_house: House) -> Iterator[Path]:
    """A song that nobody has tagged yet."""
    path = MediaFactory(full_house.music).song(f"new-{time.time_ns()}.mp3", seconds=12)
    yield path
    path.unlink()


@pytest.fixture
def broken(full_house: House) -> Iterator[Path]:
    """A file that is no music."""
    path = full_house.music / f"broken-{time.time_ns()}.mp3"
    path.write_bytes(b"this is no music" * 100)
    yield path
    path.unlink()


def _stream(client: httpx2.Client, path: Path, address: str = STREAMS[0]) -> list[Any]:
    body = {"path": f" {path} ", "force": True}
    with client.stream("POST", address, json=body) as answer:
        assert answer.status_code == 200
        assert answer.headers["x-accel-buffering"] == "no"
        return list(read_events(answer.iter_lines()))


@pytest.mark.models
@pytest.mark.parametrize("address", STREAMS)
def test_a_stream_tells_the_stages_and_what_was_written(
    full: httpx2.Client, song: Path, address: str
) -> None:
    *progress, complete, done = _stream(full, song, address)
    assert done == ("done", {"type": "done"})
    name, told = complete
    assert (name, told["type"], told["path"]) == ("complete", "complete", str(song))
    job = full.get(f"/api/v2/jobs/{told['job_id']}").json()
    tags = full.get("/web/api/show-tags", params={"path": str(song)}).json()
    assert told["result"]["tags_written"] == job["result"]["tags_written"] == tags["count"] > 0
    began, ended = (datetime.fromisoformat(job[f"{name}_at"]) for name in ("started", "finished"))
    assert told["result"]["duration"] == pytest.approx((ended - began).total_seconds(), abs=0.001)
    assert job["result"]["elapsed_s"] > 0
    assert {name for name, _ in progress} == {"progress"}
    steps = [data for _, data in progress]
    assert {(step["type"], step["total"]) for step in steps} == {("progress", 8)}
    complete_steps = [step["current"] for step in steps if step["state"] == "complete"]
    assert complete_steps == list(range(1, 9))
    assert all(one["current"] <= two["current"] for one, two in pairwise(steps))


def test_a_stream_of_what_fails_ends_with_its_error(full: httpx2.Client, broken: Path) -> None:
    *_, (name, told), done = _stream(full, broken)
    assert (name, told["type"]) == ("error", "error")
    assert told["error"]
    assert full.get(f"/status/{told['job_id']}").json()["status"] == "error"
    assert done == ("done", {"type": "done"})


@pytest.mark.parametrize("address", [*STREAMS, "/internal/process_direct"])
def test_what_cannot_begin_is_told_before_the_stream(
    full: httpx2.Client, full_house: House, address: str
) -> None:
    for path, status in (
        (full_house.music / "nothing.mp3", 404),
        (full_house.music / "Artist/Album/notes.txt", 404),
        (full_house.outside / "outside.mp3", 403),
        (full_house.music / "Artist", 400),
    ):
        answer = full.post(address, json={"path": str(path)})
        assert (answer.status_code, list(answer.json())) == (status, ["detail"]), path


@pytest.mark.parametrize("address", [*STREAMS, *BATCHES, "/internal/process_direct"])
def test_nobody_waits_for_a_worker_that_rests(
    full: httpx2.Client, full_house: House, address: str
) -> None:
    path = str(full_house.music / "Artist/Album/01 one.mp3")
    full.post("/admin/worker/pause").raise_for_status()
    try:
        before = full.get("/list").json()["total"]
        answer = full.post(address, json={"path": path})
        assert full.get("/list").json()["total"] == before
    finally:
        full.post("/admin/worker/resume").raise_for_status()
    assert answer.status_code == 503
    assert "No workers available" in answer.json()["detail"]


def test_a_client_that_leaves_stops_no_job(full: httpx2.Client, song: Path) -> None:
    with full.stream("POST", STREAMS[0], json={"path": str(song)}) as answer:
        assert answer.status_code == 200
    rows = full.get("/list", params={"limit": 1000}).json()["jobs"]
    (job_id,) = [one["job_id"] for one in rows if one["path"] == str(song)]
    assert wait_for(full, job_id)["state"] in {"done", "failed"}


@pytest.mark.models
def test_a_stream_follows_the_job_that_does_what_was_asked(full: httpx2.Client, song: Path) -> None:
    """The weaker wish runs already: the stronger one is done by the job behind it."""
    body = {"path": str(song)}
    with ExitStack() as stack:
        with stopped_worker(full):
            (weak,) = full.post("/api/v2/tagging/tag", json=body).json()["job_ids"]
            wait_until(lambda: full.get(f"/status/{weak}").json()["status"] == "running")
            wish = full.stream("POST", STREAMS[0], json={**body, "force": True})
            answer = stack.enter_context(wish)
        *_, (name, told), _done = read_events(answer.iter_lines())
    assert name == "complete"
    strong = full.get(f"/api/v2/jobs/{told['job_id']}").json()
    assert strong["id"] == full.get(f"/api/v2/jobs/{weak}").json()["next_id"] != weak
    assert strong["payload"]["force"] is True


@pytest.mark.parametrize("address", BATCHES)
def test_a_batch_answers_for_every_path_in_order(
    full: httpx2.Client, full_house: House, broken: Path, song: Path, address: str
) -> None:
    lost = str(full_house.music / "nothing.mp3")
    album = full_house.music / "Artist/Album"
    outside = str(full_house.outside / "outside.mp3")
    paths = [lost, str(song), str(broken), str(album), outside, "relative.mp3"]
    answer = full.post(address, json={"paths": paths, "force": True})
    assert answer.status_code == 200
    results = answer.json()["results"]
    songs = [str(album / name) for name in ("01 one.mp3", "02 two.ogg")]
    told = [one["path"] for one in results]
    assert told == [lost, str(song), str(broken), *songs, outside, "relative.mp3"]
    for one in results:
        if one["path"] not in {str(song), *songs}:
            assert (one["tags_written"], bool(one["error"])) == (0, True)


@pytest.mark.models
def test_a_batch_writes_and_counts(full: httpx2.Client, song: Path) -> None:
    wish = {"paths": str(song)}
    (first,) = full.post(BATCHES[0], json=wish).json()["results"]
    tags = full.get("/web/api/show-tags", params={"path": str(song)}).json()
    assert first["tags_written"] == tags["count"] == len(tags["tags"]) > 0
    assert first["duration"] > 0
    assert "error" not in first
    (again,) = full.post(BATCHES[0], json=wish).json()["results"]
    assert again["tags_written"] == 0


@pytest.mark.models
def test_one_file_is_answered_when_it_is_done(full: httpx2.Client, song: Path) -> None:
    told = full.post("/internal/process_direct", json={"path": str(song)}).json()
    assert told["path"] == str(song)
    assert told["tags_written"] > 0
    report = full.get("/api/v2/tagging/track", params={"path": str(song)}).json()
    assert report["state"] == "tagged"


def test_tags_of_an_unknown_file_are_404(full: httpx2.Client, full_house: House) -> None:
    query = {"path": str(full_house.music / "nothing.mp3")}
    answer = full.get("/web/api/show-tags", params=query)
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def _count(client: httpx2.Client, status: str) -> int:
    return int(client.get("/list", params={"status": status}).json()["total"])


def test_a_job_that_is_removed_ends_its_stream_and_spoils_no_batch(
    full: httpx2.Client, full_house: House
) -> None:
    songs, log_before = MediaFactory(full_house.music), len(full_house.server.log())
    paths = [songs.song(f"Removed/{n}.mp3", seconds=8) for n in range(4)]
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(3))
        clients = [stack.enter_context(full_house.client()) for _ in range(3)]
        with stopped_worker(full):
            body = {"paths": [str(paths[0])], "force": True}
            full.post("/api/v1/processing/process-files", json=body).raise_for_status()
            wait_until(lambda: _count(full, "running") == 1)
            streamed = pool.submit(_stream, clients[0], paths[1])
            body = {"paths": [str(paths[0]), str(paths[2])], "force": True}
            batch = pool.submit(clients[1].post, BATCHES[0], json=body)
            body = {"path": str(paths[3]), "force": True}
            tag = pool.submit(clients[2].post, "/api/v1/tag", json=body)
            wait_until(lambda: _count(full, "pending") == 3)
            full.post("/admin/queue/flush", json={"statuses": ["pending"]}).raise_for_status()
        *_, (name, told), done = streamed.result()
        first, second = batch.result().raise_for_status().json()["results"]
    assert (name, told["path"]) == ("error", str(paths[1]))
    assert "removed" in told["error"]
    assert done == ("done", {"type": "done"})
    assert (first["path"], second["path"]) == (str(paths[0]), str(paths[2]))
    assert "removed" in second["error"]
    assert "removed" not in first.get("error", "")
    assert tag.result().status_code == 409
    assert "removed" in tag.result().json()["detail"]
    assert "Traceback" not in full_house.server.log()[log_before:]
    shutil.rmtree(full_house.music / "Removed")
