"""One real run through everything: log in, scan, tag, calibrate, tag again, make a playlist."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.contract.house import server_environ

from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server

PATIENCE_S = 120.0


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[httpx2.Client]:
    """Somebody who knows the password of a new server, and nothing else."""
    environ = server_environ(
        MEDIANT_CALIBRATION__ENABLED="true", MEDIANT_CALIBRATION__MIN_SAMPLES="1"
    )
    with running_server(tmp_path / "config", environ) as server, server.client(None) as client:
        login = client.post("/api/web/auth/login", json={"password": server.password}).json()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {login['session_token']}"
        yield client


def _wait_until_idle(client: httpx2.Client) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while client.get("/api/v2/jobs/counts").json()["counts"] != _idle(client):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _idle(client: httpx2.Client) -> dict[str, int]:
    counts: dict[str, int] = client.get("/api/v2/jobs/counts").json()["counts"]
    return {**counts, "queued": 0, "running": 0}


@pytest.mark.models
def test_from_the_login_to_the_playlist(tmp_path: Path, visitor: httpx2.Client) -> None:
    songs = MediaFactory(tmp_path / "music")
    paths = [
        songs.song(f"Artist/Album/{n}.{kind}", seconds=10)
        for n, kind in enumerate(("mp3", "ogg", "flac", "mp3"))
    ]
    body = {"root_path": str(tmp_path / "music"), "name": "Music", "file_write_mode": "native"}
    library = visitor.post("/api/web/libraries", json=body).raise_for_status().json()

    scanned = visitor.post(f"/api/web/libraries/{library['id']}/scan", json={}).json()
    assert scanned["queued"] == len(paths)
    _wait_until_idle(visitor)
    assert visitor.get("/api/web/queue/queue-depth").json()["completed"] >= len(paths)
    assert visitor.get("/api/web/libraries/stats").json()["total_files"] == len(paths)

    found = visitor.post("/api/web/calibration/generate-histogram", json={}).json()
    assert found["library_size"] == len(paths)
    assert found["summary"]["completed_heads"] == len(found["heads"]) > 0
    for name, path in found["saved_files"].items():
        head = json.loads(Path(path).read_text())
        assert head["calibration_version"] == found["version"], name

    visitor.post("/admin/calibration/retag-all", json={}).raise_for_status()
    _wait_until_idle(visitor)
    status = visitor.get("/api/web/calibration/status").json()
    assert status["global_version"] == found["global_version"]
    (mine,) = status["libraries"]
    assert mine["library_id"] == f"lib_{library['id']:03d}"
    assert (mine["total_files"], mine["current_count"]) == (len(paths), len(paths))
    assert mine["percentage"] == 100.0

    frequencies = visitor.get("/api/web/analytics/tag-frequencies").json()["tag_frequencies"]
    assert frequencies[0]["total_count"] == len(paths)
    tags = visitor.get("/api/web/navidrome/preview").json()
    assert tags["tag_count"] == len(tags["tags"]) > 0
    assert "Tags." in visitor.get("/api/web/navidrome/config").json()["config"]

    number = next(one["tag_key"] for one in tags["tags"] if one["type"] == "float")
    query = f"{number} >= 0"
    shown = visitor.post("/api/web/navidrome/playlists/preview", json={"query": query}).json()
    assert shown["matched_tracks"] == len(paths)
    assert {one["path"] for one in shown["preview"]} == {str(path) for path in paths}
    wish = {"query": query, "playlist_name": "All", "comment": "Everything", "limit": 3}
    made = visitor.post("/api/web/navidrome/playlists/generate", json=wish).json()
    content = json.loads(made["content"])
    assert (content["name"], content["comment"], content["limit"]) == ("All", "Everything", 3)

    for template in visitor.get("/api/web/navidrome/templates").json()["templates"]:
        body = {"template_id": template["id"]}
        made = visitor.post("/api/web/navidrome/templates", json=body).raise_for_status().json()
        assert made["query"] == template["query"]
