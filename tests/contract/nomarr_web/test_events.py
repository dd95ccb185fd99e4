"""The live events of `nomarr-web`: a snapshot, then every change once, whoever listens."""

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest
from tests.contract.house import House, furnish

from mediant.testing.server import RunningServer, running_server

URL = "/api/web/events/status"
CLIENTS = 200
MOVES = 60

Frame = dict[str, Any]


@contextmanager
def _stream(
    client: httpx2.Client, last_id: int | None = None, **params: Any
) -> Iterator[Iterator[Frame]]:
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    with client.stream("GET", URL, params=params, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["x-accel-buffering"] == "no"
        yield _frames(answer.iter_lines())


def _frames(lines: Iterator[str]) -> Iterator[Frame]:
    frame: Frame = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            frame[name] = json.loads(value) if name in {"data", "id"} else value
        elif "id" in frame:
            yield frame
            frame = {}
        else:
            frame = {}


def _until_place(frames: Iterator[Frame]) -> list[Frame]:
    """What comes before the lone id that ends the welcome."""
    found: list[Frame] = []
    for frame in frames:
        if "data" not in frame:
            return [*found, frame]
        found.append(frame)
    raise AssertionError("the stream ended")


def _place(client: httpx2.Client) -> int:
    with _stream(client) as frames:
        return int(_until_place(frames)[-1]["id"])


def _move(client: httpx2.Client, house: House, times: int) -> list[int]:
    """Each time two events: a job is queued (while tagging rests), and cancelled. The jobs."""
    path, moved = str(house.music / "Artist/Album/01 one.mp3"), []
    for _ in range(times):
        body = {"paths": [path], "force": True}
        client.post("/api/web/processing/process-files", json=body).raise_for_status()
        newest = client.get("/api/v2/jobs", params={"kind": "tag", "limit": 1}).json()["items"][0]
        client.post(f"/api/v2/jobs/{newest['id']}/cancel").raise_for_status()
        moved.append(int(newest["id"]))
    return moved


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server on which tagging is paused, so that jobs move only when they are told to."""
    folder = tmp_path_factory.mktemp("still")
    with running_server(folder / "config") as server:
        house = furnish(folder, server)
        with house.client() as client:
            client.post("/api/v2/jobs/pause", json={"scope": "kind:tag"}).raise_for_status()
        yield house


@pytest.fixture
def quiet(still: House) -> Iterator[httpx2.Client]:
    """A client of that server, where the feed has told already what other tests did."""
    with still.client() as client:
        with _stream(client, topics="queue:jobs") as frames:
            _until_place(frames)
            (job_id,) = _move(client, still, 1)
            ended = {"id": job_id, "status": "error"}
            next(frame for frame in frames if frame.get("data", {}).items() >= ended.items())
        yield client


def test_the_snapshot_comes_first(web: httpx2.Client) -> None:
    with _stream(web) as frames:
        *told, place = _until_place(frames)
    by_topic = {one["event"]: one["data"] for one in told}
    status = by_topic["queue:status"]
    assert set(status) >= {"pending", "running", "completed", "avg_time", "eta"}
    worker = by_topic["worker:tag:0:status"]
    assert (worker["component"], worker["status"]) == ("worker:tag:0", "healthy")
    assert psutil.Process(worker["pid"]).is_running()
    assert by_topic["system:health"]["status"] in {"healthy", "degraded"}
    assert {"queue:tag:status", "queue:library:status", "queue:calibration:status"} <= set(by_topic)
    assert {one["id"] for one in told} == {place["id"]}


def test_the_time_left_is_not_known_before_it_was_measured(
    still: House, quiet: httpx2.Client
) -> None:
    with _stream(quiet, topics="queue:status") as frames:
        (first, _) = _until_place(frames)
    assert (first["data"]["avg_time"], first["data"]["eta"]) == (None, None)


def test_only_wanted_topics_are_told(still: House, quiet: httpx2.Client) -> None:
    with _stream(quiet, topics="queue:jobs") as frames:
        _until_place(frames)
        _move(quiet, still, 2)
        told = list(islice(frames, 4))
    assert {one["event"] for one in told} == {"queue:jobs"}
    assert [one["data"]["status"] for one in told] == ["pending", "error"] * 2
    assert told[-1]["data"]["error"] == "cancelled"
    assert told[-1]["data"]["path"] == str(still.music / "Artist/Album/01 one.mp3")


@pytest.mark.parametrize("form", ["token", "apikey", "cookie", "bearer"])
def test_every_credential_of_a_browser_is_taken(web_house: House, form: str) -> None:
    with web_house.stranger() as stranger:
        login = stranger.post("/api/web/auth/login", json={"password": web_house.server.password})
        token = login.json()["token"]
        if form != "cookie":
            stranger.cookies.clear()
        params = {form: token} if form in {"token", "apikey"} else {}
        if form == "bearer":
            stranger.headers["Authorization"] = f"Bearer {token}"
        with _stream(stranger, **params) as frames:
            assert next(frames)["data"]
        assert token not in web_house.server.log()
        stranger.cookies.clear()
        stranger.headers.pop("Authorization", None)
        assert stranger.get(URL, params={"token": "wrong"}).status_code == 401
        assert stranger.get(URL).status_code == 401


def test_a_connection_that_breaks_loses_nothing_and_doubles_nothing(
    still: House, quiet: httpx2.Client
) -> None:
    """A listener that drops its connection at random moments, against what the history holds."""
    start, dice = _place(quiet), random.Random(7)
    with still.client() as mover:
        _move(mover, still, MOVES)
    truth = _history(quiet, start, 2 * MOVES)
    heard: list[Frame] = []
    last = start
    while last < truth[-1][0]:
        with _stream(quiet, last_id=last, topics="queue:jobs") as frames:
            for frame in islice(frames, dice.randint(1, 9)):
                last = frame["id"]
                heard += [frame] if "data" in frame else []
    assert [(one["id"], one["data"]["id"], one["data"]["status"]) for one in heard] == truth


def _history(client: httpx2.Client, start: int, count: int) -> list[tuple[int, int, str]]:
    """(event, job, status) of the next moves, from the server's own stream of its history."""
    words = {"job.queued": "pending", "job.cancelled": "error"}
    found: list[tuple[int, int, str]] = []
    params: dict[str, int | str] = {"after": start, "topics": "job.*"}
    with client.stream("GET", "/api/v2/events", params=params) as answer:
        for frame in islice(_frames(answer.iter_lines()), 1, None):
            job_id = frame["data"]["payload"]["job_id"]
            found.append((frame["id"], job_id, words[frame["event"]]))
            if len(found) == count:
                return found
    raise AssertionError("the history ended")


def test_a_restart_of_the_server_loses_nothing(tmp_path: Path) -> None:
    with running_server(tmp_path / "config") as server:
        house = furnish(tmp_path, server)
        with house.client() as client:
            client.post("/api/v2/jobs/pause", json={"scope": "kind:tag"}).raise_for_status()
            start = _place(client)
            _move(client, house, 3)
        assert server.stop() == 0
    with running_server(tmp_path / "config") as server, server.client() as client:
        with _stream(client, last_id=start, topics="queue:jobs") as frames:
            told = list(islice(frames, 6))
        assert [one["data"]["status"] for one in told] == ["pending", "error"] * 3
        assert len({one["id"] for one in told}) == 6


def test_a_place_that_is_too_old_or_unknown_gets_a_snapshot(
    still: House, quiet: httpx2.Client
) -> None:
    _move(quiet, still, 1)
    with _stream(quiet, last_id=2**62, topics="queue:jobs") as frames:
        *jobs, place = _until_place(frames)
    assert jobs
    assert {one["id"] for one in jobs} == {place["id"]}
    assert len({one["data"]["id"] for one in jobs}) == len(jobs)


def test_a_job_that_was_removed_is_in_no_snapshot(still: House, quiet: httpx2.Client) -> None:
    with _stream(quiet) as frames:  # the feed goes on meanwhile
        _until_place(frames)
        body = {"paths": [str(still.music)], "force": True}
        quiet.post("/api/web/processing/process-files", json=body).raise_for_status()
        listed = quiet.get("/api/v1/list", params={"status": "pending"}).json()["jobs"]
        waiting = {job["job_id"] for job in listed}
        pending = next(f["data"] for f in frames if _tells(f, "queue:status", len(waiting)))
        assert pending["pending"] == 3
        for job_id in sorted(waiting)[1:]:
            quiet.post(f"/api/v2/jobs/{job_id}/cancel").raise_for_status()
            quiet.delete(f"/api/v2/jobs/{job_id}").raise_for_status()
        quiet.delete(f"/api/v2/jobs/{min(waiting)}").raise_for_status()
        next(f for f in frames if _tells(f, "queue:status", 0))
        with _stream(quiet, topics="queue:jobs") as fresh:
            shown = {one["data"]["id"] for one in _until_place(fresh)[:-1]}
    assert not shown & waiting


def _tells(frame: Frame, topic: str, pending: int) -> bool:
    return frame.get("event") == topic and frame["data"]["pending"] == pending


def test_a_lost_database_ends_the_stream_and_loses_nothing(tmp_path: Path) -> None:
    with running_server(tmp_path / "config") as server:
        house = furnish(tmp_path, server)
        with house.client() as client:
            client.post("/api/v2/jobs/pause", json={"scope": "kind:tag"}).raise_for_status()
            start = _place(client)
            with _stream(client) as frames, _without_counts(server):
                list(frames)  # it ends
                with client.stream("GET", URL) as later:
                    lines = list(later.iter_lines())
                assert lines[0] == "retry: 2000"
                assert "database" in lines[-2]
            _move(client, house, 2)
            with _stream(client, last_id=start, topics="queue:jobs") as frames:
                told = list(islice(frames, 4))
        assert [one["data"]["status"] for one in told] == ["pending", "error"] * 2
        assert "Traceback" not in server.log()
        assert "never retrieved" not in server.log()


@contextmanager
def _without_counts(server: RunningServer) -> Iterator[None]:
    """A database whose counts of jobs cannot be read for the time of the block."""
    with server.database() as database:
        database.execute("ALTER TABLE job_count RENAME TO away")
        try:
            yield
        finally:
            database.execute("ALTER TABLE away RENAME TO job_count")


async def _listen(house: House, count: int, ready: asyncio.Semaphore) -> list[tuple[int, int]]:
    """(event, job) of the next `count` moves, read from a bare socket."""
    address = urlsplit(house.server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    target = f"{URL}?topics=queue:jobs&token={house.server.key}"
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    found: list[tuple[int, int]] = []
    is_placed, job_id, number = False, 0, 0
    try:
        while len(found) < count:
            line = (await reader.readuntil()).decode().strip()
            if line.startswith("data: "):
                job_id = json.loads(line[6:])["id"]
            elif line.startswith("id: "):
                number = int(line[4:])
                if job_id and is_placed:
                    found.append((number, job_id))
                elif not job_id and not is_placed:
                    is_placed = True
                    ready.release()
                job_id = 0
    finally:
        writer.close()
    return found


async def _crowd(house: House) -> list[list[tuple[int, int]]]:
    ready = asyncio.Semaphore(0)
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        listeners = [group.create_task(_listen(house, 2 * MOVES, ready)) for _ in range(CLIENTS)]
        for _ in range(CLIENTS):
            await ready.acquire()
        with house.client() as client:
            await asyncio.to_thread(_move, client, house, MOVES)
    return [listener.result() for listener in listeners]


@pytest.mark.usefixtures("quiet")
def test_two_hundred_listeners_and_a_slow_one(still: House) -> None:
    """Everybody hears every move once; one that never reads costs no memory to speak of."""
    address, process = urlsplit(still.server.url), psutil.Process(still.server.process.pid)
    with socket.create_connection((address.hostname, address.port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        target = f"{URL}?token={still.server.key}"
        slow.sendall(f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        before, began = process.memory_info().rss, time.monotonic()
        heard = asyncio.run(_crowd(still))
        grown, took = process.memory_info().rss - before, time.monotonic() - began
    print(f"{CLIENTS} listeners, {2 * MOVES} events: {took:.1f} s, {grown / 2**20:.1f} MiB more")
    assert all(one == heard[0] for one in heard)
    assert len({number for number, _ in heard[0]}) == 2 * MOVES
    assert grown < 64 * 2**20
