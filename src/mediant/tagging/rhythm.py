"""Tempo from the log-mel that the networks get anyway.

The onset curve is compared with itself later: where half a beat, one, two, four, eight and
sixteen beats all fit, there is the tempo. A broad preference for walking pace decides between a
tempo and its double.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mel = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float64]

FRAME_RATE = 62.5
"""Frames a second of the 96-band log-mel."""

SLOWEST_BPM = 50.0
FASTEST_BPM = 220.0
CANDIDATES = 1200
"""Tempi that are tried, evenly spaced in log: 0.12 % from one to the next."""

BEATS = {0.5: 0.5, 1: 1.0, 2: 1.0, 4: 1.0, 8: 1.0, 16: 1.0}
"""Distances in beats and their weights. No three: it rewards two thirds of the true tempo, where
three such beats are two true ones, which is how a dotted rhythm deceives."""

PREFERRED_BPM = 130.0
PREFERENCE_WIDTH = 0.85
"""Centre, and width in natural log, of the preference among tempi that fit alike."""

TREND_S = 1.5
"""Onsets count above the mean of so many seconds around them."""

SPREAD = (0.25, 0.5, 0.25)

LEAST_S = 3.0
"""Less audio holds too few beats to say anything."""

_GROUP = 4
_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Tempo:
    """Beats a minute, and how far to believe it: 0 no pulse at all, 1 a metronome.

    `bpm` is 0 when there is no pulse to be found. `confidence` is the mean correlation of the
    onset curve with itself one, two and four beats later.
    """

    bpm: float
    confidence: float


def estimate_tempo(mel: Mel) -> Tempo:
    """The tempo of a log-mel float32 [frames, 96] at 62.5 frames a second, 50-220 BPM."""
    onsets = _above_trend(_onset_curve(mel))
    if len(onsets) < LEAST_S * FRAME_RATE or not onsets.any():
        return Tempo(0.0, 0.0)
    likeness = _autocorrelation(onsets)
    bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, CANDIDATES)
    lag = 60 * FRAME_RATE / bpm
    fit = sum(weight * _at(likeness, beats * lag) for beats, weight in BEATS.items())
    preference = np.exp(-0.5 * (np.log(bpm / PREFERRED_BPM) / PREFERENCE_WIDTH) ** 2)
    best = int(np.argmax(fit * preference))
    confidence = _at(likeness, np.array([1, 2, 4]) * lag[best]).mean()
    return Tempo(float(bpm[best]), float(np.clip(confidence, 0, 1)))


def _onset_curve(mel: Mel) -> Curve:
    """Mean increase over 24 groups of 4 bands, from frame to frame, [frames - 1]."""
    groups = np.repeat(np.eye(mel.shape[1] // _GROUP, dtype=np.float32), _GROUP, axis=0) / _GROUP
    curve = np.zeros(max(0, len(mel) - 1))
    for first in range(0, len(curve), _BLOCK):
        block = mel[first : first + _BLOCK + 1] @ groups
        rise = np.maximum(0, np.diff(block, axis=0))
        curve[first : first + len(rise)] = rise.mean(axis=1)
    return curve


def _above_trend(curve: Curve) -> Curve:
    """What stands above the moving average, spread over three frames.

    Without the spread a click is one frame wide, and a tempo whose beats fall between frames fits
    worse than a wrong one whose beats fall on them.
    """
    size = int(TREND_S * FRAME_RATE)
    if len(curve) < size:
        return np.zeros(0)
    above = np.maximum(0, curve - np.convolve(curve, np.full(size, 1 / size), "same"))
    return np.convolve(above, SPREAD, "same")


def _autocorrelation(onsets: Curve) -> Curve:
    """Correlation of the curve with itself at each lag in frames; 1 at lag 0."""
    varying = onsets - onsets.mean()
    size = 1 << (2 * len(varying) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(varying, size)) ** 2
    product = np.fft.irfft(spectrum)[: len(varying)]
    return np.asarray(product / product[0]) if product[0] > 0 else np.zeros(len(varying))


def _at(likeness: Curve, lag: Curve) -> Curve:
    """The correlation at lags in frames, whole or not; 0 beyond the end."""
    return np.asarray(np.interp(lag, np.arange(len(likeness)), likeness, right=0.0))
