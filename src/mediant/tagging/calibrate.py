"""Making heads comparable: a score is measured against the usual span of its own head.

Pure: values in, values out. A span comes from the user's own library once that was calibrated,
from the table shipped with Mediant for projected heads, or there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SpanSource = Literal["library", "built-in", "model", "none"]
SpanKey = tuple[str, str, str]
"""(model, head, label): never the bare label, because two heads may share one."""


@dataclass(frozen=True, slots=True)
class Span:
    """The 5th and 95th percentile of a label's raw scores, and where they come from."""

    low: float
    high: float
    source: SpanSource = "library"


IDENTITY = Span(0.0, 1.0, "none")
"""Leaves a score as it is."""


def calibrate(score: float, span: Span) -> float:
    """Map a raw score to 0..1: clamp((score - p5) / (p95 - p5)); raw when the span is empty."""
    if span.high <= span.low:
        return min(1.0, max(0.0, score))
    return min(1.0, max(0.0, (score - span.low) / (span.high - span.low)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Spans by (model, head, label), and the version of the library's own ones, if any.

    A library's span wins over a shipped one. `version` is None until a library was calibrated.
    """

    spans: Mapping[SpanKey, Span] = field(default_factory=dict)
    version: str | None = None

    @property
    def name(self) -> str:
        """What stands on a track as the calibration that it was tagged with."""
        return self.version or "built-in"

    def find_span(self, model: str, head: str, label: str) -> Span:
        """The span of a label, or the identity."""
        return self.spans.get((model, head, label), IDENTITY)

    def with_spans(self, spans: Mapping[SpanKey, Span]) -> "Calibration":
        """The same calibration, with `spans` where it has none of its own."""
        return Calibration({**spans, **self.spans}, self.version)


def read_model_span(options: Mapping[str, object], label: str) -> Span | None:
    """The span that a model's own metadata gives in `x-calibration`, or None.

    The field maps a label to [p5, p95].
    """
    table = options.get("x-calibration")
    if not isinstance(table, Mapping):
        return None
    pair = table.get(label)
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None
    return Span(float(pair[0]), float(pair[1]), "model")
