"""What the endpoints of `nomarr-web` mean, beyond their shapes."""

import re
from pathlib import Path

import httpx2
import pytest
from tests.contract.house import House

from mediant.testing.media import MediaFactory

SCAN = "/api/web/libraries/{id}/scan"
CONFIG = "/api/web/config"


def _refused(answer: httpx2.Response, status: int) -> str:
    assert (answer.status_code, list(answer.json())) == (status, ["detail"]), answer.text
    return str(answer.json()["detail"])


def test_a_login_gives_both_names_of_the_token_and_a_cookie(web_house: House) -> None:
    with web_house.stranger() as stranger:
        body = {"password": web_house.server.password}
        answer = stranger.post("/api/web/auth/login", json=body)
        assert answer.json()["token"] == answer.json()["session_token"]
        assert answer.json()["expires_in"] == 86400
        assert stranger.get("/api/web/libraries").status_code == 200  # by the cookie
        wrong = stranger.post("/api/web/auth/login", json={"password": "wrong"})
        assert _refused(wrong, 401) == "Invalid password"
        _refused(stranger.post("/api/web/auth/login", json={}), 400)


def test_paths_that_cannot_be_processed(web_house: House, web: httpx2.Client) -> None:
    url = "/api/web/processing/process-files"
    music, outside = web_house.music, web_house.outside
    _refused(web.post(url, json={"paths": [str(music / "nothing.mp3")]}), 404)
    _refused(web.post(url, json={"paths": [str(music / "Artist/Album/notes.txt")]}), 404)
    _refused(web.post(url, json={"paths": [str(outside / "outside.mp3")]}), 403)
    _refused(web.post(url, json={"paths": []}), 400)
    _refused(web.post(url, content="{"), 400)


def test_some_of_the_paths_can_be_processed(web_house: House, web: httpx2.Client) -> None:
    song, none = web_house.music / "Artist/Album/01 one.mp3", web_house.music / "nothing.mp3"
    body = {"paths": [str(song), str(none)], "force": "true"}
    answer = web.post("/api/web/processing/process-files", json=body).json()
    assert (answer["enqueued"], answer["message"]) == (1, "Queued 1 file for processing")
    assert [one["path"] for one in answer["skipped"]] == [str(none)]
    assert answer["skipped"][0]["reason"]


def test_the_depth_has_both_shapes(web: httpx2.Client) -> None:
    depth = web.get("/api/web/queue/queue-depth").json()
    assert depth["depth"] == depth["pending"] + depth["running"]
    names = ("pending", "running", "completed", "errors")
    assert depth["counts"] == {name: depth[name] for name in names}


def test_pause_and_resume(web: httpx2.Client) -> None:
    assert web.post("/api/web/worker/pause").json()["message"] == "All workers paused"
    assert web.get("/api/v2/jobs/counts").json()["paused"] == ["all"]
    web.post("/api/v2/jobs/pause", json={"scope": "kind:tag"})
    assert web.post("/api/web/worker/resume").json()["message"] == "All workers resumed"
    assert web.get("/api/v2/jobs/counts").json()["paused"] == []


# Libraries


def test_a_library_from_its_making_to_its_end(tmp_path: Path, web: httpx2.Client) -> None:
    root = tmp_path / "more"
    MediaFactory(root).tone("a.mp3")
    body = {"root_path": str(root), "is_enabled": False, "file_write_mode": "native"}
    made = web.post("/api/web/libraries", json=body).raise_for_status().json()
    assert (made["name"], made["is_enabled"], made["file_write_mode"]) == ("more", False, "full")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    url = f"/api/web/libraries/lib_{made['id']:03d}"
    assert web.get(url).json() == made
    enabled = web.get("/api/web/libraries", params={"enabled_only": "true"}).json()
    assert made["id"] not in [one["id"] for one in enabled]
    _refused(web.post(url + "/scan", json={}), 409)
    _refused(web.post("/api/web/libraries", json={"root_path": str(root / "nowhere")}), 400)
    _refused(web.patch(url, json={"watch_mode": "always"}), 400)
    changed = web.patch(url, json={"name": "Less", "is_enabled": True}).json()
    assert (changed["name"], changed["is_enabled"]) == ("Less", True)
    assert web.delete(url).json()["status"] == "success"
    _refused(web.get(url), 404)
    assert (root / "a.mp3").exists()


@pytest.mark.parametrize("library_id", ["999", "lib_999"])
def test_an_unknown_library_is_404(web: httpx2.Client, library_id: str) -> None:
    _refused(web.post(SCAN.replace("{id}", library_id), json={}), 404)


def test_a_library_that_cannot_be_one_is_400(web: httpx2.Client) -> None:
    _refused(web.post(SCAN.replace("{id}", "first"), json={}), 400)


def test_a_scan_outside_the_root_is_400(web_house: House, web: httpx2.Client) -> None:
    url = SCAN.replace("{id}", str(web_house.library_id))
    _refused(web.post(url, json={"paths": [str(web_house.outside)]}), 400)


