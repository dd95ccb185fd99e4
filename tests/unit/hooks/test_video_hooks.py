"""What the hooks' bodies say about videos."""

import pytest

from mediant.api.v2.hooks import emby, jellyfin, plex, radarr, sonarr
from mediant.subtitles.tell import HookNews


@pytest.mark.parametrize("key", [7, "7"])
def test_plex_tells_of_an_item(key: object) -> None:
    body = {"event": "library.new", "Metadata": {"ratingKey": key, "type": "episode"}}
    expected = HookNews("plex", server="plex", item_id="7")
    assert plex.to_news(plex.PlexHookIn.model_validate(body)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"event": "media.scrobble", "Metadata": {"ratingKey": "7"}},
        {"event": "library.new"},
        {"event": "library.new", "Metadata": {"type": "movie"}},
        {"event": "library.new", "Metadata": {"ratingKey": "7", "type": "track"}},
    ],
)
def test_plex_tells_of_nothing_to_do(body: dict[str, object]) -> None:
    assert plex.to_news(plex.PlexHookIn.model_validate(body)) is None


def test_a_playback_is_told_as_one() -> None:
    body = {"event": "media.play", "Metadata": {"ratingKey": "7", "type": "movie"}}
    news = plex.to_news(plex.PlexHookIn.model_validate(body))
    assert news is not None
    assert news.is_playback


def test_jellyfin_tells_of_an_item() -> None:
    body = {"NotificationType": "ItemAdded", "ItemId": "abc", "ItemType": "Episode", "Name": "x"}
    expected = HookNews("jellyfin", server="jellyfin", item_id="abc")
    assert jellyfin.to_news(jellyfin.JellyfinHookIn.model_validate(body)) == expected
    song = {**body, "ItemType": "Audio"}
    assert jellyfin.to_news(jellyfin.JellyfinHookIn.model_validate(song)) is None


def test_emby_tells_of_a_file_and_its_item() -> None:
    item = {"Id": 12, "Type": "Movie", "Path": "/films/a.mkv"}
    body = {"Event": "library.new", "Item": item}
    expected = HookNews("emby", paths=("/films/a.mkv",), server="emby", item_id="12")
    assert emby.to_news(emby.EmbyHookIn.model_validate(body)) == expected


def test_emby_is_asked_for_the_files_of_a_series() -> None:
    body = {"Event": "library.new", "Item": {"Id": "9", "Type": "Series", "Path": "/tv/a"}}
    expected = HookNews("emby", server="emby", item_id="9")
    assert emby.to_news(emby.EmbyHookIn.model_validate(body)) == expected


def test_sonarr_tells_of_imports_and_new_names() -> None:
    files = [{"path": "/tv/a/1.mkv"}, {"relativePath": "S1/2.mkv"}]
    body = {"eventType": "Download", "series": {"path": "/tv/a/"}, "episodeFiles": files}
    news = sonarr.to_news(sonarr.SonarrHookIn.model_validate(body))
    assert news == HookNews("sonarr", paths=("/tv/a/1.mkv", "/tv/a/S1/2.mkv"))
    renamed = [{"path": "/tv/a/b.mkv", "previousPath": "/tv/a/a.mkv"}]
    body = {"eventType": "Rename", "renamedEpisodeFiles": renamed}
    news = sonarr.to_news(sonarr.SonarrHookIn.model_validate(body))
    assert news == HookNews("sonarr", paths=("/tv/a/b.mkv",))


@pytest.mark.parametrize("event", ["Grab", "EpisodeFileDelete", "SeriesDelete", "Health"])
def test_sonarr_tells_of_nothing_to_do(event: str) -> None:
    body = {"eventType": event, "episodeFile": {"path": "/tv/a/1.mkv"}}
    assert sonarr.to_news(sonarr.SonarrHookIn.model_validate(body)) is None


def test_radarr_tells_of_imports() -> None:
    movie, file = {"folderPath": "/films/A"}, {"relativePath": "a.mkv"}
    body = {"eventType": "Download", "movie": movie, "movieFile": file, "isUpgrade": True}
    news = radarr.to_news(radarr.RadarrHookIn.model_validate(body))
    assert news == HookNews("radarr", paths=("/films/A/a.mkv",))
