"""Cutting a mel spectrogram into the windows that a network was trained on."""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

CPU_BATCH = 4
"""On a CPU 1, 4 and 16 patches a batch have the same speed; 4 keeps the memory small."""
LARGEST_BATCH = 32
"""On an accelerator; more only costs memory."""


def count_patches(frames: int, size: int, hop: int) -> int:
    """How many whole patches fit; the incomplete last one is dropped."""
    return 0 if frames < size else (frames - size) // hop + 1


def repeat_to(mel: Floats, size: int) -> Floats:
    """The frames repeated until there is one patch; unchanged when there are enough."""
    if len(mel) >= size:
        return mel
    times = -(-size // len(mel))
    return np.tile(mel, (times, 1))[:size]


def cut_patches(mel: Floats, size: int, hop: int) -> Floats:
    """A view [n, size, bands] of the frames [frames, bands], n = `count_patches`."""
    windows = sliding_window_view(mel, size, axis=0)[::hop]
    return np.swapaxes(windows, 1, 2)


def iter_batches(patches: Floats, size: int) -> Iterator[Floats]:
    """Contiguous batches of at most `size` patches; never the whole track at once."""
    for start in range(0, len(patches), size):
        yield np.ascontiguousarray(patches[start : start + size], dtype=np.float32)
