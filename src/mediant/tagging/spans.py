"""Spans and floors shipped with Mediant for projected heads, used until a library has its own.

Measured by `benchmarks/spans.py` on 46 pieces of instrumental game music; the reasoning stands in
`docs/decisions/020-built-in-spans.md`. They are shown as `built-in` wherever they were used.
"""

from collections.abc import Mapping
from typing import Any

from mediant.tagging.calibrate import Calibration, Span

_MODEL = "projection"

BUILT_IN: dict[tuple[str, str, str], tuple[float, float]] = {
    (_MODEL, "happy_sad", "happy"): (0.1584, 0.7275),
    (_MODEL, "party", "party"): (0.0103, 0.0413),
    (_MODEL, "relaxed_aggressive", "relaxed"): (0.0000, 0.9350),
    (_MODEL, "danceability", "danceable"): (0.0323, 0.7518),
    (_MODEL, "acoustic_electronic", "acoustic"): (0.0054, 0.3122),
    (_MODEL, "voice_instrumental", "voice"): (0.2160, 0.8631),
    (_MODEL, "loud_quiet", "loud"): (0.1694, 0.9530),
    (_MODEL, "fast_slow", "fast"): (0.1737, 0.9633),
}
"""(model, head, calibrated label) -> (low, high). `female_male` has none: the music that was
measured has no singers, so its raw score stands."""

FLOORS: dict[tuple[str, str], float] = {
    ("happy_sad", "happy"): 0.0047,
    ("happy_sad", "sad"): 0.0043,
    ("relaxed_aggressive", "relaxed"): 0.0963,
    ("relaxed_aggressive", "aggressive"): 0.2884,
    ("acoustic_electronic", "acoustic"): 0.0166,
    ("acoustic_electronic", "electronic"): 0.3813,
    ("voice_instrumental", "voice"): 0.2656,
    ("voice_instrumental", "instrumental"): 0.0894,
}
"""(head, label) -> how strong the label's own tags must be for a mood word. A share of two weak
groups says little: without a floor every track would be happy or sad."""


def built_in_calibration() -> Calibration:
    """The calibration of a fresh install."""
    return Calibration({key: Span(*pair, "built-in") for key, pair in BUILT_IN.items()})


def read_calibration(told: Mapping[str, Any] | None) -> Calibration:
    """The library's calibration from a payload, over the shipped spans."""
    if told is None:
        return built_in_calibration()
    spans = {(m, h, label): Span(low, high) for m, h, label, low, high in told["spans"]}
    return Calibration(spans, told["version"]).with_spans(built_in_calibration().spans)
