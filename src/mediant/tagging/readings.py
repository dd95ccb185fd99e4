"""What the heads say, label by label: raw and calibrated score, and what stands against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mediant.tagging.calibrate import Calibration, Span, calibrate, read_model_span
from mediant.tagging.spans import FLOORS
from mediant.tagging.tiers import Cascade, find_regression_tier, read_cascade
from mediant.tagging.vocabulary import (
    REGRESSION_TERMS,
    Pole,
    find_base,
    read_poles,
    slug,
)

PAIR = 2


class ScoredHead(Protocol):
    """A head with pooled scores (`track.HeadScore`, or one read back from the database)."""

    @property
    def model(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def evidence(self) -> Mapping[str, Mapping[str, float]]: ...
    @property
    def strengths(self) -> Mapping[str, float]: ...

    def value(self, label: str, statistic: str = "trimmed") -> float:
        """One statistic of one label."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """One label of one head, ready for a tier.

    `counter` is the calibrated score of what stands against it. `end` says for a regression head
    which end of its scale this word names, and is empty for all others.
    """

    model: str
    head: str
    label: str
    key: str
    word: str
    raw: float
    calibrated: float
    counter: float
    deviation: float
    span: Span
    cascade: Cascade
    is_negative: bool = False
    end: str = ""
    is_projected: bool = False
    threshold: float = 0.0
    evidence: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    strength: float | None = None
    floor: float = 0.0
    """Of a projected head: how strong the tags for this label are, and ought to be for a mood."""


def read_heads(heads: Sequence[ScoredHead], calibration: Calibration) -> list[Reading]:
    """Every label of every head that can be a mood.

    Tags of a network and heads with more than two classes are no moods. Where a real head tells
    a key, a projected one keeps silent about it; of several real ones the first in order speaks.
    """
    readings: list[Reading] = []
    taken: set[str] = set()
    for head in sorted(heads, key=lambda head: head.kind == "projection"):
        found = [r for r in read_head(head, calibration) if r.key not in taken]
        readings += found
        taken |= {reading.key for reading in found}
    return readings


def read_head(head: ScoredHead, calibration: Calibration) -> list[Reading]:
    """The readings of one head, in the order of its labels."""
    if head.kind == "regression":
        return _read_regression(head, calibration)
    if head.kind == "tags" or (head.kind == "multiclass" and len(head.labels) > PAIR):
        return []
    poles = read_poles(head.labels)
    if head.kind == "multilabel":
        return _read_multilabel(head, poles, calibration)
    return _read_pair(head, poles, calibration)


def find_span(head: ScoredHead, label: str, calibration: Calibration) -> Span:
    """The library's span, else the model's own, else a shipped one, else the identity."""
    span = calibration.find_span(head.model, head.name, label)
    if span.source == "library":
        return span
    return read_model_span(head.options, label) or span


def _read_pair(
    head: ScoredHead, poles: tuple[Pole, ...], calibration: Calibration
) -> list[Reading]:
    """One or two labels. Only the first that is no denial is calibrated, the other is 1 - p."""
    positive = next((pole for pole in poles if not pole.is_negative), poles[0])
    span = find_span(head, positive.label, calibration)
    p = calibrate(head.value(positive.label), span)
    return [
        _make(head, pole, span, (p, 1.0 - p) if pole is positive else (1.0 - p, p))
        for pole in poles
    ]


def _read_multilabel(
    head: ScoredHead, poles: tuple[Pole, ...], calibration: Calibration
) -> list[Reading]:
    """Labels that do not exclude each other; the counter is the denial or the best other one."""
    spans = {pole.label: find_span(head, pole.label, calibration) for pole in poles}
    scores = {label: calibrate(head.value(label), span) for label, span in spans.items()}
    readings = []
    for pole in poles:
        plain = pole.label.strip().lower()
        denials = [scores[other] for other in scores if find_base(other) == plain]
        others = denials or [score for label, score in scores.items() if label != pole.label]
        pair = (scores[pole.label], max(others, default=1.0 - scores[pole.label]))
        readings.append(_make(head, pole, spans[pole.label], pair))
    return readings


def _read_regression(head: ScoredHead, calibration: Calibration) -> list[Reading]:
    """One value on a scale whose two ends have words; at most one of them speaks."""
    label = head.labels[0]
    key = next((key for key in REGRESSION_TERMS if key in slug(head.name)), slug(head.name))
    high, low = REGRESSION_TERMS.get(key, (key, f"not {key}"))
    span = find_span(head, label, calibration)
    m = calibrate(head.value(label), span)
    end, _tier = find_regression_tier(m, head.value(label, "deviation"))
    speaks_low = end == "low"
    pole = Pole(label, key, low if speaks_low else high)
    pair = (1.0 - m, m) if speaks_low else (m, 1.0 - m)
    return [_make(head, pole, span, pair, end=end)]


def _make(
    head: ScoredHead, pole: Pole, span: Span, pair: tuple[float, float], *, end: str = ""
) -> Reading:
    return Reading(
        model=head.model,
        head=head.name,
        label=pole.label,
        key=pole.key,
        word=pole.word,
        raw=head.value(pole.label),
        calibrated=pair[0],
        counter=pair[1],
        deviation=head.value(pole.label, "deviation"),
        span=span,
        cascade=read_cascade(head.options),
        is_negative=pole.is_negative,
        end=end,
        is_projected=head.kind == "projection",
        threshold=_read_threshold(head.options, pole.label),
        evidence=head.evidence,
        strength=head.strengths.get(pole.label),
        floor=FLOORS.get((head.name, pole.label), 0.0) if head.kind == "projection" else 0.0,
    )


def _read_threshold(options: Mapping[str, Any], label: str) -> float:
    table = options.get("label_thresholds", options.get("thresholds"))
    found = table.get(label) if isinstance(table, Mapping) else None
    return float(found) if isinstance(found, int | float) else 0.0
