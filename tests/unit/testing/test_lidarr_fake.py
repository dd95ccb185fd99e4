"""The stand-in for Lidarr says what the real one says, as far as its OpenAPI document tells."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mediant.testing.lidarr import TRIGGERS, FakeLidarr

FACTS = Path(__file__).parents[2] / "data" / "lidarr" / "openapi_facts.json"
SCHEMAS: Mapping[str, Mapping[str, str]] = json.loads(FACTS.read_text())["schemas"]
TYPES: Mapping[str, type] = {
    "integer": int,
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
}
LIDARR = FakeLidarr("http://127.0.0.1:9", "/music/Artist")

OTHER_NAMES = {
    "ArtistResource": {"name": "artistName", "mbId": "foreignArtistId", "type": "artistType"},
    "AlbumResource": {"mbId": "foreignAlbumId", "secondaryAlbumTypes": "secondaryTypes"},
    "TrackResource": {},
    "TrackFileResource": {},
}
"""Field of a webhook -> the same thing in the API, where the names differ."""

ONLY_IN_WEBHOOKS = {"quality", "qualityVersion"}
"""The API has objects there; a webhook has a name and a number."""


@pytest.mark.parametrize(
    ("schema", "part"),
    [
        ("ArtistResource", LIDARR.artist()),
        ("AlbumResource", LIDARR.album()),
        ("TrackResource", LIDARR.track(1)),
        ("TrackFileResource", LIDARR.track_file("/music/Artist/1.flac")),
    ],
)
def test_parts_have_the_names_and_types_of_the_api(schema: str, part: dict[str, Any]) -> None:
    for name, value in part.items():
        if name in ONLY_IN_WEBHOOKS:
            continue
        known = SCHEMAS[schema][OTHER_NAMES[schema].get(name, name)]
        assert isinstance(value, TYPES[known]), name


def test_every_event_has_its_trigger() -> None:
    assert set(TRIGGERS.values()) <= set(SCHEMAS["NotificationResource"])
