"""The mel front ends against Essentia's numbers, and their shape at every length."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.tagging import golden

from mediant.errors import Invalid
from mediant.tagging import melspec
from mediant.testing import signals

FRONT_ENDS = {"musicnn": melspec.musicnn, "vggish": melspec.vggish}
HOPS = {"musicnn": 256, "vggish": 160}
BANDS = {"musicnn": 96, "vggish": 64}
SILENCE = {"musicnn": 0.0, "vggish": np.log(0.01)}


def test_the_signal_by_formula_is_the_stored_one() -> None:
    stored = golden.samples()
    assert np.abs(signals.synth12() - stored).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "largest", "mean"), [("musicnn", 5e-5, 2e-6), ("vggish", 1e-3, 5e-5)]
)
def test_front_ends_are_exact(name: str, largest: float, mean: float) -> None:
    error = np.abs(FRONT_ENDS[name](golden.samples()) - golden.load("mel", f"essentia_{name}"))
    print(f"{name}: max abs {error.max():.2e}, mean abs {error.mean():.2e}")
    assert error.max() <= largest
    assert error.mean() <= mean


@pytest.mark.parametrize("name", FRONT_ENDS)
@pytest.mark.parametrize("n", [1, 255, 256, 257, 191_999, 192_001])
def test_number_of_frames(name: str, n: int) -> None:
    mel = FRONT_ENDS[name](np.full(n, 0.1, np.float32))
    assert mel.shape == (-(-n // HOPS[name]) + 1, BANDS[name])
    assert mel.dtype == np.float32
    assert np.isfinite(mel).all()


@pytest.mark.parametrize("front_end", FRONT_ENDS.values())
def test_no_samples_are_an_error(front_end: Callable[[melspec.Samples], melspec.Mel]) -> None:
    with pytest.raises(Invalid):
        front_end(np.empty(0, np.float32))


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_silence_passes_unchanged(name: str) -> None:
    mel = FRONT_ENDS[name](np.zeros(16_000, np.float32))
    assert np.abs(mel - SILENCE[name]).max() < 1e-6


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_blocks_equal_one_shot(name: str) -> None:
    """A frame deep inside a long track is the frame of the short piece around it."""
    hop = HOPS[name]
    track = np.tile(golden.samples(), 4)
    whole = FRONT_ENDS[name](track)
    for frame in (1, 1023, 1024, 1025, 2047, 2048, len(whole) - 3):
        start = max(0, frame - 4) * hop
        piece = FRONT_ENDS[name](track[start : start + 16 * hop])
        assert np.abs(piece[frame - start // hop] - whole[frame]).max() < 1e-5


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_memory_beyond_the_result_is_bounded(name: str) -> None:
    samples = np.zeros(16_000 * 1200, np.float32)
    FRONT_ENDS[name](samples[:16_000])
    tracemalloc.start()
    mel = FRONT_ENDS[name](samples)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{name}: {(peak - mel.nbytes) / 2**20:.1f} MiB beyond the mel of 20 min")
    assert peak - mel.nbytes < 40 << 20


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 5000),
    gain=st.floats(1.0, 30.0),
    name=st.sampled_from(sorted(FRONT_ENDS)),
)
def test_louder_is_never_less(seed: int, n: int, gain: float, name: str) -> None:
    x = np.random.default_rng(seed).normal(0, 0.1, n).astype(np.float32)
    quiet, loud = FRONT_ENDS[name](x), FRONT_ENDS[name]((x * gain).astype(np.float32))
    assert (loud >= quiet - 1e-4).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), hops=st.integers(1, 20))
def test_a_shift_by_hops_shifts_the_frames(seed: int, hops: int) -> None:
    x = np.random.default_rng(seed).normal(0, 0.1, 6000).astype(np.float32)
    moved = np.concatenate([np.zeros(hops * 256, np.float32), x])
    assert np.abs(melspec.musicnn(moved)[hops + 1 :] - melspec.musicnn(x)[1:]).max() < 1e-5
