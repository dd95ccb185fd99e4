"""Key: the golden progressions, all twelve transpositions, and a public peer."""

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

from mediant.tagging.tonal import TONICS, Key, estimate_key, measure_chroma
from mediant.testing import signals

MIDI = Path(__file__).parents[3] / "corpora" / "openttd"

KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
"""Probe-tone ratings of Krumhansl and Kessler, major and minor."""


def key_of(samples: npt.NDArray[np.float32]) -> Key:
    key = estimate_key(samples)
    assert key is not None
    return key


@pytest.mark.parametrize("name", signals.PROGRESSIONS)
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_golden_progressions(name: str, rate: int) -> None:
    made = signals.progression(name, rate)
    key = key_of(soxr.resample(made, rate, 16_000, "HQ"))
    told = str(golden.load("rhythm_key", f"{name.lower().replace(' ', '_')}.bgate.key"))
    print(f"{name}: {key.tonic} {key.mode} ({key.strength:.2f}); Essentia {told}")
    assert f"{key.tonic} {key.mode}" == name == told
    assert key.strength > 0.8


@pytest.mark.parametrize("semitones", range(-5, 7))
@pytest.mark.parametrize("name", signals.PROGRESSIONS)
def test_transposing_turns_the_tonic_and_keeps_the_mode(name: str, semitones: int) -> None:
    tonic, mode = name.split()
    key = key_of(signals.progression(name, 16_000, semitones))
    assert key.tonic == TONICS[(TONICS.index(tonic) + semitones) % 12]
    assert key.mode == mode


@settings(max_examples=10, deadline=None)
@given(decibels=st.floats(-40, 6))
def test_gain_does_not_change_the_key(decibels: float) -> None:
    song = signals.progression("A minor", 16_000)
    key = key_of((song * 10 ** (decibels / 20)).astype(np.float32))
    assert (key.tonic, key.mode) == ("A", "minor")


@pytest.mark.parametrize("n", [0, 1, 100_000])
def test_silence_has_no_key(n: int) -> None:
    assert estimate_key(np.zeros(n, np.float32)) is None


@pytest.mark.parametrize("pitch", range(12))
def test_a_tone_fills_its_own_pitch_class(pitch: int) -> None:
    chroma = measure_chroma(signals.tone(3, 440 * 2 ** ((pitch - 9) / 12), 16_000))
    assert int(np.argmax(chroma)) == pitch
    assert chroma.argsort()[-2] in ((pitch - 1) % 12, (pitch + 1) % 12) or chroma[pitch] > 0.9


def test_blocks_do_not_show() -> None:
    song = np.tile(signals.progression("C major", 16_000), 4)
    whole, half = measure_chroma(song), measure_chroma(song[: song.size // 2])
    assert np.abs(whole - half).max() < 0.02


@pytest.mark.slow
@pytest.mark.corpus
def test_chroma_resembles_the_notes_at_least_as_well_as_librosas(
    request: pytest.FixtureRequest,
) -> None:
    """The truth is the score: how long each pitch class sounds in the MIDI file."""
    if not (MIDI.is_dir() and known_tempo.is_renderable()):
        pytest.skip("needs `make corpora` and timidity")
    folder = request.config.cache.mkdir("known-tempo")
    likeness, keys = [], []
    for midi in sorted(MIDI.glob("*.mid")):
        samples = soundfile.read(known_tempo.render(midi, folder), dtype="float32")[0]
        notes = known_tempo.pitch_classes(midi)
        ours, theirs = measure_chroma(samples), chroma_of_librosa(samples)
        likeness.append([np.corrcoef(notes, chroma)[0, 1] for chroma in (ours, theirs)])
        keys.append([krumhansl_key(chroma) for chroma in (notes, ours, theirs)])
    mine, peer = np.mean(likeness, axis=0)
    print(
        f"correlation of chroma and notes, {len(keys)} scores: ours {mine:.3f}, librosa {peer:.3f}"
    )
    for name, index in (("ours", 1), ("librosa", 2)):
        same = np.mean([key[0] == key[index] for key in keys])
        print(f"Krumhansl's key of the notes and of the chroma agree: {name} {same:.0%}")
    agreed = np.mean([key[1] == key[2] for key in keys])
    print(f"Krumhansl's key from both chromas agrees: {agreed:.0%}")
    assert mine >= peer
    assert agreed >= 0.5


def chroma_of_librosa(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.asarray(librosa.feature.chroma_cqt(y=samples, sr=16_000).mean(axis=1))


def krumhansl_key(chroma: npt.NDArray[np.float64]) -> tuple[str, str]:
    profiles = [np.roll(shape, k) for shape in KRUMHANSL for k in range(12)]
    mode, tonic = divmod(int(np.argmax(np.corrcoef(chroma, profiles)[0, 1:])), 12)
    return TONICS[tonic], ("major", "minor")[mode]
