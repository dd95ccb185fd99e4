"""Energy: how loud a track is on the whole, from 0 (silence) to 1 (full scale all the time)."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

FRAME = 2048
"""Samples a frame: 128 ms at 16 kHz; frames do not overlap, the last may be shorter."""

FLOOR_DB = 60.0
"""A frame this far below full scale counts as 0."""

_BLOCK = 512 * FRAME


def measure_energy(samples: Samples) -> float:
    """Mean over frames of clip((20 log10 RMS + 60) / 60, 0, 1), for float32 [n]; 0 for n = 0."""
    total, count = 0.0, 0
    for first in range(0, samples.size, _BLOCK):
        levels = _frame_rms(samples[first : first + _BLOCK])
        decibels = 20 * np.log10(np.maximum(levels, 1e-9))
        total += float(np.clip((decibels + FLOOR_DB) / FLOOR_DB, 0, 1).sum())
        count += len(levels)
    return total / count if count else 0.0


def _frame_rms(block: Samples) -> npt.NDArray[np.float64]:
    """RMS of each frame [frames]; a shorter last one over its own length."""
    whole = block.size // FRAME * FRAME
    frames = block[:whole].reshape(-1, FRAME)
    powers = np.einsum("ij,ij->i", frames, frames) / FRAME
    rest = block[whole:]
    if rest.size:
        powers = np.append(powers, np.dot(rest, rest) / rest.size)
    return np.asarray(np.sqrt(powers, dtype=np.float64))
