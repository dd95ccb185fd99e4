"""Signals by formula: the golden ones, and simple ones for tests. Nobody's music."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

SYNTH_RATE = 16000
"""Sample rate of `synth12`."""

PROGRESSIONS: dict[str, list[tuple[int, int, int, int]]] = {
    "C major": [
        (48, 64, 67, 72),
        (53, 65, 69, 72),
        (55, 62, 67, 71),
        (48, 64, 67, 72),
        (57, 64, 69, 72),
        (50, 65, 69, 74),
        (55, 65, 67, 71),
        (48, 64, 67, 72),
    ],
    "A minor": [
        (45, 60, 64, 69),
        (50, 62, 65, 69),
        (52, 59, 64, 68),
        (45, 60, 64, 69),
        (53, 60, 65, 69),
        (50, 62, 65, 69),
        (52, 62, 64, 68),
        (45, 60, 64, 69),
    ],
}
"""Two cadences as MIDI notes, one chord each 1.5 s."""


def synth12() -> Samples:
    """12 s of everything at 16 kHz mono: chirps, tones, silence, bursts, noise in level steps."""
    n = np.arange(12 * SYNTH_RATE)
    t = n / SYNTH_RATE
    noise = 2 * np.random.Generator(np.random.PCG64(20250101)).random(n.size) - 1
    parts = [_chirps(t), _harmonics(t - 3), 0 * t, _bursts(t, noise)]
    y = np.select([t < 3, t < 6, t < 7, t < 9.5], parts, _steps(t - 9.5, noise))
    return y.astype(np.float32)


def _chirps(t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """0-3 s: exponential chirp 60 -> 7500 Hz, linear chirp 3000 -> 200 Hz."""
    r = np.log(7500 / 60) / 3
    tau = 2 * np.pi
    up = np.cos(tau * 60 * (np.exp(r * t) - 1) / r)
    down = np.cos(tau * (3000 * t - (3000 - 200) / 6 * t * t))
    return np.asarray(0.40 * up + 0.20 * down)


def _harmonics(u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """3-6 s: two harmonic tones with vibrato (5.5 Hz, depth 0.8 %) and tremolo (2 Hz)."""
    tau = 2 * np.pi
    ph = tau * (u + 0.008 / (tau * 5.5) * np.sin(tau * 5.5 * u))
    low = sum(np.sin(k * 220 * ph) / k for k in range(1, 13))
    high = sum(np.sin(k * 329.5 * ph) / k**1.5 for k in range(1, 9))
    return np.asarray(0.22 * (low + 0.6 * high) * (1 + 0.4 * np.sin(tau * 2 * u)))


def _bursts(t: npt.NDArray[np.float64], noise: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """7-9.5 s: noise bursts each 0.25 s, decaying with 40 ms, over a quiet 110 Hz tone."""
    v = np.mod(t - 7, 0.25)
    return np.asarray(0.6 * noise * np.exp(-v / 0.04) + 0.02 * np.sin(2 * np.pi * 110 * t))


def _steps(w: npt.NDArray[np.float64], noise: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """9.5-12 s: chord, bursts and noise in four level steps of 0.625 s: 1, 0.1, 0.01, 0.5."""
    tau = 2 * np.pi
    chord = sum(np.sin(tau * f * w) for f in (261.63, 329.63, 392.0, 1046.5, 2093.0)) / 5
    e = 0.5 * chord + 0.3 * noise * np.exp(-np.mod(w, 0.3125) / 0.03) + 0.05 * noise
    step = np.clip((w / 0.625).astype(int), 0, 3)
    return np.asarray(e * np.array([1, 0.1, 0.01, 0.5])[step])


def clicks(bpm: float, seconds: float = 30, rate: int = 44100) -> Samples:
    """Click track, 4 beats to the bar, the first beat accented (louder and higher)."""
    y = np.zeros(int(seconds * rate))
    tau = np.arange(int(0.05 * rate)) / rate
    for k in range(int(np.ceil(seconds * bpm / 60))):
        start = round(k * 60 / bpm * rate)
        level, pitch = (0.9, 1600) if k % 4 == 0 else (0.45, 1000)
        click = level * np.exp(-tau / 0.006) * np.sin(2 * np.pi * pitch * tau)
        end = min(start + click.size, y.size)
        y[start:end] += click[: end - start]
    return y.astype(np.float32)


def progression(name: str, rate: int = 44100, transpose: int = 0) -> Samples:
    """Eight chords of 1.5 s in a key of `PROGRESSIONS`, moved by `transpose` semitones.

    Each note has six harmonics of amplitude 1 / k ** 1.5, 20 ms attack and 0.6 s decay.
    """
    n = int(1.5 * rate)
    t = np.arange(n) / rate
    env = np.minimum(t / 0.02, 1) * np.exp(-t / 0.6)
    parts = []
    for chord in PROGRESSIONS[name]:
        pitches = [440 * 2 ** ((note + transpose - 69) / 12) for note in chord]
        voices = (np.sin(2 * np.pi * k * f * t) / k**1.5 for f in pitches for k in range(1, 7))
        parts.append(0.08 * env * sum(voices))
    return np.concatenate(parts).astype(np.float32)


def tone(
    seconds: float, frequency: float = 440.0, rate: int = 44100, level: float = 0.5
) -> Samples:
    """A sine with short ramps at both ends, so that no codec clicks."""
    t = np.arange(int(seconds * rate)) / rate
    ramp = np.minimum(1, np.minimum(t, t[::-1]) / 0.01) if t.size else t
    return (level * ramp * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def song(seconds: float, key: str = "C major", bpm: float = 120, rate: int = 44100) -> Samples:
    """A cadence over a click track: something with a key, a tempo and a level that moves."""
    n = int(seconds * rate)
    chords = np.resize(progression(key, rate), n)
    return (chords + 0.5 * clicks(bpm, n / rate + 1, rate)[:n]).astype(np.float32)
