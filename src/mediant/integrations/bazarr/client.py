"""Lets Bazarr look for new files, by the calls that its own API page (`/api/`) describes."""

from pathlib import PurePath
from typing import Any

from mediant.http import ServiceClient
from mediant.jobs.job import Payload
from mediant.jobs.kind import Result
from mediant.jobs.watch import Toolbox, Watch
from mediant.library.path_maps import parse_path

MOVIES = ("/api/movies", "radarrId", "radarrid")
SERIES = ("/api/series", "sonarrSeriesId", "seriesid")
"""Path, the name of an id in answers, and its name in questions."""
ACTION = "scan-disk"


class BazarrServer:
    """One Bazarr. Raises as `ServiceClient` does."""

    def __init__(self, url: str, key: str) -> None:
        self._client = ServiceClient("Bazarr", url, {"X-API-KEY": key})

    def scan_for(self, video: PurePath) -> bool:
        """Let it look for subtitles of the film, or the show, of this video; False when it knows
        neither. `video` as Bazarr names it."""
        path, name, asked = MOVIES
        for one in self._list(path):
            if parse_path(str(one.get("path"))) == video:
                return self._scan(path, asked, one[name])
        path, name, asked = SERIES
        for one in self._list(path):
            if parse_path(str(one.get("path"))) in video.parents:
                return self._scan(path, asked, one[name])
        return False

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _list(self, path: str) -> list[dict[str, Any]]:
        found = self._client.read(path)
        rows = found.get("data") if isinstance(found, dict) else None
        return [one for one in rows or () if isinstance(one, dict) and one.get("path")]

    def _scan(self, path: str, asked: str, number: Any) -> bool:
        self._client.send("PATCH", path, {asked: str(number), "action": ACTION})
        return True


def tell(payload: Payload, _watch: Watch, _tools: Toolbox) -> Result:
    """Work of `tell_bazarr`."""
    bazarr = BazarrServer(payload["url"], payload["key"])
    try:
        return {"found": bazarr.scan_for(parse_path(payload["path"]))}
    finally:
        bazarr.close()
