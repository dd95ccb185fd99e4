"""What an event of Lidarr says about files."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.api.v2.hooks.lidarr import LidarrHookIn, to_news
from mediant.tagging.news import FileNews

ARTIST = {"artist": {"path": "/m/A"}}
FILE = {"path": "/m/A/1.mp3"}


def news(event: str, **fields: Any) -> FileNews | None:
    return to_news(LidarrHookIn.model_validate({"eventType": event, **fields}))


def places(found: FileNews | None) -> tuple[list[str], ...] | None:
    if found is None:
        return None
    return list(found.written), list(found.displaced), list(found.folders)


@pytest.mark.parametrize(
    ("event", "fields", "told"),
    [
        ("Download", {"trackFiles": [FILE]}, (["/m/A/1.mp3"], [], [])),
        ("download", {"trackFiles": [FILE]}, (["/m/A/1.mp3"], [], [])),
        ("Upgrade", {"trackFile": FILE}, (["/m/A/1.mp3"], [], [])),
        (
            "Download",
            {"trackFiles": [FILE], "deletedFiles": [{"path": "/m/A/1.ogg"}, FILE]},
            (["/m/A/1.mp3"], ["/m/A/1.ogg"], []),
        ),
        ("Download", ARTIST, None),
        ("Retag", {"trackFile": FILE, **ARTIST}, (["/m/A/1.mp3"], [], [])),
        ("Retag", ARTIST, ([], [], ["/m/A"])),
        (
            "Rename",
            {"renamedTrackFiles": [{"path": "/m/A/2.mp3", "previousPath": "/m/A/1.mp3"}]},
            ([], ["/m/A/1.mp3", "/m/A/2.mp3"], []),
        ),
        ("Rename", ARTIST, ([], [], ["/m/A"])),
        ("Rename", {}, None),
        ("TrackFileDelete", {"trackFile": FILE, **ARTIST}, ([], ["/m/A/1.mp3"], [])),
        ("AlbumDelete", {"deletedFiles": True, **ARTIST}, ([], [], ["/m/A"])),
        ("ArtistDelete", {"deletedFiles": True, **ARTIST}, ([], [], ["/m/A"])),
        ("ArtistDelete", {"deletedFiles": False, **ARTIST}, None),
        ("ArtistDelete", ARTIST, None),
        ("Grab", {"trackFiles": [FILE], **ARTIST}, None),
        ("Test", ARTIST, None),
    ],
)
def test_an_event_is_what_lidarr_did(
    event: str, fields: dict[str, Any], told: tuple[list[str], ...] | None
) -> None:
    assert places(news(event, **fields)) == told


texts = st.text(max_size=8)
files = st.fixed_dictionaries(
    {}, optional={"path": st.none() | texts, "previousPath": st.none() | texts, "id": st.integers()}
)
bodies = st.fixed_dictionaries(
    {
        "eventType": st.sampled_from(
            ["Download", "Retag", "Rename", "TrackFileDelete", "AlbumDelete", "Grab", "What"]
        )
    },
    optional={
        "artist": st.none() | files,
        "trackFile": st.none() | files,
        "trackFiles": st.none() | st.lists(files, max_size=3),
        "renamedTrackFiles": st.none() | st.lists(files, max_size=3),
        "deletedFiles": st.none() | st.booleans() | st.lists(files, max_size=3),
    },
)


@given(bodies)
def test_no_event_is_read_as_nothing_to_do_at_some_place(body: dict[str, Any]) -> None:
    found = places(to_news(LidarrHookIn.model_validate(body)))
    assert found is None or any(found)
    assert found is None or all(path for part in found for path in part)
