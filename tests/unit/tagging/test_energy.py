"""Energy: bounds, known levels, and that louder is never less."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediant.tagging.energy import FRAME, measure_energy
from mediant.testing import signals


@pytest.mark.parametrize(
    ("level_db", "energy"), [(0, 1.0), (-30, 0.5), (-60, 0.0), (-90, 0.0), (20, 1.0)]
)
def test_a_constant_has_the_energy_of_its_level(level_db: float, energy: float) -> None:
    samples = np.full(16_000, 10 ** (level_db / 20), np.float32)
    assert measure_energy(samples) == pytest.approx(energy, abs=1e-5)


def test_a_sine_is_three_decibels_below_its_peak() -> None:
    sine = signals.tone(10, 440, 16_000, level=1.0)
    assert measure_energy(sine) == pytest.approx(1 - 3.01 / 60, abs=0.002)


def test_frames_count_alike() -> None:
    half = np.concatenate([np.ones(FRAME * 5), np.zeros(FRAME * 5)]).astype(np.float32)
    assert measure_energy(half) == pytest.approx(0.5)


@pytest.mark.parametrize("n", [0, 1, FRAME - 1, FRAME, FRAME + 1])
def test_any_length_is_measured(n: int) -> None:
    assert measure_energy(np.ones(n, np.float32)) == pytest.approx(1.0 if n else 0.0)


def test_blocks_do_not_show() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 513 * FRAME * 2).astype(np.float32)
    parts = [measure_energy(noise[i : i + FRAME]) for i in range(0, noise.size, FRAME)]
    assert measure_energy(noise) == pytest.approx(np.mean(parts), abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 10_000), gain=st.floats(1, 100))
def test_it_is_bounded_and_grows_with_level(seed: int, n: int, gain: float) -> None:
    x = np.random.default_rng(seed).normal(0, 0.05, n).astype(np.float32)
    quiet, loud = measure_energy(x), measure_energy((x * gain).astype(np.float32))
    assert 0 <= quiet <= loud + 1e-9 <= 1 + 1e-9
