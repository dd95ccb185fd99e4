"""What queries mean: types, moods, NOT carried inwards, and what no rule of Navidrome can say."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.tagging.navidrome.fields import OWN, name_field
from mediant.tagging.navidrome.parser import parse
from mediant.tagging.navidrome.resolve import Resolver
from mediant.tagging.navidrome.rule import Condition, Rule, Rules
from mediant.tagging.navidrome.select import fold
from mediant.tagging.navidrome.sort import read_sort
from mediant.tagging.navidrome.tags import NUMBERS, TEXTS, TagType, find_number
from mediant.tagging.navidrome.templates import TEMPLATES, name_mood
from mediant.tagging.vocabulary import MOOD_KEYS, NO_MOOD, WORDS, find_opposites
from mediant.testing.navidrome import like

TYPES: dict[str, TagType] = {
    "mood_happy": "float", "energy": "float", "bpm": "float", "loud": "float", "stars": "int",
    "genre": "text", "key": "text",
}  # fmt: skip


def _understand(text: str) -> Rule:
    resolver = Resolver(TYPES, lambda: ["happy", "odd mood"], lambda: sorted(TYPES))
    return resolver.resolve(parse(text, ("nom",)))


def _any(*parts: Rule) -> Rules:
    return Rules(False, parts)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mood_happy is true", Condition("is", "mood-loose", "happy")),
        ("mood_happy = TRUE", Condition("is", "mood-loose", "happy")),
        ("mood_happy is false", Condition("isNot", "mood-loose", "happy")),
        ("mood_happy is not true", Condition("isNot", "mood-loose", "happy")),
        ("NOT mood_happy is false", Condition("is", "mood-loose", "happy")),
        ("female is true", Condition("is", "mood-loose", "female vocal")),
        ("approachability is true", Condition("is", "mood-loose", "mainstream")),
        ("fringe is true", Condition("is", "mood-loose", "fringe")),
        ("not_happy is true", Condition("is", "mood-loose", "not happy")),
        ("mood_sad is true", Condition("is", "mood-loose", "sad")),
        ("odd_mood is true", Condition("is", "mood-loose", "odd mood")),
        ("energy > .5", Condition("gt", "energy", 0.5)),
        ('energy > "0.5"', Condition("gt", "energy", 0.5)),
        ("energy = 1e-1", Condition("is", "energy", 0.1)),
        ("tempo < 90", Condition("lt", "bpm", 90.0)),
        ("genre is 1990", Condition("is", "genre", "1990")),
        ('genre is "50%"', Condition("is", "genre", "50%")),
        ("NOT genre is not Rock", Condition("is", "genre", "Rock")),
        ("NOT genre contains oc", Condition("notContains", "genre", "oc")),
        ("mood_strict contains vocal", Condition("contains", "mood-strict", "vocal")),
        (
            "stars >= 3",
            _any(Condition("gt", "stars", 3.0), Condition("is", "stars", 3.0)),
        ),
        (
            "NOT stars >= 3",
            _any(Condition("isMissing", "stars", True), Condition("lt", "stars", 3.0)),
        ),
        (
            "NOT stars < 3",
            _any(
                Condition("isMissing", "stars", True),
                Condition("gt", "stars", 3.0),
                Condition("is", "stars", 3.0),
            ),
        ),
        (
            "NOT (genre is a AND (key is b OR NOT energy = 1))",
            _any(
                Condition("isNot", "genre", "a"),
                Rules(True, (Condition("isNot", "key", "b"), Condition("is", "energy", 1.0))),
            ),
        ),
        (
            "genre is a OR (genre is b OR energy <= 1)",
            _any(
                Condition("is", "genre", "a"),
                Condition("is", "genre", "b"),
                Condition("lt", "energy", 1.0),
                Condition("is", "energy", 1.0),
            ),
        ),
    ],
)
def test_a_query_becomes_rules_that_navidrome_has(text: str, wanted: Rule) -> None:
    assert _understand(text) == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("artist is Bach", "`artist` is a field of Navidrome itself"),
        ("year > 1990", "`year` is a field of Navidrome itself"),
        ("energie > 1", "no track of this library has the tag `energie`"),
        ("genre > 3", "`genre` holds text, and `>` compares numbers"),
        ("energy contains 5", "`energy` holds numbers, and `contains` looks into text"),
        ("energy is much", "'much' is none"),
        ("energy > 1e999", "'1e999' is none"),
        ("energy > nan", "'nan' is none"),
        ("energy > 1_0", "'1_0' is none"),
        ("energy > ٣", "'٣' is none"),
        ("energy > true", "'true' is none"),
        ("genre contains 50%", "% or _, which Navidrome takes for wildcards"),
        ("genre notcontains a_b", "% or _, which Navidrome takes for wildcards"),
        ("genre is true", "`genre` is no mood"),
        ("loud is true", "`loud` is no mood"),
        ("mood_grumpy is false", "`mood_grumpy` is no mood"),
    ],
)
def test_what_cannot_be_said_is_refused(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        _understand(text)
    assert told in str(refused.value)


def test_a_near_miss_is_told() -> None:
    with pytest.raises(Invalid, match="Did you mean energy"):
        _understand("energie > 1")


def test_our_names_never_take_navidromes() -> None:
    for key in NUMBERS | TEXTS:
        assert name_field(key, "nom") not in OWN
    assert name_field("mood-loose", "nom") == "mood_loose"
    assert [name_field(key, "nom") for key in ("bpm", "key", "genre")] == [
        "nom_bpm", "nom_key", "nom_genre",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        (None, {}),
        ("", {}),
        ("random", {"sort": "random"}),
        ("-random", {"sort": "random"}),
        ("Title", {"sort": "title"}),
        ("-year", {"sort": "year", "order": "desc"}),
        ("+rating", {"sort": "rating"}),
        ("-year, title", {"sort": "-year,title"}),
        ("-mood_happy", {"sort": "mood_happy", "order": "desc"}),
        ("bpm", {"sort": "bpm"}),
        ("nom:bpm,-album", {"sort": "nom_bpm,-album"}),
    ],
)
def test_sorting(sort: str | None, wanted: dict[str, str]) -> None:
    assert read_sort(sort, "nom", {"mood_happy", "bpm"}) == wanted


@pytest.mark.parametrize("sort", ["nothing", "value", "random,title", "x:title", "-", "nom:energy"])
def test_what_cannot_be_sorted_by(sort: str) -> None:
    with pytest.raises(Invalid):
        read_sort(sort, "nom", {"mood_happy"})


def test_every_word_of_a_template_is_in_the_table() -> None:
    known = {*WORDS.values()}
    for template in TEMPLATES:
        assert template.moods
        assert known.issuperset(template.moods + template.without)
        for word in template.moods:
            assert not set(find_opposites(word)) & set(template.moods), template.id
        assert template.number is None or template.number[0] in {
            *MOOD_KEYS.values(),
            "energy",
            "bpm",
        }
    assert len({template.id for template in TEMPLATES}) == len(TEMPLATES)


@pytest.mark.parametrize("word", sorted(set(WORDS.values())))
def test_a_mood_and_its_key_find_each_other(word: str) -> None:
    found = _understand(f"nom:{name_mood(word)} is true")
    assert found == Condition("is", "mood-loose", word)


def test_each_key_of_a_mood_asks_for_a_word() -> None:
    for label, key in MOOD_KEYS.items():
        if label not in NO_MOOD:
            assert _understand(f"{key} is true") == Condition("is", "mood-loose", WORDS[label])


LETTERS = st.text(alphabet="aAzZkK\u212a%_äÄ\\.[]^", max_size=6)


@given(LETTERS, LETTERS)
def test_folding_is_what_sqlites_like_does(text: str, part: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        (wild,) = connection.execute("SELECT ? LIKE ?", (text, f"%{part}%")).fetchone()
    assert like(text, f"%{part}%") == wild
    if not set("%_") & set(part):
        assert (fold(part) in fold(text)) == wild


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_are_written(number: float) -> None:
    assert find_number(repr(number)) == number
