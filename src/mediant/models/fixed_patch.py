"""One patch that is the same everywhere: for test runs of networks."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def fixed_patch(frames: int = 187, bands: int = 96) -> Floats:
    """[1, frames, bands]: slow waves over time and mel in the range of a log-mel spectrogram."""
    time = np.arange(frames)[:, None]
    band = np.arange(bands)[None, :]
    wave = np.sin(time * (band + 1) / 97.0) * np.cos(time / 11.0)
    patch = (1.5 + wave) * (1.0 - band / (2.0 * bands))
    return patch[None].astype(np.float32)
