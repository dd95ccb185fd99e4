"""A server with a music library, and a Lidarr that tells it what it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mediant.testing.lidarr import FakeLidarr
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone, write_head
from mediant.testing.server import RunningServer, running_server
from mediant.testing.wishes import wait_for

HOOK = "/api/v2/hooks/lidarr"


@dataclass(frozen=True, slots=True)
class Place:
    """The server, its library's folder and id, and a client with the admin's key."""

    server: RunningServer
    music: Path
    media: MediaFactory
    library_id: int
    client: httpx2.Client

    def lidarr(self, folder: str | Path = "Artist", **fields: Any) -> FakeLidarr:
        """A Lidarr whose artist has this folder; with the admin's key unless told otherwise."""
        given = fields or {"password": self.server.key}
        return FakeLidarr(self.server.url + HOOK, str(self.music / folder), **given)

    def end(self, answer: httpx2.Response) -> dict[str, Any]:
        """The body of an answer, when all that it enqueued has ended well."""
        body: dict[str, Any] = answer.raise_for_status().json()
        for one in (*body["jobs"], *body["scans"]):
            job = wait_for(self.client, one)
            assert job["state"] == "done", job
        return body

    def track(self, path: Path) -> dict[str, Any]:
        """What is known of a track."""
        answer = self.client.get("/api/v2/tagging/track", params={"path": str(path)})
        track: dict[str, Any] = answer.raise_for_status().json()
        return track

    def states(self) -> dict[str, tuple[int, str]]:
        """Id and state of every file, by its relative path."""
        params = {"library_id": self.library_id, "limit": 1000}
        items = self.client.get("/api/v2/files", params=params).raise_for_status().json()["items"]
        return {
            str(Path(one["path"]).relative_to(self.music)): (one["id"], one["state"])
            for one in items
        }


@pytest.fixture(scope="session")
def lidarr_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with small invented networks that tags only what it is asked to."""
    folder = tmp_path_factory.mktemp("lidarr")
    write_backbone(folder / "models", "msd-musicnn")
    write_head(folder / "models", "mood_happy", ["happy", "non_happy"], bias=[4.0, -4.0])
    environ = {
        "MEDIANT_MODELS_DIR": str(folder / "models"),
        "MEDIANT_LIBRARY__AUTO_TAG": "false",
    }
    with running_server(folder / "config", environ) as server:
        yield server


@pytest.fixture
def place(lidarr_server: RunningServer, tmp_path: Path) -> Iterator[Place]:
    """A library of its own for each test."""
    music = tmp_path / "music"
    music.mkdir()
    with lidarr_server.client() as client:
        body = {"name": tmp_path.name, "root_path": str(music), "write_mode": "full"}
        entry = client.post("/api/v2/libraries", json=body).raise_for_status().json()
        yield Place(lidarr_server, music, MediaFactory(music), entry["id"], client)
        client.delete(
            f"/api/v2/libraries/{entry['id']}", params={"forget_undo": True}
        ).raise_for_status()
