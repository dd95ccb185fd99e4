"""Tags, configuration, previews, playlists and templates of real databases."""

import json
import tomllib

import pytest
from tests.integration.navidrome.conftest import Shelf

from mediant.errors import Invalid
from mediant.settings.model import TaggingSettings
from mediant.store import Database
from mediant.tagging.navidrome import Navidrome, NavidromeTag, PreviewTrack
from mediant.tagging.navidrome.query import LONGEST, MOST_COMPARISONS
from mediant.tagging.navidrome.templates import TEMPLATES
from mediant.testing.navidrome import SimulatedNavidrome, store

HAPPY = {
    "mood_happy": ["0.8123"], "energy": ["0.9000"], "bpm": ["128.0"], "genre": ["Rock", "Pop"],
    "mood-loose": ["danceable", "happy"], "mood-strict": ["happy"], "nom_version": ["123456789012"],
}  # fmt: skip
SAD = {
    "mood_happy": ["0.1000"], "energy": ["0.2000"], "bpm": ["70.0"], "genre": ["Folk"],
    "mood-loose": ["sad"], "nom_version": ["123456789012"],
}  # fmt: skip


@pytest.fixture
def furnished(shelf: Shelf) -> Shelf:
    """Four files: a happy and a sad one, one without tags, and a happy one that is gone."""
    tracks = {"happy.mp3": HAPPY, "b/sad.flac": SAD, "new.ogg": None, "gone.mp3": HAPPY}
    shelf.fill(tracks, missing=["gone.mp3"])
    shelf.name(1, "So Happy", "The Band")
    return shelf


def test_tags_of_present_files_with_their_types(furnished: Shelf) -> None:
    assert furnished.navidrome.list_tags() == [
        NavidromeTag("bpm", "float", False, "70 to 128, average 99", 2),
        NavidromeTag("energy", "float", False, "0.2 to 0.9, average 0.55", 2),
        NavidromeTag("genre", "text", True, "3 values: Folk (1), Pop (1), Rock (1)", 2),
        NavidromeTag("mood-loose", "text", True, "3 values: danceable (1), happy (1), sad (1)", 2),
        NavidromeTag("mood-strict", "text", False, "1 value: happy (1)", 1),
        NavidromeTag("mood_happy", "float", False, "0.1 to 0.8123, average 0.4561", 2),
        NavidromeTag("nom_version", "text", False, "1 value: 123456789012 (2)", 2),
    ]


def test_types_of_keys_that_nobody_knows_come_from_their_values(shelf: Shelf) -> None:
    shelf.fill(
        {
            "a": {"whole": ["1"], "real": ["1.5"], "mixed": ["1"], "years": ["1990", "2000"]},
            "b": {"whole": ["-20"], "real": ["2"], "mixed": ["x"], "years": ["1990"]},
            "c": {"odd": ["nan"], "grouped": ["1_000"]},
        }
    )
    types = {tag.key: tag.type for tag in shelf.navidrome.list_tags()}
    assert types == {
        "whole": "int", "real": "float", "mixed": "text", "years": "text", "odd": "text",
        "grouped": "text",
    }  # fmt: skip


def test_the_configuration_is_toml_that_navidrome_reads(furnished: Shelf) -> None:
    text = furnished.navidrome.write_config()
    tags = tomllib.loads(text)["Tags"]
    assert tags["mood_happy"] == {
        "Aliases": ["nom:mood_happy", "----:com.apple.iTunes:nom:mood_happy", "NOM_MOOD_HAPPY"],
        "Type": "float",
    }
    assert tags["nom_genre"] == {
        "Aliases": ["nom:genre", "----:com.apple.iTunes:nom:genre", "NOM_GENRE"],
        "Split": ["; "],
    }
    assert tags["mood_strict"]["Aliases"][2] == "NOM_MOOD_STRICT"
    assert "Split" not in tags["mood_strict"]
    assert tags["nom_bpm"]["Type"] == "float"
    assert "Type" not in tags["nom_version"]
    fields = [line.split(".")[1] for line in text.splitlines() if ".Aliases" in line]
    assert fields == sorted(fields)
    assert "mood_regular" in fields
    assert "full scan" in text
    assert "0 of 2 tagged files" in text


def test_without_tags_the_configuration_is_one_comment(shelf: Shelf) -> None:
    for tracks in ({}, {"new.mp3": None}):
        shelf.fill(tracks)
        (line,) = shelf.navidrome.write_config().splitlines()
        assert line.startswith("# There are no tags")
        assert shelf.navidrome.list_tags() == []


def test_another_namespace_is_everywhere(database: Database, furnished: Shelf) -> None:
    other = Navidrome(database, TaggingSettings(namespace="mine"))
    tags = tomllib.loads(other.write_config())["Tags"]
    assert tags["mine_bpm"]["Aliases"][0] == "mine:bpm"
    assert json.loads(other.write_playlist("mine:bpm > 100", name="x").content)["all"] == [
        {"gt": {"mine_bpm": 100}}
    ]
    assert other.preview("nom:bpm > 100").matched == 1
    assert all(offer.query.startswith("mine:") for offer in other.list_templates())


