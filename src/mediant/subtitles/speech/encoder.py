"""Whisper's encoder, asked for one window after the other where that costs nothing."""

from typing import Any

import numpy as np
import numpy.typing as npt
from ctranslate2 import StorageView
from faster_whisper import WhisperModel


class WindowedModel(WhisperModel):  # type: ignore[misc]  # it comes without types
    """A loaded model that encodes on the CPU window by window.

    What it computes is the same. A processor gains nothing from several windows at once, and the
    encoder's memory grows with their number: 8 take half a gigabyte in each of its layers. The
    text is still decoded in batches, where they do count.
    """

    def encode(self, features: npt.NDArray[np.float32]) -> StorageView:
        """What the encoder makes of windows, float32 [n, bands, 3000] or one without n."""
        if self.model.device != "cpu" or features.ndim == 2 or len(features) == 1:
            return super().encode(features)
        encode = super().encode
        parts: list[npt.NDArray[Any]] = [np.array(encode(one)) for one in features]
        return StorageView.from_array(np.concatenate(parts))
