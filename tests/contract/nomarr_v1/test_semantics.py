"""What the endpoints of `nomarr-v1` mean, beyond their shapes."""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from tests.contract.house import House, at_rest

from mediant.kernel.clock import now_s
from mediant.testing.media import MediaFactory
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import wait_for

CALLS = [
    ("POST", "/api/v1/tag"),
    ("POST", "/tag"),
    ("GET", "/api/v1/queue"),
    ("GET", "/queue/"),
    ("GET", "/api/v1/list"),
    ("GET", "/list"),
    ("GET", "/api/v1/status/1"),
    ("GET", "/status/1"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_credential_is_needed(stranger: httpx2.Client, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "wrong"}):
        answer = stranger.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert list(answer.json()) == ["detail"]
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("form", ["bearer", "header", "apikey", "token", "basic"])
def test_every_form_of_the_key_is_taken(house: House, stranger: httpx2.Client, form: str) -> None:
    key = house.server.key
    answer = {
        "bearer": lambda: stranger.get("/list", headers={"Authorization": f"Bearer {key}"}),
        "header": lambda: stranger.get("/list", headers={"X-API-Key": key}),
        "apikey": lambda: stranger.get("/list", params={"apikey": key}),
        "token": lambda: stranger.get("/list", params={"token": key}),
        "basic": lambda: stranger.get("/list", auth=("anyone", key)),
    }[form]()
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/info", "/info", "/info/"])
def test_info_is_open_but_for_the_paths(
    house: House, client: httpx2.Client, stranger: httpx2.Client, path: str
) -> None:
    public, full = stranger.get(path).json(), client.get(path).json()
    assert (public["config"]["db_path"], public["config"]["models_dir"]) == (None, None)
    assert full["config"]["db_path"] == str(house.server.config_dir / "mediant.db")
    assert public["config"].keys() == full["config"].keys()
    assert f":{full['config']['api_port']}" in house.server.url
    assert stranger.get(path, headers={"X-API-Key": "wrong"}).status_code == 401


def test_info_tells_the_truth_about_the_worker(client: httpx2.Client) -> None:
    def beat() -> float:
        worker = client.get("/api/v1/info").json()["worker"]
        assert (worker["enabled"], worker["alive"]) == (True, True)
        return datetime.fromisoformat(worker["last_heartbeat"] + "+00:00").timestamp()

    before = beat()
    wait_until(lambda: beat() > before)
    assert beat() <= now_s()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{music}/nothing.mp3", 404),
        ("{music}/Artist/Album/notes.txt", 404),
        ("{music}/Empty", 404),
        ("{music}/nowhere/", 404),
        ("{outside}/outside.mp3", 403),
        ("{music}/../outside/outside.mp3", 400),
        ("{outside}", 403),
        ("relative.mp3", 400),
        ("   ", 400),
    ],
)
def test_a_path_that_cannot_be_tagged_is_refused(
    house: House, client: httpx2.Client, path: str, status: int
) -> None:
    text = path.format(music=house.music, outside=house.outside)
    with at_rest(client):
        before = client.get("/list").json()["total"]
        answer = client.post("/api/v1/tag", json={"path": text})
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
        assert client.get("/list").json()["total"] == before


def test_a_link_out_of_the_library_is_not_followed(house: House, client: httpx2.Client) -> None:
    link = house.music / "link.mp3"
    link.symlink_to(house.outside / "outside.mp3")
    try:
        assert client.post("/tag", json={"path": str(link)}).status_code == 403
    finally:
        link.unlink()


def test_a_body_that_is_too_large_is_413(client: httpx2.Client) -> None:
    answer = client.post("/tag", content=b"x" * (5 << 20))
    assert (answer.status_code, list(answer.json())) == (413, ["detail"])