def test_a_preview_shows_path_title_and_artist(furnished: Shelf) -> None:
    found = furnished.navidrome.preview("nom:mood_happy is true")
    assert (found.matched, found.tracks) == (
        1,
        (PreviewTrack("/m/happy.mp3", "So Happy", "The Band"),),
    )
    (sad,) = furnished.navidrome.preview("energy < 0.5").tracks
    assert (sad.path, sad.title) == ("/m/b/sad.flac", None)


def test_a_preview_counts_all_and_shows_as_many_as_asked(furnished: Shelf) -> None:
    for limit in (0, 1, 2, 1000):
        found = furnished.navidrome.preview("bpm > 0", limit=limit)
        assert (found.matched, len(found.tracks)) == (2, min(limit, 2))
    for limit in (-1, 1001):
        with pytest.raises(Invalid):
            furnished.navidrome.preview("bpm > 0", limit=limit)


def test_a_denial_finds_what_has_no_tag_but_nothing_that_is_gone(furnished: Shelf) -> None:
    assert furnished.find("mood_happy is false") == {"b/sad.flac", "new.ogg"}
    assert furnished.find("NOT bpm > 100") == {"b/sad.flac", "new.ogg"}
    assert furnished.find("bpm <= 100") == {"b/sad.flac"}
    assert furnished.find('genre notcontains "ROC"') == {"b/sad.flac", "new.ogg"}


def test_moods_can_be_asked_for_before_there_are_any(shelf: Shelf) -> None:
    assert shelf.navidrome.preview("nom:mood_happy is true").matched == 0
    made = shelf.navidrome.write_playlist("nom:mood_happy is true", name="Happy")
    assert json.loads(made.content)["all"] == [{"is": {"mood_loose": "happy"}}]
    with pytest.raises(Invalid, match="no track of this library has the tag `mood_happy`"):
        shelf.navidrome.preview("tag:nom:mood_happy > 0.7")


def test_tags_of_files_that_are_gone_do_not_count(shelf: Shelf) -> None:
    shelf.fill({"gone.mp3": HAPPY}, missing=["gone.mp3"])
    assert shelf.navidrome.list_tags() == []
    with pytest.raises(Invalid, match="no track"):
        shelf.navidrome.preview("bpm > 1")


def test_the_comment_states_the_query_by_default(furnished: Shelf) -> None:
    made = furnished.navidrome.write_playlist(" bpm > 100 ", name="Fast")
    assert json.loads(made.content) == {
        "name": "Fast", "comment": "Mediant: bpm > 100", "all": [{"gt": {"nom_bpm": 100}}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "wish",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 256},
        {"name": "\ud800"},
        {"name": "x", "comment": "\0"},
        {"name": "x", "limit": 0},
        {"name": "x", "limit": 10_001},
        {"name": "x", "sort": "nothing"},
    ],
)
def test_a_playlist_that_navidrome_would_not_take_is_refused(furnished: Shelf, wish: dict) -> None:
    with pytest.raises(Invalid):
        furnished.navidrome.write_playlist("bpm > 100", **wish)


def test_the_largest_query_still_fits_into_a_playlist(furnished: Shelf) -> None:
    most = " and ".join(["not bpm>100"] * (MOST_COMPARISONS - 5))
    query = f"bpm<1 or (bpm>1 and (bpm<2 or (bpm>2 and (bpm<3 or ({most})))))"
    assert len(query) < LONGEST
    made = furnished.navidrome.write_playlist(query, name="x" * 255, limit=1, sort="-bpm,title")
    assert len(made.content.encode()) <= 100 * 1024
    server = SimulatedNavidrome(furnished.navidrome.write_config())
    for tags, path in ((HAPPY, "happy.mp3"), (SAD, "b/sad.flac"), ({}, "new.ogg")):
        held = server.holds(made.content, server.read(store(tags, "vorbis", "nom")))
        assert held == (path in furnished.find(query))


def test_templates_are_never_empty(furnished: Shelf) -> None:
    offers = furnished.navidrome.list_templates()
    assert {offer.id for offer in offers} == {"happy_energetic", "sad_quiet", "danceable_fast"}
    for offer in offers:
        assert offer.files == furnished.navidrome.preview(offer.query).matched == 1
        furnished.navidrome.write_playlist(offer.query, name=offer.name)


def test_each_template_finds_what_it_describes(shelf: Shelf) -> None:
    def fit(number: tuple[str, str, float] | None) -> dict[str, list[str]]:
        if number is None:
            return {}
        key, sign, value = number
        return {key: [f"{value if sign == '>=' else value - 0.1:.4f}"]}

    tracks = {
        template.id: {"mood-loose": list(template.moods), **fit(template.number)}
        for template in TEMPLATES
    }
    shelf.fill(tracks)
    offers = {offer.id: offer for offer in shelf.navidrome.list_templates()}
    assert offers.keys() == tracks.keys()
    for name, offer in offers.items():
        assert name in shelf.find(offer.query)
