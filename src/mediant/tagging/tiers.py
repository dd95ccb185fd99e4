"""From a calibrated score to a tier: one cascade, used everywhere.

Pure. The numbers are the documented ones; a model's metadata may replace single entries.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum


class Tier(IntEnum):
    """How sure a mood is; a higher tier contains the lower ones."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Step:
    """What one tier asks for: the probability, its ratio to the counter, and the gap."""

    p: float
    ratio: float
    gap: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """The three steps, and the floor below which nothing is said."""

    high: Step = Step(0.80, 1.20, 0.15)
    medium: Step = Step(0.75, 1.10, 0.08)
    low: Step = Step(0.60, 1.02, 0.03)
    min_conf: float = 0.15

    def step(self, tier: Tier) -> Step:
        """The step of a tier."""
        return {Tier.HIGH: self.high, Tier.MEDIUM: self.medium, Tier.LOW: self.low}[tier]


DEFAULT = Cascade()

STABLE, STEADY, LOOSE = 0.08, 0.15, 0.25
"""Deviations over patches that bound the tiers of a regression head."""
HIGH_TERM, LOW_TERM = 0.7, 0.3
_ROUND = 1e-6
"""Slack of comparisons: 0.80 in float32, calibrated, is a hair below 0.80."""


def find_tier(p: float, counter: float, cascade: Cascade = DEFAULT) -> Tier | None:
    """The highest tier whose three conditions hold, or None."""
    if p + _ROUND < cascade.min_conf:
        return None
    for tier in (Tier.HIGH, Tier.MEDIUM, Tier.LOW):
        if not list_misses(p, counter, cascade.step(tier)):
            return tier
    return None


def list_misses(p: float, counter: float, step: Step) -> list[str]:
    """The conditions of a step that do not hold, as sentences."""
    ratio = p / counter if counter > 0 else math.inf
    found = []
    if p + _ROUND < step.p:
        found.append(f"score {p:.4f} is below {step.p:.2f}")
    if ratio + _ROUND < step.ratio:
        found.append(f"ratio to the counter {ratio:.2f} is below {step.ratio:.2f}")
    if p - counter + _ROUND < step.gap:
        found.append(f"gap to the counter {p - counter:.4f} is below {step.gap:.2f}")
    return found


def find_regression_tier(mean: float, deviation: float) -> tuple[str, Tier | None]:
    """The end of the scale (`high`, `low` or `neutral`) and how sure it is.

    Intensity is 2 |mean - 0.5|; an unsteady head (deviation >= 0.25) says nothing.
    """
    m = min(1.0, max(0.0, mean))
    if LOW_TERM + _ROUND < m < HIGH_TERM - _ROUND:
        return "neutral", None
    end = "high" if m >= HIGH_TERM - _ROUND else "low"
    intensity = 2 * abs(m - 0.5) + _ROUND
    if deviation >= LOOSE:
        return end, None
    if deviation < STABLE and intensity >= 0.8:
        return end, Tier.HIGH
    if deviation < STEADY and intensity >= 0.6:
        return end, Tier.MEDIUM
    return end, Tier.LOW


def select_top(
    scores: Mapping[str, float], *, min_conf: float = 0.15, top_ratio: float = 0.5, limit: int = 5
) -> list[str]:
    """Labels of a head with more than two classes that are worth saying, best first."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return []
    floor = max(min_conf, top_ratio * ranked[0][1])
    return [label for label, score in ranked[:limit] if score + _ROUND >= floor]


def cap_by_deviation(tier: Tier | None, deviation: float) -> Tier | None:
    """The optional cap for heads that waver over a track."""
    if tier is None or deviation >= LOOSE:
        return None
    if deviation >= STEADY:
        return Tier.LOW
    return min(tier, Tier.MEDIUM) if deviation >= STABLE else tier


def read_cascade(options: Mapping[str, object]) -> Cascade:
    """The cascade of a model's metadata: `cascade` or `tiers`, a mapping or a list of three.

    What is missing keeps the table's value.
    """
    cascade = DEFAULT
    if isinstance(given := options.get("min_conf"), int | float):
        cascade = replace(cascade, min_conf=float(given))
    table = options.get("cascade", options.get("tiers"))
    if isinstance(table, Sequence) and not isinstance(table, str):
        names = ("high", "medium", "low")
        table = dict(zip(names, table, strict=False))
    if not isinstance(table, Mapping):
        return cascade
    return Cascade(
        _read_step("high", table, cascade),
        _read_step("medium", table, cascade),
        _read_step("low", table, cascade),
        cascade.min_conf,
    )


def _read_step(name: str, table: Mapping[str, object], cascade: Cascade) -> Step:
    step: Step = cascade.step(Tier[name.upper()])
    wanted = {
        "p": table.get(name),
        "ratio": table.get(f"ratio_{name}"),
        "gap": table.get(f"gap_{name}"),
    }
    found = {field: float(v) for field, v in wanted.items() if isinstance(v, int | float)}
    return replace(step, **found)
