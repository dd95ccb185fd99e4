"""The event stream: nothing lost, nothing twice, whatever happens to the connection."""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import House

from mediant.testing.server import running_server

Frame = dict[str, str]

WORKERS = 2
"""Of the lanes `cpu` and `io`: the others start with their first job."""


@contextmanager
def _stream(
    client: httpx2.Client, last_id: str | None = None, **params: Any
) -> Iterator[Iterator[Frame]]:
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    with client.stream("GET", "/api/v2/events", params=params, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        yield _frames(answer.iter_lines())


def _frames(lines: Iterator[str]) -> Iterator[Frame]:
    frame: Frame = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            frame[name] = value
        else:
            if frame.keys() & {"id", "event"}:  # the others say only that the server lives
                yield frame
            frame = {}


def _toggle(client: httpx2.Client, times: int) -> None:
    """Two events of the history for each time."""
    for _ in range(times):
        client.post("/api/v2/jobs/pause", json={"scope": "kind:scan"}).raise_for_status()
        client.post("/api/v2/jobs/resume", json={"scope": "kind:scan"}).raise_for_status()


def _position(client: httpx2.Client) -> int:
    with _stream(client) as frames:
        return int(next(frames)["id"])


def _read(client: httpx2.Client, after: int, count: int, **params: Any) -> list[Frame]:
    """The next `count` events after a position."""
    with _stream(client, after=after, **params) as frames:
        assert next(frames)["id"] == str(after)
        return list(islice(frames, count))


def test_an_event_tells_topic_time_and_payload(client: httpx2.Client) -> None:
    start = _position(client)
    _toggle(client, 1)
    paused, resumed = _read(client, start, 2, topics="queue.*")
    assert (paused["event"], resumed["event"]) == ("queue.paused", "queue.resumed")
    data = json.loads(paused["data"])
    assert (data["topic"], data["payload"]) == ("queue.paused", {"scope": "kind:scan"})
    assert data["at"]


def test_a_listener_hears_what_happens_after_it_came(client: httpx2.Client) -> None:
    with _stream(client, topics="queue.paused") as frames:
        next(frames)
        _toggle(client, 1)
        assert next(frames)["event"] == "queue.paused"


def test_the_header_wins_over_the_query(client: httpx2.Client) -> None:
    start = _position(client)
    _toggle(client, 1)
    with _stream(client, last_id=str(start), after=0) as frames:
        assert next(frames)["id"] == str(start)


def test_the_token_may_stand_in_the_address(house: House, stranger: httpx2.Client) -> None:
    with _stream(stranger, token=house.server.key) as frames:
        assert next(frames)["id"]
    assert stranger.get("/api/v2/events", params={"token": "wrong"}).status_code == 401


def test_progress_is_told_live_and_has_no_id(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    with _stream(client, topics="job.*") as frames:
        next(frames)
        body = {"path": path, "force": True}
        (job_id,) = client.post("/api/v2/tagging/tag", json=body).json()["job_ids"]
        seen = []
        for frame in frames:
            seen.append(frame)
            told = json.loads(frame["data"])["payload"]
            if frame["event"] in {"job.done", "job.failed"} and told["job_id"] == job_id:
                break
    for frame in seen:
        assert ("id" in frame) is (frame["event"] != "job.progress")


def test_a_connection_that_breaks_loses_nothing(house: House, client: httpx2.Client) -> None:
    """A listener that drops its connection at random moments while others publish."""
    start, times, dice = _position(client), 60, random.Random(4)
    scopes = ("kind:scan", "kind:tag")
    publishers = [threading.Thread(target=_publish, args=(house, s, times)) for s in scopes]
    for publisher in publishers:
        publisher.start()
    ids: list[int] = []
    end = start + 2 * times
    while not ids or ids[-1] < end:
        last = ids[-1] if ids else start
        with _stream(client, last_id=str(last)) as frames:
            next(frames)
            wanted = min(dice.randint(1, 12), end - last)
            ids += [int(found) for found in islice(_kept(frames), wanted)]
    for publisher in publishers:
        publisher.join()
    assert ids == list(range(start + 1, end + 1))


def _kept(frames: Iterator[Frame]) -> Iterator[str]:
    return (frame["id"] for frame in frames if "id" in frame)


def _publish(house: House, scope: str, times: int) -> None:
    with house.client() as client:
        for n in range(times):
            word = "pause" if n % 2 == 0 else "resume"
            client.post(f"/api/v2/jobs/{word}", json={"scope": scope}).raise_for_status()


def test_a_stopping_server_ends_its_streams(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("own") / "config") as server, server.client() as c:
        with _stream(c) as frames:
            next(frames)
            server.process.terminate()
            # The stream ends; workers that have just become ready may still be told of.
            assert {frame["event"].partition(".")[0] for frame in frames} <= {"worker"}
        assert server.process.wait(60) == 0
        assert not (server.config_dir / "server.json").exists()


def test_a_lost_database_ends_the_stream_in_order(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.client() as client:
        _read(client, 0, WORKERS, topics="worker.ready")  # later they could not be told of
        before = _position(client)
        with server.database() as database:
            database.execute("ALTER TABLE event RENAME TO away")
            with client.stream("GET", "/api/v2/events") as answer:
                lines = list(answer.iter_lines())
            database.execute("ALTER TABLE away RENAME TO event")
        assert lines[0] == "retry: 2000"
        assert "database" in lines[1]
        _toggle(client, 1)
        topics = [frame["event"] for frame in _read(client, before, 2, topics="queue.*")]
        assert topics == ["queue.paused", "queue.resumed"]
        assert "Traceback" not in server.log()
