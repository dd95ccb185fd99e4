"""The sound that recognisers take."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.int16]
"""int16 [n], mono at 16 kHz. Recognisers turn one stretch at a time into float32."""

_FULL_SCALE = np.float32(1 / 32768)


def to_float(samples: Samples) -> npt.NDArray[np.float32]:
    """The same samples as float32 in [-1, 1)."""
    return np.multiply(samples, _FULL_SCALE, dtype=np.float32)
