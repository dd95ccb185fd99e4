"""What nobody sends by accident: each is answered as the caller's mistake, never as ours."""

import json

import httpx2
import pytest
from tests.contract.house import House

TEXTS = {
    "half a character": "\ud800",
    "a zero character": "/music/\0.mp3",
    "a name too long": "/music/" + "x" * 300 + ".mp3",
    "a path too long": "/x" * 3000 + ".mp3",
    "the home of nobody": "~nobody-of-this-name/x.mp3",
    "a relative path": "x.mp3",
}
CALLS = [
    ("/api/v1/tag", "path"),
    ("/tag", "paths"),
    ("/web/api/process", "path"),
    ("/internal/process_direct", "path"),
    ("/api/web/processing/process-files", "paths"),
    ("/api/v1/processing/process-files", "path"),
    ("/admin/queue/flush", "statuses"),
    ("/api/web/libraries", "root_path"),
    ("/api/web/navidrome/playlists/preview", "query"),
    ("/api/web/navidrome/templates", "template_id"),
    ("/api/v2/libraries", "root_path"),
    ("/api/v2/tagging/tag", "paths"),
]


@pytest.mark.parametrize(("path", "name"), CALLS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_a_senseless_text_is_refused(client: httpx2.Client, path: str, name: str, text: str):
    body = {"name": "x", name: [text] if name.endswith("s") else text}
    answer = client.post(path, content=json.dumps(body))
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["/web/api/batch-process", "/internal/batch_process"])
@pytest.mark.parametrize("name", [name for name in TEXTS if name != "half a character"])
def test_a_batch_says_what_is_wrong_with_each(client: httpx2.Client, path: str, name: str):
    answer = client.post(path, json={"paths": [TEXTS[name], TEXTS[name]]})
    results = answer.raise_for_status().json()["results"]
    assert [(one["path"], one["tags_written"]) for one in results] == [(TEXTS[name], 0)] * 2
    assert all(one["error"] for one in results)


def test_a_folder_that_leads_to_itself_is_no_folder(house: House, client: httpx2.Client) -> None:
    loop = house.outside / "loop"
    loop.symlink_to("loop")
    inside = str(loop / "song.mp3")
    assert client.post("/api/v1/tag", json={"path": inside}).status_code == 404
    assert client.post("/api/web/libraries", json={"root_path": inside}).status_code == 404
    scan = client.post(f"/api/web/libraries/{house.library_id}/scan", json={"paths": [inside]})
    assert scan.status_code == 404
    assert "circle" in scan.json()["detail"]


@pytest.mark.parametrize("path", ["/web/auth/login", "/api/web/auth/login", "/api/v2/sessions"])
def test_a_password_of_half_characters_is_wrong(stranger: httpx2.Client, path: str) -> None:
    answer = stranger.post(path, content=json.dumps({"password": "\udfff" * 12}))
    assert answer.status_code in {400, 401}


NUMBERS = {
    "worker_count": ["1e9", "99999999999999999999999", "257"],
    "cleanup_age_hours": ["1e306", "-1"],
    "blocking_timeout": ["1e308", "0"],
    "session_timeout": ["99999999999"],
    "calibration_min_samples": ["1e30"],
    "calibration_jsd_threshold": ["1e300"],
}


@pytest.mark.parametrize("key", NUMBERS)
def test_no_setting_can_stop_the_next_start(client: httpx2.Client, key: str) -> None:
    """A number that is out of all proportion would be stored, and found at the next start."""
    before = client.get("/api/web/config").json()
    for value in NUMBERS[key]:
        answer = client.post("/api/web/config", json={"key": key, "value": value})
        assert answer.status_code == 400, (value, answer.text)
    assert client.get("/api/web/config").json() == before
