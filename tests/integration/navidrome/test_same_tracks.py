"""The promise: a preview shows the tracks that Navidrome will find with the exported rule."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.integration.navidrome.conftest import Shelf

from mediant.errors import Invalid
from mediant.tagging.vocabulary import slug
from mediant.testing.navidrome import SimulatedNavidrome, store

NUMBERS = ["0", "0.0000", "0.5", "0.5000", "0.7000", "-1", "120.0", "1e2", "7", "07"]
TEXTS = [
    "Rock", "rock", "R&B", "50%", "a_b", "ab", "aXb", "ÄÖ", "äö", "İI", "Drum & Bass", "it's",
    'say "hi"', "back\\slash", "1990", "007", "true", "not happy", "happy", "A minor", "(x)",
]  # fmt: skip
MOODS = ["happy", "not happy", "sad", "female vocal", "fringe", "odd mood"]

NUMBER = st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=1)
TEXT = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=1)
SEVERAL = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True)
DIGITS = st.lists(st.sampled_from(["1", "2", "30"]), min_size=1, max_size=1)
YEARS = st.lists(st.sampled_from(["1990", "2000", "2010"]), min_size=1, max_size=2, unique=True)
MIXED = st.lists(st.sampled_from(["1", "two", "nan", "1_0"]), min_size=1, max_size=1)
WORDS = st.lists(st.sampled_from(MOODS), min_size=1, max_size=3, unique=True)

KINDS = {
    "mood_happy": NUMBER,
    "bpm": NUMBER,
    "energy": NUMBER,
    "genre": SEVERAL,
    "key": TEXT,
    "nom_version": st.just(["123456789012"]),
    "mood-loose": WORDS,
    "mood-strict": WORDS,
    "stars": DIGITS,
    "loudness_lufs": NUMBER,
    "decade": YEARS,
    "mixed": MIXED,
}
TRACK = st.fixed_dictionaries({}, optional=KINDS)
CONTAINERS = st.sampled_from(["id3v2.3", "id3v2.4", "mp4", "vorbis"])
COMPLETE = st.tuples(st.fixed_dictionaries(KINDS), CONTAINERS)
LIBRARY = st.builds(
    lambda first, rest: [*first, *rest],
    st.lists(COMPLETE, max_size=1),
    st.lists(st.tuples(st.none() | TRACK, CONTAINERS), min_size=1, max_size=5),
)
"""Often with one track that has every tag, so that most queries make sense."""

TRUTH = st.sampled_from(["true", "FALSE"])
SIGNS = st.sampled_from([">", "<", ">=", "<=", "=", "!="])
VERBS = st.sampled_from(["is", "IS NOT", "contains", "notcontains"])
KEYS = st.sampled_from([*KINDS, "mood_loose", "tempo", "female", "odd_mood", "fringe", "nothing"])


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


CITED = st.sampled_from([*TEXTS, *MOODS, *(text[:2] for text in TEXTS)]).map(_quote)
VALUES = st.sampled_from([*NUMBERS, "0.6", "1e-3"]) | CITED
NUMERIC = st.sampled_from(["mood_happy", "bpm", "tempo", "nom:energy", "stars", "loudness_lufs"])
TEXTUAL = st.sampled_from(["genre", "tag:nom:key", "mood-loose", "nom:mood_strict", "decade"])

FITTING = st.one_of(
    st.builds("{} {} {}".format, NUMERIC, SIGNS, st.sampled_from([*NUMBERS, "0.6", '"0.7"'])),
    st.builds("{} {} {}".format, TEXTUAL, VERBS, CITED),
    st.builds("nom:{} is {}".format, st.sampled_from(MOODS).map(slug), TRUTH),
    st.builds("nom:mood_happy {} {}".format, st.sampled_from(["=", "!=", "is not"]), TRUTH),
)
ANY = st.one_of(
    st.builds("{} {} {}".format, KEYS, SIGNS | VERBS, VALUES),
    st.builds("nom:{} is {}".format, KEYS, TRUTH),
    st.builds("tag:nom:{}{}{}".format, KEYS, SIGNS, st.sampled_from(NUMBERS)),
)


def _combine(comparisons: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        comparisons,
        lambda inner: st.one_of(
            inner.map("NOT ({})".format),
            st.lists(inner.map("({})".format), min_size=2, max_size=3).map(" AND ".join),
            st.lists(inner.map("({})".format), min_size=2, max_size=3).map(" or ".join),
        ),
        max_leaves=6,
    )


QUERIES = st.lists(_combine(FITTING) | ANY, min_size=1, max_size=8)


def _find_by_preview(shelf: Shelf, query: str) -> set[str] | None:
    """What the preview shows; None when it refuses the query."""
    try:
        return shelf.find(query)
    except Invalid:
        return None


def _find_by_rule(shelf: Shelf, query: str, library: list[Any], missing: set[str]) -> set[str]:
    """What Navidrome finds, which reads the files, our configuration and the playlist."""
    server = SimulatedNavidrome(shelf.navidrome.write_config())
    playlist = shelf.navidrome.write_playlist(query, name="A test").content
    read = {
        f"{number}.mp3": server.read(store(tags or {}, container, "nom"))
        for number, (tags, container) in enumerate(library)
    }
    return {p for p, tags in read.items() if p not in missing and server.holds(playlist, tags)}


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(library=LIBRARY, queries=QUERIES, gone=st.booleans())
def test_a_preview_and_its_rule_find_the_same(
    shelf: Shelf, library: list[Any], queries: list[str], gone: bool
) -> None:
    missing = {f"{len(library) - 1}.mp3"} if gone else set()
    tracks = {f"{number}.mp3": tags for number, (tags, _container) in enumerate(library)}
    shelf.fill(tracks, missing=list(missing))
    carried = any(tags for path, tags in tracks.items() if path not in missing)
    for query in queries:
        found = _find_by_preview(shelf, query)
        event("refused" if found is None else "accepted")
        if found is None:
            with pytest.raises(Invalid):
                shelf.navidrome.write_playlist(query, name="A test")
            continue
        present = tracks.keys() - missing
        assert shelf.find(f"NOT ({query})") == present - found, query
        if carried:  # before the first tag there is no configuration that Navidrome could have
            assert found == _find_by_rule(shelf, query, library, missing), query


ODD_LIBRARY: list[Any] = [
    *(({"genre": [text], "key": [text]}, "vorbis") for text in TEXTS),
    ({"genre": ["Rock", "50%"], "mood-loose": ["happy", "not happy"]}, "id3v2.3"),
    *(({"energy": [number], "stars": ["7"]}, "mp4") for number in NUMBERS),
    (None, "vorbis"),
]


@pytest.mark.parametrize(
    "comparisons",
    [
        [f"energy {sign} {n}" for sign in (">", "<", ">=", "<=", "=", "!=") for n in NUMBERS],
        [f"stars {sign} {n}" for sign in (">", "<", ">=", "<=", "=", "!=") for n in (6.9, 7, 8)],
        [f"genre {verb} {_quote(text)}" for verb in ("is", "is not") for text in TEXTS],
        [f"genre contains {_quote(part)}" for text in TEXTS for part in (text, text[:2], text[1:])],
        [f"mood_loose {verb} happy" for verb in ("is", "is not", "contains", "notcontains")],
    ],
    ids=["decimals", "integers", "whole text", "parts of text", "moods"],
)
def test_each_comparison_of_an_odd_library_alone(shelf: Shelf, comparisons: list[str]) -> None:
    paths = {f"{number}.mp3" for number in range(len(ODD_LIBRARY))}
    shelf.fill({f"{n}.mp3": tags for n, (tags, _container) in enumerate(ODD_LIBRARY)})
    accepted = 0
    for query in comparisons:
        found = _find_by_preview(shelf, query)
        if found is None:
            assert set("%_") & set(query)
            continue
        accepted += 1
        assert found == _find_by_rule(shelf, query, ODD_LIBRARY, set()), query
        denied = f"NOT {query}"
        assert shelf.find(denied) == paths - found, denied
        assert _find_by_rule(shelf, denied, ODD_LIBRARY, set()) == paths - found, denied
    assert accepted > len(comparisons) / 2


def test_a_rule_is_exactly_what_navidrome_documents(shelf: Shelf) -> None:
    shelf.fill({"a.mp3": {"mood_happy": ["0.8000"], "mood-loose": ["happy"], "bpm": ["90.0"]}})
    query = "nom:mood_happy is true AND (bpm >= 80 OR NOT tag:nom:mood_happy > 0.7)"
    made = shelf.navidrome.write_playlist(
        query, name=" Happy ", comment="So happy", limit=500, sort="-year"
    )
    assert (made.name, made.query) == ("Happy", query)
    assert json.loads(made.content) == {
        "name": "Happy",
        "comment": "So happy",
        "all": [
            {"is": {"mood_loose": "happy"}},
            {
                "any": [
                    {"gt": {"nom_bpm": 80}},
                    {"is": {"nom_bpm": 80}},
                    {"isMissing": {"mood_happy": True}},
                    {"lt": {"mood_happy": 0.7}},
                    {"is": {"mood_happy": 0.7}},
                ]
            },
        ],
        "sort": "year",
        "order": "desc",
        "limit": 500,
    }
    assert list(json.loads(made.content)) == ["name", "comment", "all", "sort", "order", "limit"]
