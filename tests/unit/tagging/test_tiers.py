"""The cascade, the regression table, the choice among many classes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.tagging.tiers import (
    DEFAULT,
    Step,
    Tier,
    find_regression_tier,
    find_tier,
    list_misses,
    read_cascade,
    select_top,
)

SHARE = st.floats(0, 1)


@pytest.mark.parametrize(
    ("p", "counter", "tier"),
    [
        (0.80, 0.20, Tier.STRICT),
        (0.79, 0.21, Tier.REGULAR),
        (0.75, 0.25, Tier.REGULAR),
        (0.74, 0.26, Tier.LOOSE),
        (0.60, 0.40, Tier.LOOSE),
        (0.59, 0.41, None),
        (0.80, 0.66, Tier.REGULAR),  # gap .14: below .15
        (0.90, 0.76, Tier.REGULAR),  # ratio 1.18: below 1.20
        (0.76, 0.70, Tier.LOOSE),  # ratio 1.086: below 1.10
        (0.75, 0.74, None),  # ratio 1.014: below 1.02
        (0.60, 0.60, None),
        (1.00, 0.00, Tier.STRICT),
        (0.00, 0.00, None),
    ],
)
def test_the_cascade(p, counter, tier):
    assert find_tier(p, counter) is tier


@given(SHARE, SHARE, SHARE)
def test_a_higher_score_never_has_a_lower_tier(p, q, counter):
    low, high = sorted((p, q))
    assert (find_tier(high, counter) or 0) >= (find_tier(low, counter) or 0)


@given(SHARE)
def test_of_a_complementary_pair_at_most_one_side_has_a_tier(p):
    assert find_tier(p, 1 - p) is None or find_tier(1 - p, p) is None


def test_what_was_missed_is_told_in_numbers():
    misses = list_misses(0.79, 0.21, DEFAULT.strict)
    assert misses == ["score 0.7900 is below 0.80"]
    assert len(list_misses(0.1, 0.9, DEFAULT.loose)) == 3


def test_a_partial_cascade_keeps_the_table_elsewhere():
    cascade = read_cascade({"cascade": {"high": 0.9, "gap_low": 0.2}, "min_conf": 0.3})
    assert cascade.strict == Step(0.9, 1.20, 0.15)
    assert cascade.regular == DEFAULT.regular
    assert cascade.loose == Step(0.60, 1.02, 0.2)
    assert cascade.min_conf == 0.3


def test_three_numbers_are_the_three_scores():
    cascade = read_cascade({"tiers": [0.7, 0.5, 0.3]})
    assert [cascade.strict.p, cascade.regular.p, cascade.loose.p] == [0.7, 0.5, 0.3]
    assert find_tier(0.5, 0.2, cascade) is Tier.REGULAR


def test_no_metadata_is_the_table():
    assert read_cascade({}) == DEFAULT


@pytest.mark.parametrize(
    ("mean", "deviation", "end", "tier"),
    [
        (0.95, 0.05, "high", Tier.STRICT),
        (0.95, 0.10, "high", Tier.REGULAR),
        (0.95, 0.20, "high", Tier.LOOSE),
        (0.95, 0.25, "high", None),
        (0.80, 0.14, "high", Tier.REGULAR),
        (0.75, 0.01, "high", Tier.LOOSE),
        (0.70, 0.01, "high", Tier.LOOSE),
        (0.69, 0.01, "neutral", None),
        (0.31, 0.01, "neutral", None),
        (0.30, 0.01, "low", Tier.LOOSE),
        (0.05, 0.05, "low", Tier.STRICT),
        (1.70, 0.05, "high", Tier.STRICT),
        (-0.5, 0.05, "low", Tier.STRICT),
    ],
)
def test_the_regression_table(mean, deviation, end, tier):
    assert find_regression_tier(mean, deviation) == (end, tier)


def test_classes_that_are_worth_saying():
    scores = {"rock": 0.6, "pop": 0.3, "jazz": 0.29, "folk": 0.1}
    assert select_top(scores) == ["rock", "pop"]
    assert select_top({"a": 0.14}) == []
    assert select_top({}) == []
    assert len(select_top({str(i): 0.5 for i in range(9)})) == 5
