"""The way of a song through v2, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import HAS_MODELS, MODELS

from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server
from mediant.testing.wishes import wait_for

SONGS = ("one.flac", "two.mp3", "three.ogg")


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[httpx2.Client]:
    """A client of a server on this database that has seen nothing yet."""
    environ = {"MEDIANT_DATABASE_URL": database_url, "MEDIANT_LIBRARY__AUTO_TAG": "false"}
    if HAS_MODELS:
        environ["MEDIANT_MODELS_DIR"] = str(MODELS)
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        yield client


@pytest.fixture
def library_id(client: httpx2.Client, tmp_path: Path) -> int:
    """A library of three songs, scanned."""
    songs = MediaFactory(tmp_path / "music")
    for name in SONGS:
        songs.song(name, seconds=12)
    body = {"name": "Music", "root_path": str(tmp_path / "music")}
    made = client.post("/api/v2/libraries", json=body).raise_for_status().json()["id"]
    job = wait_for(client, _post(client, f"/libraries/{made}/scan"))
    assert job["state"] == "done", job["error"]
    return int(made)


def _post(client: httpx2.Client, address: str, **body: Any) -> Any:
    return client.post(f"/api/v2{address}", json=body or None).raise_for_status().json()


def _get(client: httpx2.Client, address: str, **params: Any) -> Any:
    return client.get(f"/api/v2{address}", params=params).raise_for_status().json()


def _list_ids(client: httpx2.Client, **params: Any) -> list[int]:
    """The ids of all jobs, page by page."""
    ids: list[int] = []
    page = _get(client, "/jobs", **params)
    while True:
        ids += [job["id"] for job in page["items"]]
        if page["next"] is None:
            return ids
        page = _get(client, "/jobs", **params, cursor=page["next"])


def _listen(client: httpx2.Client, after: int, count: int) -> list[tuple[int, str]]:
    """The next `count` kept events after a position."""
    with client.stream("GET", "/api/v2/events", headers={"Last-Event-ID": str(after)}) as answer:
        assert answer.status_code == 200
        return list(islice(_kept(answer.iter_lines()), count))


def _kept(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    frame: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        frame[name] = value
        if not line:
            if "id" in frame and "event" in frame:
                yield int(frame["id"]), frame["event"]
            frame = {}


@pytest.mark.models
def test_a_song_is_found_tagged_shown_and_restored(
    client: httpx2.Client, library_id: int, tmp_path: Path
) -> None:
    files = _get(client, "/files", library_id=library_id)["items"]
    assert {Path(file["path"]).name for file in files} == set(SONGS)
    assert {file["state"] for file in files} == {"present"}
    song = tmp_path / "music" / SONGS[0]
    before = song.read_bytes()
    asked = _post(client, "/tagging/tag", path=str(song), write_mode="full")
    job = wait_for(client, asked["job_ids"][0])
    assert job["state"] == "done", job["error"]
    track = _get(client, "/tagging/track", path=str(song))
    assert (track["state"], track["path"]) == ("tagged", str(song))
    assert track["tags"]
    assert [write["state"] for write in track["writes"]] == ["applied"]
    assert song.read_bytes() != before
    undone = wait_for(client, _post(client, "/tagging/undo", path=str(song)))
    assert undone["state"] == "done", undone["error"]
    assert song.read_bytes() == before
    assert _get(client, "/tagging/counts")["counts"]["tagged"] == 1


def test_jobs_are_listed_by_pages_and_counted(client: httpx2.Client, library_id: int) -> None:
    _post(client, "/jobs/pause", scope="kind:tag")
    asked = _post(client, "/tagging/tag", library_id=library_id)
    assert asked["enqueued"] == len(SONGS)
    whole = [job["id"] for job in _get(client, "/jobs")["items"]]
    assert whole == sorted(whole, reverse=True)
    assert _list_ids(client, limit=1) == _list_ids(client, limit=3) == whole
    assert len(_list_ids(client, kind="tag", state="queued", limit=2)) == len(SONGS)
    counts = _get(client, "/jobs/counts", kind="tag")
    assert (counts["counts"]["queued"], counts["paused"]) == (len(SONGS), ["kind:tag"])
    for job_id in _list_ids(client, kind="tag"):
        assert _post(client, f"/jobs/{job_id}/cancel") == {"cancelled": 1}
    assert _get(client, "/jobs/counts", kind="tag")["counts"]["cancelled"] == len(SONGS)


def test_a_stronger_wish_raises_the_job_that_waits(
    client: httpx2.Client, library_id: int, tmp_path: Path
) -> None:
    assert library_id
    _post(client, "/jobs/pause", scope="kind:tag")
    path = str(tmp_path / "music" / SONGS[0])
    (first,) = _post(client, "/tagging/tag", path=path)["job_ids"]
    for wish in ({"force": True}, {"write_mode": "minimal"}, {}):
        asked = _post(client, "/tagging/tag", path=path, **wish)
        assert (asked["enqueued"], asked["job_ids"]) == (0, [first])
    payload = _get(client, f"/jobs/{first}")["payload"]
    assert (payload["force"], payload["write_mode"]) == (True, "minimal")


def test_events_go_on_where_the_connection_broke(client: httpx2.Client) -> None:
    for _ in range(10):
        _post(client, "/jobs/pause", scope="kind:scan")
        _post(client, "/jobs/resume", scope="kind:scan")
    newest = 0
    seen: list[tuple[int, str]] = []
    while sum(topic == "queue.paused" for _, topic in seen) < 10:
        part = _listen(client, newest, 3)
        newest = part[-1][0]
        seen += part
    ids = [number for number, _ in seen]
    assert ids == list(range(1, len(ids) + 1))
