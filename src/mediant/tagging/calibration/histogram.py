"""Counting scores in 10,000 bins on [0, 1]: percentiles within 1e-4 in a fixed amount of memory.

The result depends neither on the order of the scores nor on how they were cut into batches.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10_000
WIDTH = 1.0 / BINS

Counts = NDArray[np.int64]
Scores = NDArray[np.floating[Any]]

_HEADER = struct.Struct("<IIqqdd")
"""Format version, used bins, underflow, overflow, smallest and largest score."""
_FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """The scores of one label. Those outside [0, 1] are counted, and stand in the end bins."""

    counts: Counts
    """int64 [BINS]."""
    underflow: int = 0
    overflow: int = 0
    low: float = 0.0
    """The smallest and the largest finite score; 0 and 1 when there is none."""
    high: float = 1.0

    @classmethod
    def of(cls, values: Iterable[float] | Scores) -> "Histogram":
        """The histogram of these scores; NaN is left out."""
        flat = np.asarray(values if isinstance(values, np.ndarray) else list(values), np.float64)
        tally = Tally(1)
        tally.add(flat.reshape(-1, 1))
        return tally.histogram(0)

    def __eq__(self, other: object) -> bool:
        """Equal counts, bin by bin."""
        if not isinstance(other, Histogram):
            return NotImplemented
        return self._facts == other._facts and bool(np.array_equal(self.counts, other.counts))

    __hash__ = None  # type: ignore[assignment]

    @property
    def _facts(self) -> tuple[float, ...]:
        return self.underflow, self.overflow, self.low, self.high

    @property
    def n(self) -> int:
        """How many scores were counted."""
        return int(self.counts.sum())

    def percentile(self, percent: int) -> float:
        """The lower edge of the first bin up to which at least `percent` of the scores lie.

        Without scores the percentile of an even spread over [0, 1] ends: 0 up to 50, 1 above.
        """
        total = self.n
        if total == 0:
            return 0.0 if percent <= 50 else 1.0
        # Whole numbers on both sides: a share like 5 % has no exact binary fraction.
        reached = np.cumsum(self.counts) * 100 >= percent * total
        return float(np.argmax(reached)) / BINS

    @property
    def span(self) -> tuple[float, float]:
        """The 5th and the 95th percentile."""
        return self.percentile(5), self.percentile(95)

    @property
    def iqr(self) -> float:
        """The distance from the 25th to the 75th percentile."""
        return self.percentile(75) - self.percentile(25)

    @property
    def mean(self) -> float:
        """The mean, each score taken as the middle of its bin; 0 without scores."""
        return float(self.counts @ _MIDDLES / self.n) if self.n else 0.0

    @property
    def deviation(self) -> float:
        """The standard deviation, each score taken as the middle of its bin."""
        if not self.n:
            return 0.0
        return float(np.sqrt(self.counts @ np.square(_MIDDLES - self.mean) / self.n))

    def merge(self, other: "Histogram") -> "Histogram":
        """The histogram of both sets of scores together."""
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        return Histogram(
            self.counts + other.counts,
            self.underflow + other.underflow,
            self.overflow + other.overflow,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def rebin(self, bins: int) -> Counts:
        """Counts in fewer bins, int64 [bins]; `bins` divides `BINS`."""
        return np.asarray(self.counts.reshape(bins, -1).sum(axis=1))

    def distance(self, other: "Histogram", bins: int) -> float:
        """The Jensen-Shannon distance to another histogram, both in `bins` bins."""
        return measure_distance(self.rebin(bins), other.rebin(bins))

    def to_bytes(self) -> bytes:
        """The used bins, packed: some kilobytes for most labels."""
        used = np.flatnonzero(self.counts)
        facts = (_FORMAT, len(used), self.underflow, self.overflow, self.low, self.high)
        body = used.astype("<u2").tobytes() + self.counts[used].astype("<u8").tobytes()
        return _HEADER.pack(*facts) + zlib.compress(body, level=1)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Histogram":
        """What `to_bytes` packed. ValueError for anything else."""
        try:
            form, used, *facts = _HEADER.unpack_from(data)
            body = zlib.decompress(data[_HEADER.size :])
        except (struct.error, zlib.error) as damaged:
            raise ValueError("damaged histogram") from damaged
        if form != _FORMAT or len(body) != used * 10:
            raise ValueError("damaged histogram")
        counts = np.zeros(BINS, np.int64)
        places = np.frombuffer(body, "<u2", used)
        counts[places] = np.frombuffer(body, "<u8", used, offset=used * 2).astype(np.int64)
        return cls(counts, *facts)

    def list_used(self) -> list[tuple[int, int]]:
        """(bin, count) of every bin that is not empty."""
        return [(int(place), int(self.counts[place])) for place in np.flatnonzero(self.counts)]


def measure_distance(one: Counts, other: Counts) -> float:
    """The square root of the base-2 Jensen-Shannon divergence of two counted distributions.

    0 for equal ones, 1 for such that share nothing; 1 as well when only one of them is empty.
    Formula: J. Lin, "Divergence measures based on the Shannon entropy", 1991.
    """
    if one.sum() == 0 or other.sum() == 0:
        return 0.0 if one.sum() == other.sum() else 1.0
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2
    divergence = (_divergence(p, middle) + _divergence(q, middle)) / 2
    return float(np.sqrt(min(1.0, max(0.0, divergence))))


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    held = p > 0
    return float(np.sum(p[held] * np.log2(p[held] / q[held])))


_MIDDLES = (np.arange(BINS) + 0.5) / BINS


class Tally:
    """Counts the scores of a head's labels, batch after batch: 40 kB a label, however many come."""

    def __init__(self, labels: int) -> None:
        self.labels = labels
        self._counts = np.zeros((labels, BINS), np.uint32)
        self._outside = np.zeros((2, labels), np.int64)
        self._low = np.full(labels, np.inf)
        self._high = np.full(labels, -np.inf)

    def add(self, scores: Scores) -> None:
        """Count float [files, labels]. NaN is left out."""
        values = np.asarray(scores, np.float64)
        is_number = ~np.isnan(values)
        self._outside += (values < 0).sum(axis=0), (values > 1).sum(axis=0)
        is_finite = np.isfinite(values)
        low = values.min(axis=0, initial=np.inf, where=is_finite)
        high = values.max(axis=0, initial=-np.inf, where=is_finite)
        np.minimum(self._low, low, out=self._low)
        np.maximum(self._high, high, out=self._high)
        places = (np.clip(np.where(is_number, values, 0.0), 0.0, 1.0) * BINS).astype(np.intp)
        np.minimum(places, BINS - 1, out=places)
        places += np.arange(self.labels) * BINS
        np.add.at(self._counts.reshape(-1), places[is_number], 1)

    def histogram(self, column: int) -> Histogram:
        """What was counted of one label."""
        counts = self._counts[column].astype(np.int64)
        below, above = map(int, self._outside[:, column])
        if self._low[column] > self._high[column]:
            return Histogram(counts, below, above)
        return Histogram(counts, below, above, float(self._low[column]), float(self._high[column]))
