"""Log-mel front ends of the networks: `musicnn` (96 bands) and `vggish` (64 bands).

Both are the inputs of Essentia's predict algorithms for these families, described by their numbers:
frames centred on multiples of the hop with zeros outside the signal, ceil(n / hop) + 1 of them,
a symmetric Hann window, a transform of 512 points, triangles in mel and a logarithm.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from mediant.errors import Invalid

Samples = npt.NDArray[np.float32]
Mel = npt.NDArray[np.float32]

RATE = 16_000
"""Sample rate of the input in Hz."""

MUSICNN_HOP = 256
"""Samples from frame to frame: 62.5 frames a second."""

VGGISH_HOP = 160
"""Samples from frame to frame: 100 frames a second."""

_FFT = 512
_BINS = _FFT // 2 + 1
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class _FrontEnd:
    """Frame and hop in samples, the window [frame] and the filter bank [257, bands]."""

    hop: int
    window: npt.NDArray[np.float32]
    bank: npt.NDArray[np.float32]
    is_power: bool


def musicnn(samples: Samples) -> Mel:
    """Log-mel float32 [ceil(n / 256) + 1, 96] of float32 [n] at 16 kHz: log10(10000 x + 1) of the
    power in 96 Slaney bands, 0-8000 Hz. Silence gives 0. Raises Invalid for n = 0."""
    mel = _analyse(samples, _musicnn_front_end())
    mel *= 10_000
    mel += 1
    return np.log10(mel, out=mel)


def vggish(samples: Samples) -> Mel:
    """Log-mel float32 [ceil(n / 160) + 1, 64] of float32 [n] at 16 kHz: ln(x + 0.01) of the
    magnitude in 64 HTK bands, 125-7500 Hz. Silence gives ln 0.01. Raises Invalid for n = 0."""
    mel = _analyse(samples, _vggish_front_end())
    mel += np.float32(0.01)
    return np.log(mel, out=mel)


def _analyse(samples: Samples, front: _FrontEnd) -> Mel:
    """Band values [frames, bands] before the logarithm, a block of frames at a time."""
    if not samples.size:
        raise Invalid("A spectrogram of no samples was asked for.")
    count = -(-samples.size // front.hop) + 1
    mel = np.empty((count, front.bank.shape[1]), np.float32)
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        frames = _frames(samples, front, first, last)
        spectrum = np.fft.rfft(frames * front.window, _FFT)
        power = np.square(spectrum.real)
        power += np.square(spectrum.imag)
        if not front.is_power:
            np.sqrt(power, out=power)
        np.matmul(power, front.bank, out=mel[first:last])
    return mel


def _frames(samples: Samples, front: _FrontEnd, first: int, last: int) -> Samples:
    """Frames `first` to `last` as a view [frames, size]; only the edges of a track are copied."""
    size = front.window.size
    start = first * front.hop - size // 2
    stop = (last - 1) * front.hop - size // 2 + size
    inside = samples[max(0, start) : min(stop, samples.size)]
    if inside.size < stop - start:
        inside = np.pad(inside, (max(0, -start), max(0, stop - samples.size)))
    return np.lib.stride_tricks.sliding_window_view(inside, size)[:: front.hop]


def _hann(size: int) -> npt.NDArray[np.float32]:
    """Symmetric Hann window, not normalised."""
    k = np.arange(size)
    return (0.5 - 0.5 * np.cos(2 * np.pi * k / (size - 1))).astype(np.float32)


@cache
def _musicnn_front_end() -> _FrontEnd:
    """Triangles linear in Hz between band edges that are equidistant in Slaney's mel, scaled by
    2 / (upper - lower edge)."""
    edges = _summed_edges(0.0, _hz_to_slaney(8000.0), 98)
    hz = _slaney_to_hz(edges).astype(np.float32).astype(np.float64)
    bank = _triangles(np.arange(_BINS) * RATE / _FFT, hz) * (2 / (hz[2:] - hz[:-2]))
    return _FrontEnd(MUSICNN_HOP, _hann(512), bank.astype(np.float32), is_power=True)


@cache
def _vggish_front_end() -> _FrontEnd:
    """Triangles linear in HTK's mel, with a peak of 1."""
    low, high = _hz_to_htk(np.array([125.0, 7500.0]))
    edges = np.linspace(low, high, 66)
    bins = _hz_to_htk(np.arange(_BINS) * RATE / _FFT)
    bank = _triangles(bins, edges)
    return _FrontEnd(VGGISH_HOP, _hann(400), bank.astype(np.float32), is_power=False)


def _summed_edges(low: float, high: float, count: int) -> npt.NDArray[np.float64]:
    """`count` equidistant values as a float32 running sum gives them.

    The reference adds up in float32; exact edges differ by 5e-4 beside a loud pure tone.
    """
    step = np.float32((high - low) / (count - 1))
    steps = np.full(count, step, np.float32)
    steps[0] = np.float32(low)
    return np.cumsum(steps, dtype=np.float32).astype(np.float64)


def _triangles(
    x: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Weights [x, edges - 2] of triangles from each edge over the next to the one after."""
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    rising = (x[:, None] - lower) / (centre - lower)
    falling = (upper - x[:, None]) / (upper - centre)
    return np.maximum(0, np.minimum(rising, falling))


def _hz_to_slaney(hz: float) -> float:
    """Linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox)."""
    return float(15 + 27 * np.log(hz / 1000) / np.log(6.4)) if hz >= 1000 else hz * 3 / 200


def _slaney_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel >= 15, 1000 * np.exp((mel - 15) / 27 * np.log(6.4)), mel * 200 / 3)


def _hz_to_htk(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 1127.01048 * np.log(1 + hz / 700)
