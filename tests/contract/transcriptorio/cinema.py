"""A server with a folder of videos, and what tests of this family do with it again and again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from mediant.testing.server import RunningServer
from mediant.testing.videos import Sound, Text, VideoFactory
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import list_live


@dataclass(frozen=True, slots=True)
class Cinema:
    """A server, and `films`, the folder that it looks after: one video is Japanese with English
    subtitles, one Spanish. Speech jobs wait: their lane is paused."""

    server: RunningServer
    films: Path
    japanese: Path
    spanish: Path

    def client(self) -> httpx2.Client:
        """A client with the admin's key."""
        return self.server.client()

    def stranger(self) -> httpx2.Client:
        """A client without any credential."""
        return self.server.client(None)


def furnish(folder: Path) -> tuple[Path, Path]:
    """The two videos of a cinema."""
    videos = VideoFactory(folder)
    japanese = videos.video("anime/Episode 1.mkv", [Sound("jpn")], [Text("eng")])
    videos.external(japanese, "en")
    return japanese, videos.video("film/Película.mp4", [Sound("spa")])


def stop_scanner(client: httpx2.Client) -> None:
    """End the scanner's work, and wait for what it has begun: only speech jobs are live then.

    A watch looks through everything when it starts, which may make jobs; and what is gone is
    forgotten by a job that follows a scan.
    """
    for part in ("scheduler", "watcher"):
        client.post(f"/api/scanner/{part}/stop").raise_for_status()
    wait_until(lambda: all(job["lane"] == "speech" for job in list_live(client)))


def put_setting(client: httpx2.Client, key: str, value: str) -> dict[str, Any]:
    """Change one setting by the family's own call."""
    answer = client.put(f"/api/settings/{key}", json={"value": value})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
