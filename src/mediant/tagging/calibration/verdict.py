"""What a measurement says of one head: its label, its drift, and whether it is stable. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediant.tagging.calibration.drift import (
    Drift,
    Thresholds,
    find_excess,
    is_stable,
    measure_drift,
)
from mediant.tagging.calibration.histogram import Histogram
from mediant.tagging.vocabulary import read_poles

PAIR = 2

Histograms = Mapping[str, Histogram]
"""By label."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a head stands to its reference."""

    label: str
    """The label that stands for the head."""
    drift: Drift | None
    """That label's; None without a reference."""
    is_stable: bool


def find_positive(labels: Sequence[str]) -> str:
    """The label of a pair whose scores count: the first that is no denial of the other."""
    poles = read_poles(labels)
    return next((pole.label for pole in poles if not pole.is_negative), labels[0])


def judge(
    labels: Sequence[str], measured: Histograms, reference: Histograms, thresholds: Thresholds
) -> Verdict:
    """The verdict over a head: `measured` has at least one of its `labels`.

    For one or two labels the positive one decides, because the other only mirrors it. Of more
    labels each has to be stable, and the one that moved most stands for the head.
    """
    positive = find_positive(labels)
    known = [label for label in labels if label in measured]
    first = positive if positive in measured else known[0]
    deciding = [first] if len(labels) <= PAIR else known
    drifts = {
        label: measure_drift(reference[label], measured[label])
        for label in deciding
        if label in reference
    }
    if not drifts:
        return Verdict(first, None, is_stable=False)
    worst = max(drifts, key=lambda label: find_excess(drifts[label], thresholds))
    holds = all(is_stable(drift, thresholds) for drift in drifts.values())
    return Verdict(worst, drifts[worst], is_stable=holds and len(drifts) == len(deciding))
