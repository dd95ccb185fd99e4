"""A server with a folder of videos, and what tests of this family do with it again and again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from mediant.testing.server import RunningServer
from mediant.testing.videos import Sound, Text, VideoFactory


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


def put_setting(client: httpx2.Client, key: str, value: str) -> dict[str, Any]:
    """Change one setting by the family's own call."""
    answer = client.put(f"/api/settings/{key}", json={"value": value})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
