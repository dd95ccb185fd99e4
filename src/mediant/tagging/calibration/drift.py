"""How far the scores of a label moved since its reference was measured. Pure."""

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # The server reads drifts and measures none; it need not load what histograms are made of.
    from mediant.tagging.calibration.histogram import Histogram

JSD_BINS = 100

Band = Literal["excellent", "good", "acceptable", "poor"]

BANDS: dict[str, tuple[float, float, float]] = {
    "apd_p5": (0.01, 0.02, 0.05),
    "apd_p95": (0.01, 0.02, 0.05),
    "srd": (0.05, 0.10, 0.20),
    "jsd": (0.1, 0.2, 0.3),
    "median_drift": (0.05, 0.10, 0.20),
    "iqr_drift": (0.1, 0.2, 0.3),
}
"""Measure -> up to where it is excellent, good and acceptable."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below which values a label counts as stable; as in the section `calibration`."""

    apd_threshold: float = 0.01
    srd_threshold: float = 0.05
    jsd_threshold: float = 0.1
    median_threshold: float = 0.05
    iqr_threshold: float = 0.1


@dataclass(frozen=True, slots=True)
class Drift:
    """Six measures of change, each 0 where nothing changed."""

    apd_p5: float
    """Absolute change of the 5th percentile."""
    apd_p95: float
    srd: float
    """Change of the span's width, as a share of the reference's width."""
    jsd: float
    """Jensen-Shannon distance (base 2, 0..1) of the two histograms in 100 bins."""
    median_drift: float
    """Absolute change of the median."""
    iqr_drift: float
    """Change of the interquartile range, as a share of the reference's."""


def measure_drift(reference: "Histogram", new: "Histogram") -> Drift:
    """The drift from `reference` to `new`."""
    before, after = reference.span, new.span
    return Drift(
        apd_p5=abs(after[0] - before[0]),
        apd_p95=abs(after[1] - before[1]),
        srd=relative_change(before[1] - before[0], after[1] - after[0]),
        jsd=reference.distance(new, JSD_BINS),
        median_drift=abs(new.percentile(50) - reference.percentile(50)),
        iqr_drift=relative_change(reference.iqr, new.iqr),
    )


def relative_change(before: float, after: float) -> float:
    """|after - before| / before; 0 when both are 0, 1 when only `before` is."""
    if before == 0:
        return 0.0 if after == 0 else 1.0
    return abs(after - before) / before


def list_limits(thresholds: Thresholds) -> tuple[float, ...]:
    """The limits of the six measures, in the order of `Drift`."""
    return (
        thresholds.apd_threshold,
        thresholds.apd_threshold,
        thresholds.srd_threshold,
        thresholds.jsd_threshold,
        thresholds.median_threshold,
        thresholds.iqr_threshold,
    )


def is_stable(drift: Drift, thresholds: Thresholds) -> bool:
    """Whether every measure is strictly below its threshold."""
    pairs = zip(astuple(drift), list_limits(thresholds), strict=True)
    return all(value < limit for value, limit in pairs)


def find_excess(drift: Drift, thresholds: Thresholds) -> float:
    """The largest measure as a multiple of its threshold: what makes one drift worse than another.

    A threshold of 0, which nothing can be below, counts as a very small one.
    """
    pairs = zip(astuple(drift), list_limits(thresholds), strict=True)
    return max(float(value) / max(limit, 1e-9) for value, limit in pairs)


def find_band(measure: str, value: float) -> Band:
    """In words how much one measure is: its name as in `Drift`."""
    names: tuple[Band, Band, Band] = ("excellent", "good", "acceptable")
    limits = zip(names, BANDS[measure], strict=True)
    return next((name for name, limit in limits if value <= limit), "poor")
