"""Counting scores: exact, and the same in whatever order and pieces they come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mediant.tagging.calibrate import Span, calibrate
from mediant.tagging.calibration.histogram import BINS, Histogram, Tally

Scores = NDArray[np.float32]

unit = st.floats(0, 1, width=32)
weird = st.floats(allow_nan=True, allow_infinity=True, width=32)
some_scores = hnp.arrays(np.float32, st.integers(1, 300), elements=unit)
weird_scores = hnp.arrays(np.float32, st.integers(0, 200), elements=weird)


@given(some_scores, st.sampled_from([5, 25, 50, 75, 95]))
def test_percentiles_are_within_one_bin_of_numpy(scores: Scores, percent: int) -> None:
    exact = float(np.percentile(scores.astype(np.float64), percent, method="inverted_cdf"))
    found = Histogram.of(scores).percentile(percent)
    assert found <= exact + 1e-12
    assert exact - found <= 1e-4 + 1e-12


def test_percentiles_of_many_scores_agree_with_every_way_to_interpolate() -> None:
    scores = np.random.default_rng(3).beta(2, 5, 1_000_000).astype(np.float32)
    found = Histogram.of(scores)
    for percent in (5, 50, 95):
        assert found.percentile(percent) == pytest.approx(np.percentile(scores, percent), abs=1e-4)
    assert found.mean == pytest.approx(float(scores.mean(dtype=np.float64)), abs=1e-4)
    assert found.deviation == pytest.approx(float(scores.std(dtype=np.float64)), abs=1e-4)


@given(weird_scores, st.integers(0, 200))
def test_order_and_pieces_do_not_matter(scores: Scores, cut: int) -> None:
    whole = Histogram.of(scores)
    order = np.random.default_rng(cut).permutation(len(scores))
    shuffled = scores[order]
    assert Histogram.of(shuffled) == whole
    assert Histogram.of(shuffled[:cut]).merge(Histogram.of(shuffled[cut:])) == whole


@given(hnp.arrays(np.float32, st.tuples(st.integers(0, 60), st.integers(1, 4)), elements=weird))
def test_a_tally_counts_every_label_by_itself(scores: Scores) -> None:
    tally = Tally(scores.shape[1])
    for rows in np.array_split(scores, 3):
        tally.add(rows)
    for column in range(scores.shape[1]):
        assert tally.histogram(column) == Histogram.of(scores[:, column])


@given(weird_scores)
def test_weird_values_are_counted_or_left_out(scores: Scores) -> None:
    found = Histogram.of(scores)
    numbers = scores[~np.isnan(scores)]
    assert found.n == len(numbers)
    assert found.underflow == int((numbers < 0).sum())
    assert found.overflow == int((numbers > 1).sum())
    assert int(found.counts[0]) >= found.underflow
    assert int(found.counts[-1]) >= found.overflow
    assert np.isfinite([found.low, found.high, found.mean, found.deviation]).all()
    low, high = found.span
    assert 0 <= low <= high <= 1 if len(numbers) else (low, high) == (0.0, 1.0)


def test_what_lies_outside_is_not_counted_twice() -> None:
    found = Histogram.of([-1.0] * 10 + [0.5] * 90)
    assert (found.n, found.underflow) == (100, 10)
    assert found.percentile(10) == 0.0
    assert found.percentile(11) == 0.5


def test_the_ends_of_the_scale() -> None:
    assert Histogram.of([0.0]).span == (0.0, 0.0)
    assert Histogram.of([1.0]).span == (0.9999, 0.9999)
    assert Histogram.of([1.0]).overflow == 0
    assert Histogram.of([]).span == (0.0, 1.0)
    assert Histogram.of([float("nan")]).n == 0


@given(weird_scores)
def test_bytes_and_back(scores: Scores) -> None:
    found = Histogram.of(scores)
    again = Histogram.from_bytes(found.to_bytes())
    assert again == found
    assert again.span == found.span


@pytest.mark.parametrize("data", [b"", b"x" * 10, b"x" * 80, Histogram.of([0.5]).to_bytes()[:-3]])
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Histogram.from_bytes(data)


@given(some_scores)
def test_wider_bins_hold_the_same_scores(scores: Scores) -> None:
    found = Histogram.of(scores)
    wide = found.rebin(100)
    assert wide.sum() == found.n
    assert wide[0] == found.counts[: BINS // 100].sum()
    assert sum(n for _, n in found.list_used()) == found.n


@given(some_scores, unit, unit)
def test_calibrated_scores_keep_their_order(scores: Scores, one: float, other: float) -> None:
    span = Span(*Histogram.of(scores).span)
    low, high = sorted([one, other])
    assert 0.0 <= calibrate(low, span) <= calibrate(high, span) <= 1.0
