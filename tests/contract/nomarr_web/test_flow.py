"""One real run through everything: log in, scan, tag, calibrate, tag again, make a playlist."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import server_environ

from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server
from mediant.testing.wishes import wait_until_idle


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


@pytest.mark.models
def test_from_the_login_to_the_playlist(tmp_path: Path, visitor: httpx2.Client) -> None:
    songs = MediaFactory(tmp_path / "music")
    paths = [
        songs.song(f"Artist/Album/{n}.{kind}", seconds=10)
        for n, kind in enumerate(("mp3", "ogg", "flac", "mp3"))
    ]
    library_id = _scan(visitor, tmp_path / "music", len(paths))
    _calibrate(visitor, library_id, len(paths))
    tags = _look_at_tags(visitor, len(paths))
    _make_playlist(visitor, next(one["tag_key"] for one in tags if one["type"] == "float"), paths)
    _use_templates(visitor)


def _scan(visitor: httpx2.Client, root: Path, n_songs: int) -> int:
    """A new library, scanned and tagged; its id."""
    body = {"root_path": str(root), "name": "Music", "file_write_mode": "native"}
    library = visitor.post("/api/web/libraries", json=body).raise_for_status().json()
    scanned = visitor.post(f"/api/web/libraries/{library['id']}/scan", json={}).json()
    assert scanned["queued"] == n_songs
    wait_until_idle(visitor)
    assert visitor.get("/api/web/queue/queue-depth").json()["completed"] >= n_songs
    assert visitor.get("/api/web/libraries/stats").json()["total_files"] == n_songs
    return int(library["id"])


def _calibrate(visitor: httpx2.Client, library_id: int, n_songs: int) -> None:
    """Calibrate, and tag all again by it."""
    found = visitor.post("/api/web/calibration/generate-histogram", json={}).json()
    assert found["library_size"] == n_songs
    assert found["summary"]["completed_heads"] == len(found["heads"]) > 0
    for name, path in found["saved_files"].items():
        head = json.loads(Path(path).read_text())
        assert head["calibration_version"] == found["version"], name

    visitor.post("/admin/calibration/retag-all", json={}).raise_for_status()
    wait_until_idle(visitor)
    status = visitor.get("/api/web/calibration/status").json()
    assert status["global_version"] == found["global_version"]
    (mine,) = status["libraries"]
    assert mine["library_id"] == f"lib_{library_id:03d}"
    assert (mine["total_files"], mine["current_count"]) == (n_songs, n_songs)
    assert mine["percentage"] == 100.0


def _look_at_tags(visitor: httpx2.Client, n_songs: int) -> list[dict[str, Any]]:
    """What playlists can ask for."""
    frequencies = visitor.get("/api/web/analytics/tag-frequencies").json()["tag_frequencies"]
    assert frequencies[0]["total_count"] == n_songs
    previewed = visitor.get("/api/web/navidrome/preview").json()
    tags: list[dict[str, Any]] = previewed["tags"]
    assert previewed["tag_count"] == len(tags) > 0
    assert "Tags." in visitor.get("/api/web/navidrome/config").json()["config"]
    return tags


def _make_playlist(visitor: httpx2.Client, number: str, paths: Sequence[Path]) -> None:
    """A playlist of all songs that have the number."""
    query = f"{number} >= 0"
    shown = visitor.post("/api/web/navidrome/playlists/preview", json={"query": query}).json()
    assert shown["matched_tracks"] == len(paths)
    assert {one["path"] for one in shown["preview"]} == {str(path) for path in paths}
    wish = {"query": query, "playlist_name": "All", "comment": "Everything", "limit": 3}
    made = visitor.post("/api/web/navidrome/playlists/generate", json=wish).json()
    content = json.loads(made["content"])
    assert (content["name"], content["comment"], content["limit"]) == ("All", "Everything", 3)


def _use_templates(visitor: httpx2.Client) -> None:
    for template in visitor.get("/api/web/navidrome/templates").json()["templates"]:
        body = {"template_id": template["id"]}
        made = visitor.post("/api/web/navidrome/templates", json=body).raise_for_status().json()
        assert made["query"] == template["query"]
