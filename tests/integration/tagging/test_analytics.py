"""Analytics against a naive count in Python, and after everything that changes tags."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from mediant.errors import Invalid
from mediant.store import Database
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import tag_digest, track
from mediant.tagging import rows
from mediant.tagging.analytics import Analytics, TagPair
from mediant.testing.tracks import Tags, add_library, add_tracks

HAND_MADE: Sequence[Tags] = (
    {
        "mood-loose": ("happy", "party"),
        "mood-regular": ("happy",),
        "mood-strict": ("happy",),
        "genre": ("Rock", "Pop"),
        "energy": ("0.5000",),
        "bpm": ("120.0",),
    },
    {
        "mood-loose": ("happy", "party"),
        "mood-regular": ("happy", "party"),
        "genre": ("Rock",),
        "energy": ("0.2500",),
        "bpm": ("121.5",),
    },
    {"mood-loose": ("happy",), "genre": ("Jazz",), "energy": ("0.5000",)},
    {"mood-loose": ("sad",), "mood-regular": ("sad",), "energy": ("many", "0.1000")},
    {},
)


def percent(part: int, whole: int) -> float:
    return round(100.0 * part / whole, 1)


def rank(counts: Mapping[str, int], limit: int | None = None) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]


def naive_frequencies(tracks: Sequence[Tags]) -> list[tuple[str, int, int]]:
    carried = Counter(key for tags in tracks for key, values in tags.items() if values)
    values = {key: {v for tags in tracks for v in tags.get(key, ())} for key in carried}
    return [(key, n, len(values[key])) for key, n in rank(carried)]


def naive_moods(tracks: Sequence[Tags]) -> list[tuple[str, int, float]]:
    counts: Counter[str] = Counter()
    for tags in tracks:
        counts.update({v for key, values in tags.items() if key[:5] == "mood-" for v in values})
    return [(mood, n, percent(n, len(tracks))) for mood, n in rank(counts)]


def naive_correlations(
    tracks: Sequence[Tags], top: int
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    leading = {mood: n for mood, n, _share in naive_moods(tracks)[:top]}
    moods, tiers = {}, {}
    for mood, total in leading.items():
        own = [tags for tags in tracks if mood in tags.get("mood-loose", ())]
        common = Counter(o for tags in own for o in set(tags["mood-loose"]) & set(leading))
        del common[mood]
        moods[mood] = {other: round(n / total, 3) for other, n in rank(common, 10)}
        found = Counter(tier_of(tags, mood) for tags in own)
        tiers[mood] = {
            tier: round(found[tier] / total, 3) for tier in ("tier_s", "tier_a", "tier_b")
        }
    return moods, tiers


def tier_of(tags: Tags, mood: str) -> str:
    if mood in tags.get("mood-strict", ()):
        return "tier_s"
    return "tier_a" if mood in tags.get("mood-regular", ()) else "tier_b"


def naive_genres(tracks: Sequence[Tags]) -> list[Any]:
    counts = Counter(genre for tags in tracks for genre in set(tags.get("genre", ())))
    return [naive_genre(tracks, genre, n) for genre, n in rank(counts)]


def naive_genre(tracks: Sequence[Tags], genre: str, total: int) -> Any:
    own = [tags for tags in tracks if genre in tags.get("genre", ())]
    numbers: defaultdict[str, list[float]] = defaultdict(list)
    for tags in own:
        for key in ("energy", "bpm"):
            if len(set(tags.get(key, ()))) == 1 and "." in tags[key][0]:
                numbers[key].append(float(tags[key][0]))
    means = {key: pytest.approx(sum(n) / len(n), abs=6e-5) for key, n in numbers.items()}
    moods = Counter(mood for tags in own for mood in set(tags.get("mood-loose", ())))
    shares = [(mood, n, percent(n, total)) for mood, n in rank(moods, 10)]
    return genre, total, percent(total, len(tracks)), means, shares


def assert_true(database: Database, tracks: Sequence[Tags]) -> None:
    """Every figure is the naive one."""
    analytics = Analytics(database)
    found = analytics.tag_frequencies(1000)
    assert [(one.key, one.files, one.values) for one in found] == naive_frequencies(tracks)
    shares = analytics.mood_distribution(1000)
    assert [(one.mood, one.files, one.percentage) for one in shares] == naive_moods(tracks)
    for top in (2, 20):
        correlations = analytics.mood_correlations(top)
        moods, tiers = naive_correlations(tracks, top)
        assert correlations.moods == moods
        assert correlations.tiers == tiers
        assert [list(best) for best in correlations.moods.values()] == [*map(list, moods.values())]
    assert [
        (
            g.genre,
            g.files,
            g.percentage,
            g.means,
            [(m.mood, m.files, m.percentage) for m in g.moods],
        )
        for g in analytics.genre_profiles(1000)
    ] == naive_genres(tracks)
    assert_matrix_is_true(analytics, tracks)


def assert_matrix_is_true(analytics: Analytics, tracks: Sequence[Tags]) -> None:
    pairs = sorted({TagPair(k, v) for tags in tracks for k, values in tags.items() for v in values})
    x, y = [*pairs[:15], TagPair("genre", "Nobody's")], [*pairs[-14:], *pairs[:1] * 2]
    expected = [
        [
            sum(a.value in t.get(a.key, ()) and b.value in t.get(b.key, ()) for t in tracks)
            for a in x
        ]
        for b in y
    ]
    if y:
        assert analytics.co_occurrence(x, y) == expected


def carries(tags: Tags, pair: TagPair) -> bool:
    return pair.value in tags.get(pair.key, ())


def test_figures_of_a_small_library(database: Database) -> None:
    add_tracks(database, add_library(database), HAND_MADE)
    analytics = Analytics(database)
    assert_true(database, HAND_MADE)
    assert [(one.key, one.files, one.values) for one in analytics.tag_frequencies(2)] == [
        ("energy", 4, 4),
        ("mood-loose", 4, 3),
    ]
    happy = analytics.mood_distribution(1)[0]
    assert (happy.mood, happy.files, happy.percentage) == ("happy", 3, 60.0)
    told = analytics.mood_correlations()
    assert told.moods == {"happy": {"party": 0.667}, "party": {"happy": 1.0}, "sad": {}}
    assert told.tiers["happy"] == {"tier_s": 0.333, "tier_a": 0.333, "tier_b": 0.333}
    rock = analytics.genre_profiles(1)[0]
    assert rock.means == {"bpm": 120.75, "energy": 0.375}
    both = analytics.co_occurrence(
        [TagPair("genre", "Rock"), TagPair("genre", "Jazz")], [TagPair("mood-loose", "party")]
    )
    assert both == [[2, 0]]


def test_an_empty_library_has_no_figures(database: Database) -> None:
    analytics = Analytics(database)
    assert analytics.tag_frequencies() == []
    assert analytics.mood_distribution() == []
    assert analytics.genre_profiles() == []
    assert analytics.mood_correlations().moods == {}
    assert analytics.co_occurrence([TagPair("a", "b")], [TagPair("a", "b")]) == [[0]]


@pytest.mark.parametrize(("across", "down"), [(0, 1), (1, 0), (17, 1), (1, 17)])
def test_a_matrix_has_sixteen_tags_a_side(database: Database, across: int, down: int) -> None:
    pair = TagPair("genre", "Rock")
    with pytest.raises(Invalid, match="16"):
        Analytics(database).co_occurrence([pair] * across, [pair] * down)


WORDS = st.lists(st.sampled_from(["happy", "sad", "party", "it's a|b\n", "ünwell"]), unique=True)
SCORES = st.builds("{:.4f}".format, st.integers(0, 10).map(lambda n: n / 10))


@st.composite
def any_tags(draw: st.DrawFn) -> Tags:
    tags: dict[str, Sequence[str]] = {}
    loose = draw(WORDS)
    regular = loose[: draw(st.integers(0, len(loose)))]
    strict = regular[: draw(st.integers(0, len(regular)))]
    for key, words in (("loose", loose), ("regular", regular), ("strict", strict)):
        if words:
            tags[f"mood-{key}"] = words
    tags["genre"] = draw(st.lists(st.sampled_from(["Rock", "R&B", "Jazz"]), unique=True))
    for key in ("energy", "bpm"):
        tags[key] = draw(st.lists(SCORES | st.sampled_from(["12", "x", "0.5"]), max_size=2))
    return {key: values for key, values in tags.items() if values}


numbers = count()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(any_tags(), max_size=12), st.data())
def test_figures_of_any_library(
    database: Database, tracks: list[Tags], data: st.DataObject
) -> None:
    with database.write() as tx:
        tx.execute(library.delete())
    ids = add_tracks(database, add_library(database, str(next(numbers))), tracks)
    assert_true(database, tracks)
    kept = dict(zip(ids, tracks, strict=True))
    for file_id in data.draw(st.sets(st.sampled_from(ids)) if ids else st.just(set())):
        kept[file_id] = data.draw(any_tags())
        with database.write() as tx:
            rows.store_tags(tx, file_id, kept[file_id])
    assert_true(database, list(kept.values()))


def test_figures_follow_retagging_failures_and_removals(database: Database) -> None:
    first, second = add_library(database), add_library(database, "b")
    kept = dict(enumerate(HAND_MADE))
    ids = add_tracks(database, first, HAND_MADE)
    add_tracks(database, second, HAND_MADE[:2])
    assert_true(database, [*HAND_MADE, *HAND_MADE[:2]])
    with database.write() as tx:
        rows.store_tags(tx, ids[0], HAND_MADE[3])
    kept[0] = HAND_MADE[3]
    assert_true(database, [*kept.values(), *HAND_MADE[:2]])
    with database.write() as tx:  # other content, of which nothing is known any more
        tx.execute(file.update().where(file.c.id == ids[1]).values(size=2))
        rows.store_failure(tx, ids[1], "failed", ("corrupt", "It is damaged."))
    del kept[1]
    assert_true(database, [*kept.values(), *HAND_MADE[:2]])
    with database.write() as tx:  # the same content: what was found out stays
        rows.store_failure(tx, ids[2], "failed", ("missing", "The disk is away."))
    assert_true(database, [*kept.values(), *HAND_MADE[:2]])
    with database.write() as tx:
        tx.execute(file.delete().where(file.c.id == ids[3]))
    del kept[3]
    assert_true(database, [*kept.values(), *HAND_MADE[:2]])
    with database.write() as tx:
        tx.execute(library.delete().where(library.c.id == second))
    assert_true(database, list(kept.values()))
    with database.write() as tx:
        tx.execute(library.delete())
    assert_true(database, [])
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tag_digest)) == 0


def test_files_that_are_missing_do_not_count_until_they_are_back(database: Database) -> None:
    ids = add_tracks(database, add_library(database), HAND_MADE)
    for gone in ([1], [0, 3], range(len(ids)), []):
        away = file.c.id.in_([ids[one] for one in gone])
        with database.write() as tx:
            tx.execute(file.update().values(state="present"))
            tx.execute(file.update().where(away).values(state="missing"))
        assert_true(database, [tags for n, tags in enumerate(HAND_MADE) if n not in gone])


def test_figures_reach_over_blocks_of_files(database: Database) -> None:
    library_id = add_library(database)
    ids = add_tracks(database, library_id, HAND_MADE)
    far = 3 * (1 << 16)
    with database.write() as tx:
        tx.execute(file.delete().where(file.c.id == ids[1]))
        found = tx.execute(select(file).where(file.c.id == ids[0])).one()
        tx.execute(insert(file).values({**found._mapping, "id": far, "path": "far"}))
        tx.execute(insert(track).values(file_id=far, state="tagged", analysed_at=0.0))
        rows.store_tags(tx, far, HAND_MADE[1])
    assert_true(database, HAND_MADE)
