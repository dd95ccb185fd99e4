"""Tempo: the golden clicks, music of known tempo beside librosa, and what must not matter."""

from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.tagging import golden, known_tempo

from mediant.tagging import melspec
from mediant.tagging.rhythm import Tempo, estimate_tempo
from mediant.testing import signals

MIDI = Path(__file__).parents[3] / "corpora" / "openttd"
METRICAL = (1, 2, 3, 1 / 2, 1 / 3)
TOLERANCE = 0.04


def tempo_of(samples: npt.NDArray[np.float32]) -> Tempo:
    return estimate_tempo(melspec.musicnn(samples))


@pytest.mark.parametrize("bpm", [96, 140])
def test_golden_clicks(bpm: int) -> None:
    clicks = soxr.resample(signals.clicks(bpm), 44_100, 16_000, "HQ")
    found = tempo_of(clicks)
    reference = float(golden.load("rhythm_key", f"clicks_{bpm}.multifeature.bpm"))
    print(
        f"clicks {bpm}: {found.bpm:.2f} BPM (Essentia {reference:.2f}), {found.confidence:.2f} sure"
    )
    assert found.bpm == pytest.approx(bpm, rel=0.01)
    assert found.confidence > 0.5


@settings(max_examples=15, deadline=None)
@given(bpm=st.floats(75, 180))
def test_any_click_track_is_right_up_to_the_metrical_factor(bpm: float) -> None:
    found = tempo_of(signals.clicks(bpm, 20, 16_000)).bpm
    assert any(found == pytest.approx(bpm * factor, rel=0.02) for factor in METRICAL)


@pytest.mark.parametrize("samples", [np.zeros(160_000, np.float32), np.zeros(1, np.float32)])
def test_where_there_is_no_pulse_none_is_claimed(samples: npt.NDArray[np.float32]) -> None:
    assert tempo_of(samples) == Tempo(0.0, 0.0)


def test_noise_is_not_believed() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, 16_000 * 30).astype(np.float32)
    assert tempo_of(noise).confidence < 0.1


@settings(max_examples=10, deadline=None)
@given(decibels=st.floats(-12, 6), bpm=st.sampled_from([90, 120, 128]))
def test_gain_does_not_change_the_tempo(decibels: float, bpm: int) -> None:
    song = signals.song(20, bpm=bpm, rate=16_000)
    quieter = (song * 10 ** (decibels / 20)).astype(np.float32)
    assert tempo_of(quieter).bpm == pytest.approx(tempo_of(song).bpm, rel=0.01)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), frames=st.integers(1, 3000))
def test_results_are_in_their_ranges(seed: int, frames: int) -> None:
    mel = np.random.default_rng(seed).random((frames, 96), np.float32)
    found = estimate_tempo(mel)
    assert found.bpm == 0 or 49.9 <= found.bpm <= 220.1
    assert 0 <= found.confidence <= 1


@pytest.mark.slow
@pytest.mark.corpus
def test_known_tempo_at_least_as_good_as_librosa(request: pytest.FixtureRequest) -> None:
    if not (MIDI.is_dir() and known_tempo.is_renderable()):
        pytest.skip("needs `make corpora` and timidity")
    folder = request.config.cache.mkdir("known-tempo")
    ours, theirs = [], []
    for midi in sorted(MIDI.glob("*.mid")):
        truth = known_tempo.true_tempo(midi)
        if truth is None:
            continue
        samples = soundfile.read(known_tempo.render(midi, folder), dtype="float32")[0]
        ours.append(tempo_of(samples).bpm / truth)
        theirs.append(float(np.squeeze(librosa.beat.beat_track(y=samples, sr=16_000)[0])) / truth)
    print(f"{len(ours)} renders: ours {_marks(ours)}, librosa {_marks(theirs)}")
    assert len(ours) == 30
    for mark, goal, peer in zip(_marks(ours), (0.73, 0.83), _marks(theirs), strict=True):
        assert mark >= max(goal, peer)


def _marks(ratios: list[float]) -> tuple[float, float]:
    """Share within 4 % of the truth, and of the truth up to the metrical factor."""
    right = [abs(ratio - 1) < TOLERANCE for ratio in ratios]
    related = [any(abs(ratio / f - 1) < TOLERANCE for f in METRICAL) for ratio in ratios]
    return round(float(np.mean(right)), 3), round(float(np.mean(related)), 3)
