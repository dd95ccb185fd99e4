"""How long the queue will take, from how fast it went lately."""

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_S = 600.0
"""Jobs that ended earlier say nothing about today's speed."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left of one kind, and how fast it goes; None where too little is known."""

    left: int
    rate_per_s: float | None
    eta_s: float | None
    average_s: float | None


def forecast(left: int, spans: Sequence[tuple[float, float]], now: float) -> Forecast:
    """A forecast from (started_at, finished_at) of jobs that ended lately, in epoch seconds.

    The rate is ends per second from the first start in the window until now, so that it falls
    while nothing ends; `average_s` is the mean time a job took.
    """
    recent = [span for span in spans if now - span[1] <= WINDOW_S]
    if not recent:
        return Forecast(left, None, 0.0 if left == 0 else None, None)
    average_s = sum(max(0.0, end - start) for start, end in recent) / len(recent)
    begun = max(min(start for start, _ in recent), now - WINDOW_S)
    elapsed = now - begun
    rate = len(recent) / elapsed if elapsed > 0 else None
    eta_s = 0.0 if left == 0 else (left / rate if rate else None)
    return Forecast(left, rate, eta_s, average_s)
