"""`mediant navidrome`: a tagged library becomes a configuration and a smart playlist."""

import json
import tomllib

import pytest

QUERY = "nom:mood_happy is true OR tag:nom:mood_happy >= 0"


@pytest.fixture(scope="module")
def tagged(served):
    """The library of `served`, analysed."""
    served.shell.well("tag", served.media.folder)
    return served


def test_tags_are_listed_with_their_types(tagged):
    found = tagged.shell.well("navidrome", "tags", "--json").json()
    types = {tag["key"]: tag["type"] for tag in found["tags"]}
    assert found["namespace"] == "nom"
    assert (types["mood_happy"], types["nom_version"]) == ("float", "text")
    shown = tagged.shell.well("navidrome", "tags").out
    assert "mood_happy" in shown


def test_the_configuration_goes_to_the_screen_or_into_a_file(tagged, tmp_path):
    told = tagged.shell.well("navidrome", "config").out
    path = tmp_path / "navidrome.toml"
    done = tagged.shell.well("navidrome", "config", "--output", path)
    assert (done.out, path.read_text()) == ("", told)
    assert tomllib.loads(told)["Tags"]["mood_happy"]["Type"] == "float"
    as_json = tagged.shell.well("navidrome", "config", "--json").json()
    assert as_json["config"] == told


def test_a_preview_shows_tracks_and_their_number(tagged):
    found = tagged.shell.well("navidrome", "preview", QUERY, "--json").json()
    assert found["matched"] == 1
    assert found["tracks"][0]["path"] == str(tagged.media.folder / "one.mp3")
    done = tagged.shell.well("navidrome", "preview", QUERY)
    assert "one.mp3" in done.out
    assert "1 track." in done.err


def test_a_playlist_is_a_file_for_navidrome(tagged, tmp_path):
    path = tmp_path / "happy.nsp"
    options = ("--name", "Happy", "--limit", "5", "--sort", "random", "-o", path)
    tagged.shell.well("navidrome", "playlist", QUERY, *options)
    playlist = json.loads(path.read_text())
    assert (playlist["name"], playlist["limit"], playlist["sort"]) == ("Happy", 5, "random")
    assert playlist["any"] == [
        {"is": {"mood_loose": "happy"}},
        {"gt": {"mood_happy": 0}},
        {"is": {"mood_happy": 0}},
    ]
    told = tagged.shell.well("navidrome", "playlist", QUERY, "--name", "Happy", "--json").json()
    assert told["query"] == QUERY


def test_templates_find_something(tagged):
    found = tagged.shell.well("navidrome", "templates", "--json").json()
    assert all(offer["files"] > 0 for offer in found)
    tagged.shell.well("navidrome", "templates")


def test_a_query_that_is_none_is_refused_in_one_line(tagged):
    done = tagged.shell("navidrome", "preview", "mood_happy")
    assert (done.code, done.out) == (2, "")
    assert "Invalid playlist query" in done.complaint()


def test_a_file_that_cannot_be_written_is_told(tagged, tmp_path):
    done = tagged.shell("navidrome", "config", "-o", tmp_path / "nowhere" / "x.toml")
    assert done.code == 4
    assert "cannot be written" in done.complaint()
