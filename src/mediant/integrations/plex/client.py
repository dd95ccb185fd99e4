"""Plex: metadata of an item, its files, refreshing it.

Paths and keys are those of the server's HTTP API (developer.plex.tv), with JSON asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from mediant.errors import Invalid
from mediant.http import ServiceClient

VIDEOS = frozenset({"movie", "episode", "clip"})


class PlexServer:
    """A Plex Media Server. Satisfies `MediaServer`."""

    def __init__(self, url: str, token: str) -> None:
        self._client = ServiceClient("Plex", url, {"X-Plex-Token": token})

    def list_files(self, item_id: str) -> Sequence[str]:
        """The files of a movie or an episode; of all episodes of a season or a show."""
        found = self._metadata(f"/library/metadata/{_key(item_id)}")
        if any(item.get("type") not in VIDEOS for item in found):
            found = self._metadata(f"/library/metadata/{_key(item_id)}/allLeaves")
        return list(dict.fromkeys(file for item in found for file in _files(item)))

    def refresh_item(self, item_id: str) -> None:
        """Read the item's metadata anew, with the subtitles beside its file."""
        self._client.send("PUT", f"/library/metadata/{_key(item_id)}/refresh")

    def refresh_file(self, path: PurePath) -> bool:
        """Scan the file's folder, in each library that it lies in."""
        sections = list(self._sections_of(path))
        for key in sections:
            where = {"path": str(path.parent)}
            self._client.send("GET", f"/library/sections/{_key(key)}/refresh", where)
        return bool(sections)

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _metadata(self, path: str) -> list[Mapping[str, Any]]:
        return list(_container(self._client.read(path)).get("Metadata") or ())

    def _sections_of(self, path: PurePath) -> Iterator[str]:
        for section in _container(self._client.read("/library/sections")).get("Directory") or ():
            roots = (type(path)(one["path"]) for one in section.get("Location") or ())
            if any(path.is_relative_to(root) for root in roots):
                yield str(section["key"])


def _container(answer: Any) -> Mapping[str, Any]:
    found = answer.get("MediaContainer") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def _files(item: Mapping[str, Any]) -> Iterator[str]:
    for media in item.get("Media") or ():
        yield from (part["file"] for part in media.get("Part") or () if part.get("file"))


def _key(text: str) -> str:
    """A rating key is a number: nothing else becomes part of a path."""
    if not (text.isascii() and text.isdigit()):
        raise Invalid("A key of Plex is a number.", asset=ascii(text))
    return text
