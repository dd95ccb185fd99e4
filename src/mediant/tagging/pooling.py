"""From a score per patch to one per track, with the statistics that later questions need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STATISTICS = ("trimmed", "mean", "deviation", "p10", "p50", "p90")
"""Rows of `Pooled.stats`, in the order in which they are stored."""
TRIM = 0.1


@dataclass(frozen=True, slots=True)
class Pooled:
    """Statistics over patches: float32 [6, labels], rows as in `STATISTICS`."""

    stats: Floats
    patches: int
    dead: tuple[int, ...] = ()
    """Columns without a single number; they are 0, and the track says so."""

    def row(self, name: str) -> Floats:
        """One statistic of every label, float32 [labels]."""
        found: Floats = self.stats[STATISTICS.index(name)]
        return found


def trimmed_mean(values: Floats, trim: float = TRIM) -> Floats:
    """Mean over axis 0 without the k = floor(trim n) smallest and largest, float32 [labels].

    NaN is left out and n counts what remains, per column; a column of NaN only gives NaN.
    """
    ordered = np.sort(values.astype(np.float64), axis=0)  # NaN sorts to the end
    counts = np.count_nonzero(~np.isnan(ordered), axis=0)
    cut = np.floor(trim * counts).astype(int)
    rows = np.arange(len(ordered))[:, np.newaxis]
    kept = (rows >= cut) & (rows < counts - cut)
    total = np.where(kept, np.nan_to_num(ordered), 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / kept.sum(axis=0), dtype=np.float32)


def pool(values: Floats) -> Pooled:
    """Pool patch values [n, labels]; n >= 1. Infinite values count as missing."""
    clean = np.where(np.isfinite(values), values, np.nan).astype(np.float32)
    dead = np.flatnonzero(np.isnan(clean).all(axis=0))
    clean[:, dead] = 0.0
    stats = np.stack(
        [
            trimmed_mean(clean),
            np.nanmean(clean, axis=0, dtype=np.float64),
            np.nanstd(clean, axis=0, dtype=np.float64),
            *np.nanpercentile(clean, (10, 50, 90), axis=0),
        ]
    ).astype(np.float32)
    return Pooled(stats, len(values), tuple(int(column) for column in dead))
