"""Readings and moods: label order, poles, opposites, lists, reasons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tagging.scored import scored

from mediant.tagging.calibrate import Calibration, Span, calibrate
from mediant.tagging.moods import MoodOptions, choose_moods
from mediant.tagging.readings import read_head, read_heads
from mediant.tagging.tiers import Tier
from mediant.tagging.vocabulary import OPPOSITES, WORDS, find_opposites, find_word, read_poles

SHARE = st.floats(0, 1, width=32)
RAW = Calibration()

HEADS = {
    "mood_happy": (("happy", "non_happy"), {"happy": "mood_happy"}),
    "mood_sad": (("non_sad", "sad"), {"sad": "mood_sad"}),
    "mood_aggressive": (("aggressive", "not_aggressive"), {"aggressive": "mood_aggressive"}),
    "mood_relaxed": (("non_relaxed", "relaxed"), {"relaxed": "mood_relaxed"}),
    "mood_party": (("non_party", "party"), {"party": "mood_party"}),
    "mood_acoustic": (("acoustic", "non_acoustic"), {"acoustic": "mood_acoustic"}),
    "mood_electronic": (("electronic", "non_electronic"), {"electronic": "mood_electronic"}),
    "danceability": (("danceable", "not_danceable"), {"danceable": "danceability"}),
    "gender": (("female", "male"), {"female": "female", "male": "male"}),
    "tonal_atonal": (("atonal", "tonal"), {"tonal": "tonal", "atonal": "atonal"}),
    "voice_instrumental": (
        ("instrumental", "voice"),
        {"voice": "voice", "instrumental": "instrumental"},
    ),
    "timbre": (("bright", "dark"), {"bright": "bright", "dark": "dark"}),
    "approachability_2c": (
        ("not_approachable", "approachable"),
        {"approachable": "approachability"},
    ),
    "engagement_2c": (("not_engaging", "engaging"), {"engaging": "engagement"}),
}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("first", [0.9, 0.1])
def test_every_published_head_is_read_by_its_labels(name, first):
    labels, keys = HEADS[name]
    values = dict(zip(labels, (first, 1 - first), strict=True))
    found = {r.key: r.raw for r in read_head(scored(name, values), RAW) if not r.is_negative}
    assert found == {key: pytest.approx(values[label]) for label, key in keys.items()}


@pytest.mark.parametrize("name", HEADS)
def test_the_order_of_the_labels_in_the_metadata_does_not_matter(name):
    labels, _keys = HEADS[name]
    straight = scored(name, {labels[0]: 0.85, labels[1]: 0.15})
    turned = scored(name, {labels[1]: 0.15, labels[0]: 0.85})
    words = [choose_moods(read_head(head, RAW)).words(Tier.LOOSE) for head in (straight, turned)]
    assert words[0] == words[1]


def test_denials_are_recognised_whole():
    poles = read_poles(("tonal", "atonal"))
    assert [pole.is_negative for pole in poles] == [False, False]
    poles = read_poles(("non_sad", "sad"))
    assert [(pole.word, pole.is_negative) for pole in poles] == [("not sad", True), ("sad", False)]
    assert find_word("not_danceable") == "not danceable"
    assert find_word("notable") == "notable"


def test_opposites_go_both_ways_and_compare_whole_words():
    for a, b in OPPOSITES:
        assert b in find_opposites(a)
        assert a in find_opposites(b)
    assert "atonal" in find_opposites("tonal")
    assert "female vocal" not in find_opposites("not male vocal")
    assert "sad" not in find_opposites("not happy")


@st.composite
def tracks(draw):
    heads = []
    for name, (labels, _keys) in HEADS.items():
        if draw(st.booleans()):
            p = draw(SHARE)
            heads.append(scored(name, {labels[0]: p, labels[1]: 1 - p}))
    return heads


@given(tracks(), st.booleans())
def test_lists_contain_each_other_and_hold_no_opposites(heads, negatives):
    moods = choose_moods(read_heads(heads, RAW), MoodOptions(negatives=negatives))
    lists = {key: set(words) for key, words in moods.lists.items()}
    assert lists["mood-strict"] <= lists["mood-regular"] <= lists["mood-loose"]
    for words in lists.values():
        for word in words:
            assert not words.intersection(find_opposites(word))
            assert negatives or not word.startswith("not ")
    for choice in moods.choices:
        assert (choice.word in lists["mood-loose"]) == (choice.dropped is None)


@given(SHARE, SHARE)
def test_raising_a_score_never_lowers_its_tier(p, q):
    low, high = sorted((p, q))
    tiers = []
    for value in (low, high):
        head = scored("mood_happy", {"happy": value, "non_happy": 1 - value})
        choices = choose_moods(read_head(head, RAW)).choices
        tiers.append(next((c.tier for c in choices if c.word == "happy"), 0))
    assert tiers[0] <= tiers[1]


@given(SHARE, SHARE, SHARE)
def test_a_calibrated_pair_stays_complementary(p, low, high):
    span = Span(min(low, high), max(low, high))
    calibration = Calibration({("msd-musicnn", "gender", "female"): span})
    first, second = read_head(scored("gender", {"female": p, "male": 1 - p}), calibration)
    assert first.calibrated + second.calibrated == pytest.approx(1.0)
    assert first.counter == second.calibrated


@given(SHARE, SHARE, SHARE, SHARE)
def test_calibration_is_bounded_and_monotone(p, q, low, high):
    span = Span(low, high)
    a, b = (calibrate(value, span) for value in sorted((p, q)))
    assert 0.0 <= a <= b <= 1.0


def test_an_empty_span_leaves_the_score():
    assert calibrate(0.4, Span(0.7, 0.7)) == 0.4


def test_both_sides_of_a_contradiction_are_dropped_and_say_so():
    heads = [
        scored("mood_happy", {"happy": 0.9, "non_happy": 0.1}),
        scored("mood_sad", {"non_sad": 0.35, "sad": 0.65}),
        scored("mood_party", {"non_party": 0.1, "party": 0.9}),
    ]
    moods = choose_moods(read_heads(heads, RAW))
    assert moods.words(Tier.LOOSE) == ("party",)
    told = {choice.word: choice.dropped for choice in moods.choices}
    assert told["happy"] == "contradicted by sad"
    assert told["sad"] == "contradicted by happy"


def test_not_happy_is_not_sad():
    heads = [
        scored("mood_happy", {"happy": 0.05, "non_happy": 0.95}),
        scored("mood_sad", {"non_sad": 0.1, "sad": 0.9}),
    ]
    moods = choose_moods(read_heads(heads, RAW), MoodOptions(negatives=True))
    assert moods.words(Tier.STRICT) == ("not happy", "sad")


def test_excluded_heads_give_no_moods():
    heads = [scored("mood_sad", {"non_sad": 0.1, "sad": 0.9})]
    for name in ("mood_sad", "msd-musicnn/mood_sad"):
        options = MoodOptions(exclude_heads=frozenset({name}))
        assert choose_moods(read_heads(heads, RAW), options).choices == ()


@pytest.mark.parametrize(
    ("mean", "words"), [(0.95, ("mainstream",)), (0.5, ()), (0.05, ("fringe",))]
)
def test_the_ends_of_a_regression_head(mean, words):
    head = scored("approachability_regression", {"approachability": mean}, "regression")
    moods = choose_moods(read_head(head, RAW))
    assert moods.words(Tier.STRICT) == words


def test_a_regression_head_that_wavers_says_nothing():
    head = scored("engagement", {"engagement": 0.95}, "regression", deviation=0.3)
    assert choose_moods(read_head(head, RAW)).choices == ()


def test_labels_of_a_multilabel_head_do_not_exclude_each_other():
    head = scored("moodtheme", {"happy": 0.9, "party": 0.7, "calm": 0.1}, "multilabel")
    moods = choose_moods(read_head(head, RAW))
    assert moods.words(Tier.STRICT) == ("happy",)
    assert "party" not in moods.words(Tier.LOOSE)  # its best rival is stronger


def test_a_threshold_of_the_metadata_holds():
    options = {"label_thresholds": {"sad": 0.95}}
    head = scored("mood_sad", {"non_sad": 0.1, "sad": 0.9}, options=options)
    assert choose_moods(read_head(head, RAW)).words(Tier.LOOSE) == ()


def test_a_real_head_silences_the_projected_one_for_its_key_only():
    projected = scored("happy_sad", {"happy": 0.1, "sad": 0.9}, "projection", model="projection")
    real = scored("mood_happy", {"happy": 0.9, "non_happy": 0.1})
    readings = read_heads([projected, real], RAW)
    assert {r.key: r.model for r in readings} == {
        "mood_happy": "msd-musicnn",
        "mood_sad": "projection",
    }


def test_the_explanation_holds_the_numbers():
    span = Span(0.2, 0.6, "library")
    calibration = Calibration({("msd-musicnn", "mood_sad", "sad"): span}, "abcdef123456")
    head = scored("mood_sad", {"non_sad": 0.48, "sad": 0.52})
    (choice,) = choose_moods(read_head(head, calibration)).choices
    told = choice.describe()
    assert told["word"] == "sad"
    assert told["tier"] == "strict"
    assert told["raw"] == 0.52
    assert told["calibrated"] == 0.8
    assert told["counter"] == 0.2
    assert told["span"] == {"low": 0.2, "high": 0.6, "from": "library"}
    assert told["passed"] == {"p": 0.8, "ratio": 1.2, "gap": 0.15}


def test_every_word_is_lower_case_and_plain():
    for word in WORDS.values():
        assert word == word.lower()
        assert "_" not in word
