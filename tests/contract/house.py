"""A real server with one small library: what all contract tests talk to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from mediant.testing.media import MediaFactory
from mediant.testing.server import RunningServer
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import list_live

MODELS = Path(__file__).parents[2] / ".cache" / "models"
TAGGING = {"scan", "match", "sweep", "retag", "calibrate", "tag"}
"""Kinds that tag, lead to tagging, or keep the worker that tags busy."""
HAS_MODELS = MODELS.is_dir() and any(MODELS.iterdir())


@dataclass(frozen=True, slots=True)
class House:
    """A server with one library: `music` holds songs, `outside` lies beside it."""

    server: RunningServer
    music: Path
    outside: Path
    library_id: int

    def client(self, key: str | None = None) -> httpx2.Client:
        """A client with the admin's key, or another one."""
        return self.server.client(self.server.key if key is None else key)

    def stranger(self) -> httpx2.Client:
        """A client without any credential."""
        return self.server.client(None)


def furnish(folder: Path, server: RunningServer) -> House:
    """Give a server a library with three songs, and a file outside of it."""
    music, outside = folder / "music", folder / "outside"
    songs = MediaFactory(music)
    songs.song("Artist/Album/01 one.mp3", seconds=12)
    songs.song("Artist/Album/02 two.ogg", seconds=12)
    songs.song("Artist/Single/03 'three'.flac", seconds=12)
    songs.text("Artist/Album/notes.txt")
    (music / "Empty").mkdir()
    MediaFactory(outside).tone("outside.mp3")
    with server.client() as client:
        body = {"name": "Music", "root_path": str(music)}
        entry = client.post("/api/v2/libraries", json=body).raise_for_status().json()
    return House(server, music, outside, entry["id"])


def await_workers(client: httpx2.Client) -> None:
    """The workers that do not wait for a first job have their processes."""
    wait_until(lambda: {"cpu", "io"} <= _list_manned_lanes(client))


def _list_manned_lanes(client: httpx2.Client) -> set[str]:
    workers = client.get("/api/v2/workers").raise_for_status().json()["items"]
    return {one["lane"] for one in workers if one["pid"] and one["state"] in {"idle", "busy"}}


def await_rest(client: httpx2.Client) -> None:
    """No tagging is under way or waits, and none begins by itself.

    What a scan or a retagging leads to comes after it, and may be of another test.
    """
    wait_until(lambda: not any(job["kind"] in TAGGING for job in list_live(client)))


@contextmanager
def at_rest(client: httpx2.Client, scope: str = "kind:tag") -> Iterator[None]:
    """No tagging is under way or waits, and none begins.

    A wish for the same song would join or follow such a job instead of becoming one.
    """
    await_rest(client)
    client.post("/api/v2/jobs/pause", json={"scope": scope}).raise_for_status()
    try:
        yield
    finally:
        client.post("/api/v2/jobs/resume", json={"scope": scope}).raise_for_status()


def server_environ(**more: str) -> dict[str, str]:
    """A server's environment: the real networks where there are some, and these settings."""
    return {**({"MEDIANT_MODELS_DIR": str(MODELS)} if HAS_MODELS else {}), **more}