def test_a_scan_waits_for_its_end_and_counts(tmp_path: Path, web: httpx2.Client) -> None:
    root = tmp_path / "scanned"
    songs = MediaFactory(root)
    for name in ("a.mp3", "b.mp3", "c/d.mp3"):
        songs.tone(name)
    made = web.post("/api/web/libraries", json={"root_path": str(root)}).json()
    url = SCAN.replace("{id}", str(made["id"]))
    web.post("/api/v2/jobs/pause", json={"scope": "kind:tag"})
    try:
        flat = web.post(url, json={"recursive": False}).json()
        assert (flat["queued"], flat["scan_status"]) == (2, "done")
        whole = web.post(url, json={}).json()
        assert (whole["queued"], whole["message"]) == (1, "Queued 1 file for processing")
        (root / "a.mp3").unlink()
        kept = web.post(url, json={"clean_missing": False}).json()
        assert kept["queued"] == 0
        assert web.get("/api/v2/files", params={"library_id": made["id"]}).json()["items"][2:]
        web.post(url, json={"clean_missing": True}).raise_for_status()
        files = web.get("/api/v2/files", params={"library_id": made["id"]}).json()["items"]
        assert sorted(Path(one["path"]).name for one in files) == ["b.mp3", "d.mp3"]
    finally:
        web.post("/api/v2/jobs/resume", json={"scope": "kind:tag"})
        web.delete(f"/api/web/libraries/{made['id']}")


def test_a_scan_of_an_unmounted_disk_says_so(tmp_path: Path, web: httpx2.Client) -> None:
    root = tmp_path / "disk"
    MediaFactory(root).tone("a.mp3")
    made = web.post("/api/web/libraries", json={"root_path": str(root)}).json()
    url = SCAN.replace("{id}", str(made["id"]))
    web.post(url, json={}).raise_for_status()
    root.rename(tmp_path / "away")
    assert "cannot be reached" in _refused(web.post(url, json={"clean_missing": True}), 409)
    assert web.get("/api/v2/files", params={"library_id": made["id"]}).json()["items"]
    web.delete(f"/api/web/libraries/{made['id']}")


# Settings


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("nothing", "1"),
        ("models_dir", "/elsewhere"),
        ("worker_enabled", "false"),
        ("library_auto_tag", "perhaps"),
        ("worker_count", "1.5"),
        ("worker_count", "2"),  # set by the environment of this server
        ("min_duration_s", "-1"),
        ("min_duration_s", "nan"),
        ("namespace", "Not One"),
        ("file_write_mode", "everything"),
    ],
)
def test_a_setting_that_cannot_be_is_400(web: httpx2.Client, key: str, value: str) -> None:
    before = web.get(CONFIG).json()
    _refused(web.post(CONFIG, json={"key": key, "value": value}), 400)
    assert web.get(CONFIG).json() == before


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("library_auto_tag", "false", False),
        ("library_ignore_patterns", "*/Audiobooks/*, *.wav", ["*/Audiobooks/*", "*.wav"]),
        ("file_write_mode", "native", "full"),
        ("namespace", "mine", "mine"),
        ("min_duration_s", "12.5", 12.5),
        ("allow_short", True, True),
        ("cleanup_age_hours", "24", 24.0),
        ("blocking_timeout", 600, 600.0),
        ("calibration_apd_threshold", "0.02", 0.02),
    ],
)
def test_a_setting_is_stored_and_says_when_it_holds(
    web: httpx2.Client, key: str, value: object, shown: object
) -> None:
    before = web.get(CONFIG).json()
    answer = web.post(CONFIG, json={"key": key, "value": value}).raise_for_status().json()
    try:
        assert answer["success"] is True
        assert answer["message"].startswith("Configuration updated successfully")
        assert "restart" in answer["message"]
        config = web.get(CONFIG).json()
        assert (config[key], config["pending_restart"]) == (shown, [key])
    finally:
        web.post(CONFIG, json={"key": key, "value": None}).raise_for_status()
    assert web.get(CONFIG).json() == before


# Playlists and figures


@pytest.mark.parametrize("query", ["", "((", "nom:mood_happy >", "a = 1 AND b = 2 OR c = 3"])
@pytest.mark.parametrize("call", ["preview", "generate"])
def test_a_bad_query_is_400(web: httpx2.Client, query: str, call: str) -> None:
    body = {"query": query, "playlist_name": "P"}
    text = _refused(web.post(f"/api/web/navidrome/playlists/{call}", json=body), 400)
    assert "Invalid playlist query" in text


@pytest.mark.parametrize("path", ["tag-frequencies?limit=0", "mood-distribution?limit=x"])
def test_a_senseless_limit_is_400(web: httpx2.Client, path: str) -> None:
    _refused(web.get(f"/api/web/analytics/{path}"), 400)


def test_calibrating_is_403_where_it_is_off(house: House, client: httpx2.Client) -> None:
    _refused(client.post("/api/web/calibration/generate-histogram", json={}), 403)
    status = client.get("/api/web/calibration/status").json()
    assert (status["global_version"], status["last_run"], status["libraries"]) == (None, None, [])


def test_calibrating_is_refused_while_nobody_would_do_it(web: httpx2.Client) -> None:
    web.post("/api/web/worker/pause").raise_for_status()
    try:
        _refused(web.post("/api/web/calibration/generate-histogram", json={}), 503)
    finally:
        web.post("/api/web/worker/resume").raise_for_status()


def test_a_template_that_is_not_there_is_404(web: httpx2.Client) -> None:
    _refused(web.post("/api/web/navidrome/templates", json={"template_id": "nothing"}), 404)
