"""The stand-ins are what public client libraries take for the real services."""

import pytest
from jellyfin_apiclient_python import JellyfinClient
from plexapi.exceptions import Unauthorized
from plexapi.server import PlexServer as PublicPlex

from mediant.testing.jellyfin import TOKEN, fake_jellyfin
from mediant.testing.plex import PlexItem, fake_plex


def test_plexapi_finds_files_and_refreshes() -> None:
    with fake_plex("/media/movies") as plex:
        plex.add(PlexItem("7", "A film", "movie", "/media/movies/A film/film.mkv"))
        item = PublicPlex(plex.url, plex.token).fetchItem(7)
        assert (item.title, item.locations) == ("A film", ["/media/movies/A film/film.mkv"])
        item.refresh()
        assert plex.refreshed == ["7"]


def test_plexapi_scans_a_folder() -> None:
    with fake_plex("/media/movies") as plex:
        (section,) = PublicPlex(plex.url, plex.token).library.sections()
        assert section.locations == ["/media/movies"]
        section.update(path="/media/movies/A film")
        assert plex.scanned == ["/media/movies/A film"]


def test_a_wrong_token_is_refused() -> None:
    with fake_plex("/media") as plex, pytest.raises(Unauthorized):
        PublicPlex(plex.url, "wrong")


def test_the_jellyfin_client_finds_an_item() -> None:
    with fake_jellyfin() as jellyfin:
        jellyfin.add("abc1", "Movie", "/media/film.mkv")
        client = JellyfinClient()
        client.config.app("Mediant tests", "1", "a device", "an id")
        signed_in = {"ssl": False, "user_id": "u1", "server": jellyfin.url, "token": TOKEN}
        client.config.data |= {f"auth.{name}": value for name, value in signed_in.items()}
        client.http.start_session()
        assert client.jellyfin.get_item("abc1")["Path"] == "/media/film.mkv"
        client.jellyfin.items("/abc1/Refresh", "POST")
        assert jellyfin.refreshed == ["abc1"]
        client.http.stop_session()
