"""What Jellyfin and Emby have in common: both kept the item API of the server that they grew from.

`GET /Items`, `POST /Items/{id}/Refresh` and `POST /Library/Media/Updated`, with the same parameters
in both API descriptions.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from mediant.errors import Invalid, NotFound
from mediant.http import ServiceClient

FOLDERS = frozenset({"Series", "Season", "Folder", "BoxSet"})
VIDEO_TYPES = "Movie,Episode,Video,MusicVideo"


class ItemServer:
    """A server of items. Satisfies `MediaServer`."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    def list_files(self, item_id: str) -> Sequence[str]:
        """The file of a video; those of all videos below a series, a season or a folder."""
        found = self._items({"Ids": _key(item_id), "Fields": "Path"})
        if not found:
            raise NotFound(f"{self._client.service} has no such item.", asset=item_id)
        if any(item.get("Type") in FOLDERS for item in found):
            found = self._items(
                {
                    "ParentId": item_id,
                    "Recursive": "true",
                    "IncludeItemTypes": VIDEO_TYPES,
                    "Fields": "Path",
                }
            )
        return [item["Path"] for item in found if item.get("Path")]

    def refresh_item(self, item_id: str) -> None:
        """Read the item anew, with the subtitles beside its file."""
        modes = {"MetadataRefreshMode": "FullRefresh", "ImageRefreshMode": "Default"}
        self._client.send("POST", f"/Items/{_key(item_id)}/Refresh", modes)

    def refresh_file(self, path: PurePath) -> bool:
        """Say that the file has changed; the server looks at it if it is in a library."""
        change = {"Path": str(path), "UpdateType": "Modified"}
        self._client.send("POST", "/Library/Media/Updated", body={"Updates": [change]})
        return True

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _items(self, params: dict[str, str]) -> list[dict[str, Any]]:
        answer = self._client.read("/Items", params)
        return list(answer.get("Items") or ()) if isinstance(answer, dict) else []


def _key(text: str) -> str:
    """An id is a number or a UUID: nothing else becomes part of a path."""
    if not (text.isascii() and text.replace("-", "").isalnum()):
        raise Invalid("An item's id is made of letters and digits.", asset=ascii(text))
    return text
