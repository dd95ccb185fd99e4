"""The stored reference numbers of `tests/data/golden`: what Essentia computes from `synth12`."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parents[2] / "data" / "golden"


def load(name: str, key: str) -> npt.NDArray[Any]:
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return np.asarray(file[key])


def samples() -> npt.NDArray[np.float32]:
    return load("signal", "samples")