@pytest.mark.parametrize("body", ["{", "[]", "", '{"force": true}'])
def test_a_body_without_a_path_is_400(client: httpx2.Client, body: str) -> None:
    answer = client.post("/api/v1/tag", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_a_body_needs_no_content_type(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/tag", content=json.dumps({"path": f"{path} "}), headers=headers)
    assert (answer.status_code, answer.json()["path"]) == (200, path)


@pytest.mark.models
def test_blocking_mode_waits_for_the_result(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Single/03 'three'.flac")
    answer = client.post("/api/v1/tag", json={"path": path, "force": True}).json()
    assert (answer["status"], answer["blocking"], answer["error"]) == ("done", True, None)
    assert "timeout" not in answer
    report = client.get("/api/v2/tagging/track", params={"path": path}).json()
    assert report["state"] == "tagged"


@pytest.mark.models
def test_blocking_mode_waits_for_the_stronger_wish(house: House, client: httpx2.Client) -> None:
    """Whether the first wish still waits, runs or has ended when the second comes."""
    path = str(house.music / "Artist/Single/03 'three'.flac")
    client.post("/api/v1/tag", json={"path": path, "force": True}).raise_for_status()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(client.post, "/tag", json={"path": path})
        forced = client.post("/tag", json={"path": path, "force": True}).json()
        assert first.result().json()["status"] == "done"
    assert forced["status"] == "done"
    job = client.get(f"/api/v2/jobs/{forced['job_id']}").json()
    assert job["payload"]["force"] is True
    assert not job["result"].get("skipped")


def test_a_failed_job_is_an_answer_and_not_an_http_error(
    house: House, client: httpx2.Client
) -> None:
    broken = house.music / "broken.mp3"
    broken.write_bytes(b"this is no music" * 100)
    try:
        answer = client.post("/api/v1/tag", json={"path": str(broken)})
    finally:
        broken.unlink()
    assert answer.status_code == 200
    assert answer.json()["status"] == "error"
    assert answer.json()["error"]


def test_a_folder_makes_many_jobs_and_never_blocks(house: House, client: httpx2.Client) -> None:
    with at_rest(client):
        answer = client.post("/api/v1/tag", json={"path": str(house.music / "Artist")}).json()
        again = client.post("/api/v1/tag", json={"path": str(house.music / "Artist")}).json()
    assert (len(answer["job_ids"]), answer["blocking"]) == (3, False)
    assert answer["path"] == str(house.music / "Artist")
    assert again["job_ids"] == answer["job_ids"]
    assert again["files_queued"] == 0
    assert answer["queue_depth"] >= 3


def test_with_the_worker_disabled_nobody_waits(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    with at_rest(client, "all"):
        first = client.post("/tag", json={"path": path}).json()
        second = client.post("/tag", json={"path": path}).json()
        info = client.get("/info").json()
    assert (first["status"], first["blocking"]) == ("queued", False)
    assert second["job_id"] == first["job_id"]
    assert info["worker"]["enabled"] is info["config"]["worker_enabled"] is False


def test_paths_of_another_container_are_mapped(house: House, client: httpx2.Client) -> None:
    body = {"theirs": "/lidarr/music", "ours": str(house.music)}
    made = client.post("/api/v2/libraries/path-maps", json=body).json()
    try:
        answer = client.post("/tag", json={"path": "/lidarr/music/Artist/Album/02 two.ogg"}).json()
    finally:
        client.delete(f"/api/v2/libraries/path-maps/{made['id']}")
    assert answer["path"] == str(house.music / "Artist/Album/02 two.ogg")


def test_the_list_is_newest_first_and_counts_everything(
    house: House, client: httpx2.Client
) -> None:
    with at_rest(client):
        for name in ("Album/01 one.mp3", "Album/02 two.ogg"):
            client.post("/tag", json={"path": str(house.music / "Artist" / name)})
        page = client.get("/api/v1/list", params={"limit": 2}).json()
        older = client.get("/api/v1/list", params={"limit": 2, "offset": 1}).json()
    ids = [job["job_id"] for job in page["jobs"]]
    assert ids == sorted(ids, reverse=True)
    assert page["total"] == sum(page["counts"].values())
    assert older["jobs"][0]["job_id"] == ids[1]
    assert older["offset"] == 1


@pytest.mark.parametrize("status", ["pending", "queued", "running", "done", "error"])
def test_the_total_follows_the_filter(client: httpx2.Client, status: str) -> None:
    page = client.get("/api/v1/list", params={"status": status}).json()
    name = "pending" if status == "queued" else status
    assert page["total"] == page["counts"][name]
    # A job that ended well but could not write is listed among the done ones and says so.
    told = {job["status"] for job in page["jobs"] if not (name == "done" and job["error"])}
    assert told <= {name}


@pytest.mark.parametrize("query", ["status=finished", "limit=0", "limit=x", "offset=-1"])
def test_a_query_that_makes_no_sense_is_400(client: httpx2.Client, query: str) -> None:
    answer = client.get(f"/api/v1/list?{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize(("asked", "given"), [(None, 5), (3, 3), (25, 25), (1000, 25)])
def test_the_queue_shows_five_and_25_at_most(
    client: httpx2.Client, asked: int | None, given: int
) -> None:
    params = {} if asked is None else {"limit": asked}
    answer = client.get("/api/v1/queue", params=params).json()
    assert answer["limit"] == given
    assert len(answer["jobs"]) <= given


def test_times_are_iso_or_milliseconds(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    job = client.post("/tag", json={"path": path}).json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", job["created_at"])
    rows = client.get("/list", params={"limit": 1000}).json()["jobs"]
    (row,) = [one for one in rows if one["job_id"] == job["job_id"]]
    seconds = datetime.fromisoformat(job["created_at"] + "+00:00").timestamp()
    # The text is cut to whole seconds, the number rounded to milliseconds.
    assert seconds * 1000 <= row["created_at"] <= (seconds + 1) * 1000


def test_an_unknown_job_is_404(client: httpx2.Client) -> None:
    answer = client.get("/api/v1/status/999999999")
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def test_answers_are_compact_json(house: House, client: httpx2.Client) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    text = client.post("/tag", json={"path": path}).text
    assert re.search(r'"job_id":[0-9]+', text)
    assert len(re.findall(r'"status":"[^"]*"', text)) == 1


def test_no_key_is_in_the_log(house: House, stranger: httpx2.Client, tmp_path: Path) -> None:
    stranger.get("/list", params={"apikey": house.server.key})
    assert house.server.key not in house.server.log()


@pytest.mark.models
def test_a_write_that_failed_is_an_error(house: House, client: httpx2.Client) -> None:
    song = MediaFactory(house.music).song("linked.flac", seconds=12)
    os.link(song, house.outside / "linked.flac")
    body = {"path": str(song), "write_mode": "full"}
    (job_id,) = client.post("/api/v2/tagging/tag", json=body).json()["job_ids"]
    assert wait_for(client, job_id)["state"] == "done"
    told = client.get(f"/api/v1/status/{job_id}").json()
    assert told["status"] == "error"
    assert "hard link" in told["error"]
    (house.outside / "linked.flac").unlink()
    song.unlink()
