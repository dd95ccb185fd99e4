"""Pooling against the formulas written out, and the counting and cutting of patches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mediant.tagging.patches import count_patches, cut_patches, iter_batches, repeat_to
from mediant.tagging.pooling import STATISTICS, pool, trimmed_mean

SCORES = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 40), st.integers(1, 4)),
    elements=st.floats(0, 1, width=32),
)


def trimmed_by_hand(column: np.ndarray) -> float:
    kept = sorted(float(value) for value in column if not np.isnan(value))
    k = int(0.1 * len(kept))
    inner = kept[k : len(kept) - k]
    return sum(inner) / len(inner)


@given(SCORES)
def test_every_statistic_equals_its_formula(values):
    pooled = pool(values)
    assert pooled.stats.shape == (len(STATISTICS), values.shape[1])
    assert pooled.patches == len(values)
    for column in range(values.shape[1]):
        one = values[:, column].astype(np.float64)
        expected = [
            trimmed_by_hand(one),
            one.mean(),
            one.std(),
            *np.percentile(one, (10, 50, 90)),
        ]
        np.testing.assert_allclose(pooled.stats[:, column], expected, atol=2e-6)


def test_ten_patches_lose_one_at_each_end():
    values = np.array([[9.0], *[[0.5]] * 8, [-9.0]], np.float32)
    assert trimmed_mean(values)[0] == 0.5


def test_nine_patches_lose_none():
    values = np.array([[1.0], *[[0.0]] * 8], np.float32)
    assert trimmed_mean(values)[0] == pytest.approx(1 / 9)


def test_nan_and_infinity_are_left_out():
    values = np.array([[0.25], [np.nan], [0.75], [np.inf]], np.float32)
    pooled = pool(values)
    assert pooled.row("trimmed")[0] == 0.5
    assert pooled.row("mean")[0] == 0.5
    assert pooled.dead == ()


def test_a_column_without_any_number_is_zero_and_told():
    values = np.array([[0.25, np.nan], [0.75, np.nan]], np.float32)
    pooled = pool(values)
    assert pooled.dead == (1,)
    assert pooled.stats[:, 1].tolist() == [0.0] * len(STATISTICS)
    assert pooled.row("mean")[0] == 0.5


@given(SCORES)
def test_the_order_of_the_patches_does_not_matter(values):
    np.testing.assert_allclose(pool(values).stats, pool(values[::-1]).stats, atol=1e-6)


@pytest.mark.parametrize(
    ("frames", "size", "hop", "count"),
    [
        (15_001, 187, 187, 80),  # 240 s, the built-in networks
        (15_001, 187, 93, 160),
        (15_001, 128, 62, 240),
        (187, 187, 187, 1),
        (186, 187, 187, 0),
        (373, 187, 187, 1),
        (374, 187, 187, 2),
        (751, 187, 187, 4),
        (751, 187, 93, 7),
        (1201, 96, 93, 12),
    ],
)
def test_counting_patches(frames, size, hop, count):
    assert count_patches(frames, size, hop) == count
    mel = np.zeros((max(frames, size), 3), np.float32)
    if frames >= size:
        assert cut_patches(mel, size, hop).shape == (count, size, 3)


@given(st.integers(5, 60), st.integers(1, 12), st.integers(1, 12))
def test_a_patch_is_the_frames_from_its_start(frames, size, hop):
    mel = np.arange(frames * 2, dtype=np.float32).reshape(frames, 2)
    if frames < size:
        return
    patches = cut_patches(mel, size, hop)
    assert len(patches) == count_patches(frames, size, hop)
    for index, patch in enumerate(patches):
        np.testing.assert_array_equal(patch, mel[index * hop : index * hop + size])


def test_short_audio_is_repeated_up_to_one_patch():
    mel = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.testing.assert_array_equal(repeat_to(mel, 7), mel[[0, 1, 2, 0, 1, 2, 0]])
    assert repeat_to(mel, 3) is mel


def test_batches_hold_every_patch_once_and_in_order():
    patches = np.arange(10, dtype=np.float32).reshape(10, 1, 1)
    batches = list(iter_batches(patches, 4))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(batches), patches)
    assert all(batch.flags.c_contiguous for batch in batches)
