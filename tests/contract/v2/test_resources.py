"""The resources of v2: what they take, what they answer, and that it happened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import House, at_rest

from mediant.testing.media import MediaFactory
from mediant.testing.wishes import wait_for


def _all(client: httpx2.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        given = params if cursor is None else {**params, "cursor": cursor}
        page = client.get(f"/api/v2{path}", params=given).raise_for_status().json()
        assert page.keys() == {"items", "next"}
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def _scan(client: httpx2.Client, library_id: int) -> dict[str, Any]:
    answer = client.post(f"/api/v2/libraries/{library_id}/scan")
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    assert answer.headers["location"] == f"/api/v2/jobs/{job_id}"
    return wait_for(client, answer.json())


@pytest.fixture
def own_library(client: httpx2.Client, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A library that no other test touches: its id and folder."""
    folder = tmp_path / "own"
    folder.mkdir()
    body = {"name": "Own", "root_path": str(folder)}
    entry = client.post("/api/v2/libraries", json=body).raise_for_status().json()
    yield entry["id"], folder
    client.delete(f"/api/v2/libraries/{entry['id']}").raise_for_status()


def test_a_library_comes_changes_and_goes(client: httpx2.Client, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    made = client.post("/api/v2/libraries", json={"name": "Books", "root_path": str(folder)})
    assert made.status_code == 201
    address = made.headers["location"]
    assert client.get(address).json() == made.json()
    changed = client.patch(address, json={"name": "Audio books", "watch_mode": "poll"}).json()
    assert (changed["name"], changed["watch_mode"]) == ("Audio books", "poll")
    assert changed["root_path"] == str(folder)
    assert changed["id"] in {one["id"] for one in _all(client, "/libraries")}
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert folder.is_dir()


def test_a_scan_finds_files_and_pages_hold_each_once(house: House, client: httpx2.Client) -> None:
    job = _scan(client, house.library_id)
    assert (job["kind"], job["state"]) == ("scan", "done")
    files = _all(client, "/files", library_id=house.library_id, state="present", limit=2)
    paths = [one["path"] for one in files]
    assert len(paths) == len(set(paths)) >= 3
    assert str(house.music / "Artist/Album/01 one.mp3") in paths
    by_text = _all(client, "/files", library_id=house.library_id, text="02 TWO")
    assert [Path(one["path"]).name for one in by_text] == ["02 two.ogg"]
    found = client.get("/api/v2/files/by-path", params={"path": by_text[0]["path"]}).json()
    assert found == client.get(f"/api/v2/files/{found['id']}").json() == by_text[0]


def test_missing_files_are_marked_and_forgotten_on_demand(
    client: httpx2.Client, own_library: tuple[int, Path]
) -> None:
    library_id, folder = own_library
    kept, lost = (MediaFactory(folder).tone(name) for name in ("kept.flac", "lost.flac"))
    _scan(client, library_id)
    lost.unlink()
    _scan(client, library_id)
    missing = _all(client, "/files", library_id=library_id, state="missing")
    assert [one["path"] for one in missing] == [str(lost)]
    assert missing[0]["missing_since"]
    purged = client.post(f"/api/v2/libraries/{library_id}/purge").json()
    assert purged == {"removed": 1, "kept": 0}
    assert [one["path"] for one in _all(client, "/files", library_id=library_id)] == [str(kept)]


def test_a_library_whose_writes_can_be_undone_is_a_conflict(
    client: httpx2.Client, own_library: tuple[int, Path]
) -> None:
    library_id, folder = own_library
    song = MediaFactory(folder).song("song.flac", seconds=10)
    body = {"path": str(song), "write_mode": "full"}
    (wish,) = client.post("/api/v2/tagging/tag", json=body).raise_for_status().json()["jobs"]
    assert wait_for(client, wish)["state"] == "done"
    address = f"/api/v2/libraries/{library_id}"
    assert client.get(f"{address}/holdings").json()["undoable"] == 1
    refused = client.delete(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert client.get(address).status_code == 200
    by_nomarr = client.delete(f"/api/web/libraries/{library_id}")
    assert by_nomarr.status_code == 409
    undone = client.post("/api/v2/tagging/undo", json={"path": str(song)}).json()
    assert wait_for(client, undone)["state"] == "done"


def test_a_file_that_is_no_sound_is_422_when_our_tags_are_asked_for(
    client: httpx2.Client, own_library: tuple[int, Path]
) -> None:
    library_id, folder = own_library
    junk, empty = MediaFactory(folder).corrupt("junk.mp3"), folder / "empty.ogg"
    short = MediaFactory(folder).song("short.flac", seconds=1)
    empty.write_bytes(b"")
    before = client.get("/api/v2/jobs/counts", params={"kind": "tag"}).json()["skipped"]
    _scan(client, library_id)
    for path, code in ((junk, "corrupt"), (empty, "empty")):
        answer = client.get("/api/v2/tagging/own-tags", params={"path": str(path)})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["detail"]
    body = {"path": str(short)}
    (wish,) = client.post("/api/v2/tagging/tag", json=body).raise_for_status().json()["jobs"]
    assert wait_for(client, wish)["error_code"] == "too_short"
    after = client.get("/api/v2/jobs/counts", params={"kind": "tag"}).json()["skipped"]
    assert after > before


def test_jobs_page_newest_first(house: House, client: httpx2.Client) -> None:
    for _ in range(3):
        _scan(client, house.library_id)
    ids = [job["id"] for job in _all(client, "/jobs", kind="scan", limit=2)]
    assert len(ids) >= 3
    assert ids == sorted(set(ids), reverse=True)
    states = {job["state"] for job in _all(client, "/jobs", state=["done", "failed"])}
    assert states <= {"done", "failed"}


def test_a_job_can_be_cancelled_retried_and_removed(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    with at_rest(client):
        answer = client.post("/api/v2/tagging/tag", json={"path": path, "force": True})
        assert answer.status_code == 202
        (job_id,) = answer.json()["job_ids"]
        address = answer.headers["location"]
        assert address == f"/api/v2/jobs/{job_id}"
        assert client.get(address).json()["state"] == "queued"
        held = {
            "cause": "paused", "text": "jobs of the kind tag are paused",
            "remedy": "mediant jobs resume kind:tag", "before": None,
        }  # fmt: skip
        assert client.get(address).json()["waiting_for"] == held
        waited = client.get(f"{address}/wait", params={"timeout_s": 0}).json()
        assert waited["waiting_for"] == held
        counts = client.get("/api/v2/jobs/counts", params={"kind": "tag"}).json()
        assert counts["waiting_for"] == held
        assert client.get("/api/v2/jobs/counts").json()["paused"] == ["kind:tag"]
        assert client.post(f"{address}/cancel").json() == {"cancelled": 1}
        assert client.get(address).json()["state"] == "cancelled"
        assert client.post(f"{address}/retry").json()["state"] == "queued"
        assert client.post(f"{address}/retry").status_code == 409
    counts = client.get("/api/v2/jobs/counts").json()
    assert (counts["paused"], counts["waiting_for"]) == ([], None)
    assert wait_for(client, job_id)["state"] in {"done", "failed"}
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_waiting_gives_the_state_at_the_timeout(
    client: httpx2.Client, own_library: tuple[int, Path]
) -> None:
    client.post("/api/v2/jobs/pause", json={"scope": "kind:scan"})
    try:
        job_id = client.post(f"/api/v2/libraries/{own_library[0]}/scan").json()["job_id"]
        answer = client.get(f"/api/v2/jobs/{job_id}/wait", params={"timeout_s": 0.1}).json()
    finally:
        client.post("/api/v2/jobs/resume", json={"scope": "kind:scan"})
    assert answer["state"] == "queued"
    assert wait_for(client, job_id)["state"] == "done"


def test_counts_hold_every_state_and_a_forecast(house: House, client: httpx2.Client) -> None:
    _scan(client, house.library_id)
    counts = client.get("/api/v2/jobs/counts", params={"kind": "scan"}).json()
    assert counts["counts"].keys() == {"queued", "running", "done", "failed", "cancelled"}
    assert counts["forecast"]["average_s"] > 0


def test_ended_jobs_are_cleaned_up(house: House, client: httpx2.Client) -> None:
    job = _scan(client, house.library_id)
    body = {"states": ["done"], "kind": "scan", "older_than_s": 3600}
    assert client.post("/api/v2/jobs/cleanup", json=body).json() == {"removed": 0}
    removed = client.post("/api/v2/jobs/cleanup", json={**body, "older_than_s": 0}).json()
    assert removed["removed"] >= 1
    assert client.get(f"/api/v2/jobs/{job['id']}").status_code == 404


def test_a_failed_job_says_why(house: House, client: httpx2.Client) -> None:
    broken = MediaFactory(house.music).noise("broken.mp3")
    try:
        answer = client.post("/api/v2/tagging/tag", json={"path": str(broken)}).json()
        job = wait_for(client, answer["job_ids"][0])
    finally:
        broken.unlink()
    assert (job["state"], bool(job["error"])) == ("failed", True)
    assert job["error_code"]


@pytest.mark.models
def test_a_tagged_track_explains_itself(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/02 two.ogg")
    answer = client.post("/api/v2/tagging/tag", json={"path": path, "force": True}).json()
    job = wait_for(client, answer["jobs"][0])
    assert job["state"] == "done", job["error"]
    track = client.get("/api/v2/tagging/track", params={"path": path}).json()
    assert track == client.get(f"/api/v2/tagging/track/{track['file_id']}").json()
    assert (track["state"], track["path"], track["is_outdated"]) == ("tagged", path, False)
    assert track["facts"]["tempo_bpm"] > 0
    assert {head["model"] for head in track["heads"]}
    assert {one["dim"] for one in track["embeddings"]} == {200}
    counts = client.get("/api/v2/tagging/counts").json()["counts"]
    assert counts["tagged"] >= 1
    assert client.get("/api/v2/tagging/progress").json()["done"] >= 1


@pytest.mark.models
def test_a_write_is_undone_byte_for_byte(
    client: httpx2.Client, own_library: tuple[int, Path]
) -> None:
    song = MediaFactory(own_library[1]).song("song.flac", seconds=12)
    before = song.read_bytes()
    body = {"path": str(song), "force": True, "write_mode": "full"}
    answer = client.post("/api/v2/tagging/tag", json=body).json()
    assert wait_for(client, answer["job_ids"][0])["state"] == "done"
    assert song.read_bytes() != before
    undone = client.post("/api/v2/tagging/undo", json={"path": str(song)})
    assert undone.status_code == 202
    assert wait_for(client, undone.json()["job_id"])["state"] == "done"
    assert song.read_bytes() == before


@pytest.mark.models
def test_a_whole_library_is_enqueued(client: httpx2.Client, own_library: tuple[int, Path]) -> None:
    library_id, folder = own_library
    for name in ("a.flac", "b.flac"):
        MediaFactory(folder).song(name, seconds=12)
    _scan(client, library_id)
    with at_rest(client):
        body = {"library_id": library_id, "force": True}
        first, second = (client.post("/api/v2/tagging/tag", json=body).json() for _ in range(2))
    assert (first["enqueued"], second["enqueued"]) == (2, 0)


@pytest.mark.models
def test_models_are_listed_and_verified(client: httpx2.Client) -> None:
    models = {one["name"]: one for one in client.get("/api/v2/models").json()["items"]}
    assert models["msd-musicnn"]["is_installed"]
    suite = client.get("/api/v2/models/suite").json()
    assert {len(one["tag_labels"]) for one in suite["backbones"]} == {50}
    body = {"names": ["msd-musicnn"]}
    (result,) = client.post("/api/v2/models/verify", json=body).json()["items"]
    assert (result["name"], result["is_sound"]) == ("msd-musicnn", True)


def test_a_worker_comes_and_goes(client: httpx2.Client) -> None:
    made = client.post("/api/v2/workers", json={"lane": "io"})
    name = made.json()["name"]
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v2/workers/{name}")
    assert name in {one["name"] for one in _all(client, "/workers")}
    assert client.delete(f"/api/v2/workers/{name}").status_code == 204


def test_the_system_tells_about_itself(house: House, client: httpx2.Client) -> None:
    health = client.get("/api/v2/system/health").json()
    assert health["is_ready"] is True
    assert health["workers"] >= 2
    info = client.get("/api/v2/system/info").json()
    assert info["database"].startswith("SQLite 3")
    assert info["libraries"]["sqlalchemy"]
    found = {one["check"]: one["level"] for one in _all(client, "/system/doctor")}
    assert found["config folder"] == found["database"] == found["library Music"] == "ok"
    settings = client.get("/api/v2/system/settings")
    assert settings.json()["config_dir"] == str(house.server.config_dir)
    assert house.server.key not in settings.text
    assert house.server.password not in settings.text


@pytest.mark.parametrize("path", ["/api/v2/jobs", "/api/v2/jobs/counts", "/api/v2/libraries"])
def test_both_slash_forms_are_the_same(client: httpx2.Client, path: str) -> None:
    plain, slashed = client.get(path), client.get(f"{path}/")
    assert (plain.status_code, slashed.status_code) == (200, 200)
    assert plain.json().keys() == slashed.json().keys()


@pytest.mark.parametrize("state", ["present", "missing", "new"])
def test_files_are_listed_by_state(client: httpx2.Client, state: str) -> None:
    assert {file["state"] for file in _all(client, "/files", state=state)} <= {state}
