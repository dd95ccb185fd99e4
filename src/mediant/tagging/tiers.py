"""From a calibrated score to a tier: one cascade, used everywhere.

Pure. The numbers are the documented ones; a model's metadata may replace single entries.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum


class Tier(IntEnum):
    """How sure a mood is; a higher tier contains the lower ones."""

    LOOSE = 1
    REGULAR = 2
    STRICT = 3


@dataclass(frozen=True, slots=True)
class Step:
    """What one tier asks for: the probability, its ratio to the counter, and the gap."""

    p: float
    ratio: float
    gap: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """The three steps, and the floor below which nothing is said."""

    strict: Step = Step(0.80, 1.20, 0.15)
    regular: Step = Step(0.75, 1.10, 0.08)
    loose: Step = Step(0.60, 1.02, 0.03)
    min_conf: float = 0.15

    def step(self, tier: Tier) -> Step:
        """The step of a tier."""
        steps = {Tier.STRICT: self.strict, Tier.REGULAR: self.regular, Tier.LOOSE: self.loose}
        return steps[tier]


DEFAULT = Cascade()

STABLE, STEADY, UNSTEADY = 0.08, 0.15, 0.25
"""Deviations over patches that bound the tiers of a regression head."""
HIGH_TERM, LOW_TERM = 0.7, 0.3
FOREIGN_NAMES = {"high": Tier.STRICT, "medium": Tier.REGULAR, "low": Tier.LOOSE}
"""How the metadata of models call the tiers, the highest first."""
_ROUND = 1e-6
"""Slack of comparisons: 0.80 in float32, calibrated, is a hair below 0.80."""


def find_tier(p: float, counter: float, cascade: Cascade = DEFAULT) -> Tier | None:
    """The highest tier whose three conditions hold, or None."""
    if p + _ROUND < cascade.min_conf:
        return None
    for tier in (Tier.STRICT, Tier.REGULAR, Tier.LOOSE):
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
    if deviation >= UNSTEADY:
        return end, None
    if deviation < STABLE and intensity >= 0.8:
        return end, Tier.STRICT
    if deviation < STEADY and intensity >= 0.6:
        return end, Tier.REGULAR
    return end, Tier.LOOSE


def select_top(
    scores: Mapping[str, float], *, min_conf: float = 0.15, top_ratio: float = 0.5, limit: int = 5
) -> list[str]:
    """Labels of a head with more than two classes that are worth saying, best first."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return []
    floor = max(min_conf, top_ratio * ranked[0][1])
    return [label for label, score in ranked[:limit] if score + _ROUND >= floor]


def read_cascade(options: Mapping[str, object]) -> Cascade:
    """The cascade of a model's metadata: `cascade` or `tiers`, a mapping or a list of three.

    What is missing keeps the table's value.
    """
    cascade = DEFAULT
    if isinstance(given := options.get("min_conf"), int | float):
        cascade = replace(cascade, min_conf=float(given))
    table = options.get("cascade", options.get("tiers"))
    if isinstance(table, Sequence) and not isinstance(table, str):
        table = dict(zip(FOREIGN_NAMES, table, strict=False))
    if not isinstance(table, Mapping):
        return cascade
    strict, regular, loose = (
        _read_step(name, table, cascade.step(tier)) for name, tier in FOREIGN_NAMES.items()
    )
    return Cascade(strict, regular, loose, cascade.min_conf)


def _read_step(name: str, table: Mapping[str, object], step: Step) -> Step:
    wanted = {
        "p": table.get(name),
        "ratio": table.get(f"ratio_{name}"),
        "gap": table.get(f"gap_{name}"),
    }
    found = {field: float(v) for field, v in wanted.items() if isinstance(v, int | float)}
    return replace(step, **found)
