"""Drift: zero for the same scores, its formulas for others, and what counts as stable."""

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon

from mediant.tagging.calibration.drift import (
    BANDS,
    Drift,
    Thresholds,
    find_band,
    find_excess,
    is_stable,
    measure_drift,
    relative_change,
)
from mediant.tagging.calibration.histogram import Histogram
from mediant.tagging.calibration.spans import LabelSpan, describe_spans, name_spans
from mediant.tagging.calibration.verdict import find_positive, judge

Scores = NDArray[np.float32]
NONE = Drift(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
USUAL = Thresholds()

some_scores = hnp.arrays(np.float32, st.integers(1, 200), elements=st.floats(0, 1, width=32))


@given(some_scores)
def test_the_same_scores_do_not_drift(scores: Scores) -> None:
    drift = measure_drift(Histogram.of(scores), Histogram.of(scores[::-1]))
    assert drift == NONE
    assert is_stable(drift, USUAL)


@given(some_scores, some_scores)
def test_the_distance_is_that_of_scipy_and_symmetric(one: Scores, other: Scores) -> None:
    before, after = Histogram.of(one), Histogram.of(other)
    found = measure_drift(before, after).jsd
    wanted = jensenshannon(before.rebin(100), after.rebin(100), base=2)
    assert found == pytest.approx(wanted, abs=1e-7)
    assert found == pytest.approx(measure_drift(after, before).jsd, abs=1e-12)
    assert 0.0 <= found <= 1.0


def test_the_measures_by_their_formulas() -> None:
    before = Histogram.of(np.linspace(0.2, 0.6, 4001))
    after = Histogram.of(np.linspace(0.3, 0.9, 6001))
    drift = measure_drift(before, after)
    assert drift.apd_p5 == pytest.approx(0.33 - 0.22, abs=2e-4)
    assert drift.apd_p95 == pytest.approx(0.87 - 0.58, abs=2e-4)
    assert drift.srd == pytest.approx((0.54 - 0.36) / 0.36, abs=2e-3)
    assert drift.median_drift == pytest.approx(0.6 - 0.4, abs=2e-4)
    assert drift.iqr_drift == pytest.approx((0.3 - 0.2) / 0.2, abs=2e-3)


@pytest.mark.parametrize(
    ("before", "after", "change"), [(0.0, 0.0, 0.0), (0.0, 0.3, 1.0), (0.5, 0.25, 0.5)]
)
def test_relative_changes(before: float, after: float, change: float) -> None:
    assert relative_change(before, after) == change


def test_scores_that_share_nothing_are_one_apart() -> None:
    assert measure_drift(Histogram.of([0.1] * 9), Histogram.of([0.9] * 9)).jsd == 1.0
    assert measure_drift(Histogram.of([]), Histogram.of([0.9] * 9)).jsd == 1.0
    assert measure_drift(Histogram.of([]), Histogram.of([])).jsd == 0.0


LIMITS = {
    "apd_p5": 0.01, "apd_p95": 0.01, "srd": 0.05, "jsd": 0.1, "median_drift": 0.05,
    "iqr_drift": 0.1,
}  # fmt: skip


@pytest.mark.parametrize("measure", LIMITS)
def test_stable_is_strictly_below_every_threshold(measure: str) -> None:
    at_limit = replace(NONE, **{measure: LIMITS[measure]})
    below = replace(NONE, **{measure: np.nextafter(LIMITS[measure], 0.0)})
    assert not is_stable(at_limit, USUAL)
    assert is_stable(below, USUAL)
    assert find_excess(at_limit, USUAL) == pytest.approx(1.0)


@pytest.mark.parametrize("measure", BANDS)
def test_bands_include_their_upper_ends(measure: str) -> None:
    names = ["excellent", "good", "acceptable"]
    for name, limit in zip(names, BANDS[measure], strict=True):
        assert find_band(measure, limit) == name
    assert find_band(measure, BANDS[measure][-1] + 1e-9) == "poor"


def test_the_positive_label_stands_for_a_pair() -> None:
    assert find_positive(["non_happy", "happy"]) == "happy"
    assert find_positive(["danceable", "not_danceable"]) == "danceable"
    assert find_positive(["female", "male"]) == "female"
    assert find_positive(["approachability"]) == "approachability"


def spread(low: float, high: float) -> Histogram:
    return Histogram.of(np.linspace(low, high, 2001))


def test_of_many_labels_the_one_that_moved_most_stands_for_the_head() -> None:
    labels = ["rock", "jazz", "pop"]
    before = {label: spread(0.1, 0.5) for label in labels}
    after = {**before, "jazz": spread(0.2, 0.9), "pop": spread(0.11, 0.51)}
    found = judge(labels, after, before, USUAL)
    assert (found.label, found.is_stable) == ("jazz", False)
    assert found.drift is not None
    assert found.drift.apd_p95 > 0.3
    assert judge(labels, before, before, USUAL).is_stable


def test_a_label_without_a_reference_makes_a_head_unstable() -> None:
    labels = ["rock", "jazz", "pop"]
    after = {label: spread(0.1, 0.5) for label in labels}
    before = {label: after[label] for label in labels[:2]}
    found = judge(labels, after, before, USUAL)
    assert not found.is_stable
    assert found.drift == NONE


def test_without_a_reference_there_is_no_drift() -> None:
    found = judge(["non_happy", "happy"], {"happy": spread(0, 1)}, {}, USUAL)
    assert (found.label, found.drift, found.is_stable) == ("happy", None, False)


def test_drift_has_as_many_measures_as_limits() -> None:
    assert len(astuple(NONE)) == len(LIMITS) == len(BANDS)


spans = st.lists(
    st.builds(
        LabelSpan,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["c", "d"]),
        st.text(max_size=3),
        st.sampled_from(["v1", "v2"]),
        st.floats(0, 1),
        st.floats(0, 1),
    ),
    max_size=5,
)


@given(spans)
def test_the_name_of_spans_depends_on_their_content_only(listed: list[LabelSpan]) -> None:
    assert name_spans(listed) == name_spans(listed[::-1])
    assert describe_spans(listed) == describe_spans(listed[::-1])
    assert len(name_spans(listed)) == 12


def test_a_change_of_any_part_changes_the_name() -> None:
    one = LabelSpan("effnet", "mood_happy", "happy", "v1", 0.1, 0.9)
    changes: list[dict[str, Any]] = [
        {"model": "musicnn"}, {"head": "mood_sad"}, {"label": "sad"}, {"version": "v2"},
        {"p5": 0.1001}, {"p95": 0.9001},
    ]  # fmt: skip
    names = {name_spans([one._replace(**change)]) for change in changes}
    assert len(names | {name_spans([one])}) == len(changes) + 1
