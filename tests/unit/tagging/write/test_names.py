"""One short key, one name in each family, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.tagging.write.names import (
    HYPHENATED,
    Names,
    check_keys,
    check_values,
    normalise,
)

NOM = Names("nom")

names_in_each_family = pytest.mark.parametrize(
    ("key", "colon", "vorbis"),
    [
        ("mood-strict", "nom:mood-strict", "NOM_MOOD_STRICT"),
        ("mood_happy", "nom:mood_happy", "NOM_MOOD_HAPPY"),
        ("nom_version", "nom:nom_version", "NOM_NOM_VERSION"),
        ("essentia:mood-loose", "essentia:mood-loose", "ESSENTIA_MOOD_LOOSE"),
        ("essentia:mood_sad", "essentia:mood_sad", "ESSENTIA_MOOD_SAD"),
    ],
)


@names_in_each_family
def test_names_of_a_key(key, colon, vorbis):
    assert (NOM.to_colon(key), NOM.to_vorbis(key)) == (colon, vorbis)
    assert (NOM.from_colon(colon), NOM.from_vorbis(vorbis)) == (key, key)
    assert NOM.from_vorbis(vorbis.lower()) == key


@given(st.from_regex(r"[a-z0-9][a-z0-9_]{0,30}", fullmatch=True) | st.sampled_from(HYPHENATED))
def test_every_storable_key_comes_back(key):
    lost = key in {name.replace("-", "_") for name in HYPHENATED}
    if lost:
        with pytest.raises(Invalid):
            check_keys({key: ["x"]}, NOM)
        return
    check_keys({key: ["x"]}, NOM)
    for space in ("nom", "essentia", "mine"):
        names = Names(space)
        assert names.from_colon(names.to_colon(key)) == key
        assert names.from_vorbis(names.to_vorbis(key)) == key


@pytest.mark.parametrize("key", ["mood-odd", "Mood", "a b", "", "_x", "a=b", "ä", "essentia:a"])
def test_a_key_that_some_container_would_change_is_refused(key):
    with pytest.raises(Invalid):
        check_keys({key: ["x"]}, NOM)


@pytest.mark.parametrize(
    "name", ["mood", "nomad:x", "NOM:mood", "MusicBrainz Artist Id", "nom", "nom:", ":nom"]
)
def test_a_foreign_colon_name_is_not_ours(name):
    assert NOM.from_colon(name) is None


@pytest.mark.parametrize("name", ["NOMAD_X", "MOOD", "ARTIST", "NOM", "NOM_", "ESSENTIAL_X"])
def test_a_foreign_vorbis_name_is_not_ours(name):
    assert NOM.from_vorbis(name) is None


def test_the_long_versioned_keys_of_earlier_tools_are_ours_to_clear():
    long = "happy_essentia21b6dev1389_musicnn20200331_happy20220825_none_0"
    assert NOM.from_colon(f"nom:{long}") == long
    assert NOM.from_colon(f"essentia:{long}") == f"essentia:{long}"
    assert NOM.from_vorbis(f"NOM_{long.upper()}") == long


def test_the_colon_form_in_a_vorbis_comment_is_read_too():
    assert NOM.from_vorbis("nom:mood-strict") == "mood-strict"


def test_normalised_values_are_the_same_for_all_containers():
    tags = {"a": ["x; y", " z ", ""], "b": [], "c": ["; "], "d": ["one;two"]}
    assert normalise(tags) == {"a": ["x", "y", "z"], "d": ["one;two"]}


@given(st.dictionaries(st.text(max_size=5), st.lists(st.text(max_size=12), max_size=4)))
def test_normalising_twice_changes_nothing(tags):
    once = normalise(tags)
    assert normalise(once) == once


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_text_that_no_container_holds_is_refused(value):
    with pytest.raises(Invalid):
        check_values({"a": [value]})
