"""To 16 kHz: one soxr stream for as long as the sample rate stays the same."""

import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.float32]

RATE = 16_000
"""Sample rate of everything that is analysed, in Hz."""

QUALITY = "HQ"


class Resampler:
    """Turns mono blocks of any sample rate into one stream of 16 kHz."""

    def __init__(self) -> None:
        """The first block decides the rate."""
        self._rate: int | None = None
        self._stream: soxr.ResampleStream | None = None

    def push(self, block: Samples, rate: int) -> Samples:
        """What `block`, float32 [n] at `rate` Hz, gives. Another rate than before is allowed."""
        if rate == self._rate:
            return self._pass(block)
        tail = self.finish()
        self._rate = rate
        if rate != RATE:
            self._stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality=QUALITY)
        head = self._pass(block)
        return np.concatenate([tail, head]) if tail.size else head

    def finish(self) -> Samples:
        """The tail that the filter still holds; without it the end of a track is lost."""
        stream, self._stream, self._rate = self._stream, None, None
        nothing = np.empty(0, np.float32)
        return nothing if stream is None else np.asarray(stream.resample_chunk(nothing, last=True))

    def _pass(self, block: Samples) -> Samples:
        if self._stream is None:
            return block
        return np.asarray(self._stream.resample_chunk(block))
