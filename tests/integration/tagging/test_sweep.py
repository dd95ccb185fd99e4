"""Files whose analysis failed for a cause that is gone are taken up by the next scan of all."""

import shutil
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server
from mediant.testing.wishes import wait_for

MODELS = Path(__file__).parents[3] / ".cache" / "models"
pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not MODELS.is_dir(), reason="needs the networks: make test-needs"),
]


def _scan(client: httpx2.Client, library: int) -> dict[str, Any]:
    """A whole scan, the sweep that follows it, and the jobs that this one enqueued; its result."""
    wish = client.post(f"/api/v2/libraries/{library}/scan").raise_for_status().json()
    ended = wait_for(client, wish)
    assert ended["state"] == "done"
    for kind in ("sweep", "tag"):
        for job in client.get("/api/v2/jobs", params={"kind": kind}).json()["items"]:
            wait_for(client, job["id"])
    return ended["result"]


def _states(client: httpx2.Client) -> dict[str, int]:
    return client.get("/api/v2/tagging/counts").json()["counts"]


@pytest.fixture
def music(tmp_path: Path) -> Path:
    songs = MediaFactory(tmp_path / "music")
    songs.song("one.flac", seconds=10)
    songs.song("two.mp3", seconds=10)
    songs.corrupt("broken.mp3")
    return tmp_path / "music"


def test_networks_that_came_later_tag_what_waited_for_them(tmp_path, music):
    models = tmp_path / "models"
    models.mkdir()
    environ = {"MEDIANT_MODELS_DIR": str(models)}
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        body = {"name": "Music", "root_path": str(music)}
        library = client.post("/api/v2/libraries", json=body).json()["id"]
        assert "No music model" in _scan(client, library)["hindrance"]
        assert _states(client) == {"tagged": 0, "failed": 0, "skipped": 0}
        assert client.get("/api/v2/jobs", params={"kind": "tag"}).json()["items"] == []
        shutil.copytree(MODELS, models, dirs_exist_ok=True)
        assert "hindrance" not in _scan(client, library)
        assert _states(client) == {"tagged": 2, "failed": 1, "skipped": 0}
        tried = client.get("/api/v2/jobs", params={"kind": "tag"}).json()["items"]
        _scan(client, library)
        again = client.get("/api/v2/jobs", params={"kind": "tag"}).json()["items"]
        assert len(again) == len(tried), "a broken file is left alone until it changes"


def test_a_disk_that_was_away_for_a_moment_costs_nothing(tmp_path, music):
    environ = {"MEDIANT_MODELS_DIR": str(MODELS)}
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        client.post("/api/v2/jobs/pause", json={"scope": "kind:tag"}).raise_for_status()
        body = {"name": "Music", "root_path": str(music)}
        library = client.post("/api/v2/libraries", json=body).json()["id"]
        wish = client.post(f"/api/v2/libraries/{library}/scan").json()
        assert wait_for(client, wish)["state"] == "done"
        music.rename(tmp_path / "away")
        client.post("/api/v2/jobs/resume", json={"scope": "kind:tag"}).raise_for_status()
        for job in client.get("/api/v2/jobs", params={"kind": "tag"}).json()["items"]:
            assert wait_for(client, job["id"])["error_code"] == "missing"
        (tmp_path / "away").rename(music)
        _scan(client, library)
        assert _states(client)["tagged"] == 2
