"""How long the queue will take, from how fast it went lately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WINDOW_S = 600.0
"""Jobs that ended earlier say nothing about today's speed."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left of one kind, and how fast it goes; None where too little is known."""

    left: int
    rate_per_s: float | None
    eta_s: float | None
    average_s: float | None


def forecast(
    left: int,
    spans: Sequence[Interval],
    now: float,
    *,
    running: Sequence[float] = (),
    since: float = float("-inf"),
) -> Forecast:
    """A forecast from (started_at, finished_at) of jobs that ended lately, in epoch seconds.

    `running`: when the jobs that run now were started. `since`: what ended before is not in
    `spans`. The rate is ends per busy second: while nothing ran, such as in a pause or while no
    server was there, no time counts. It falls while jobs run and none of them ends. `average_s`
    is the mean time that a job took.
    """
    begun = max(since, now - WINDOW_S)
    recent = [span for span in spans if begun <= span[1]]
    if not recent:
        return Forecast(left, None, 0.0 if left == 0 else None, None)
    average_s = sum(max(0.0, end - start) for start, end in recent) / len(recent)
    busy_s = _measure([*recent, *((start, now) for start in running)], begun)
    rate = len(recent) / busy_s if busy_s > 0 else None
    eta_s = 0.0 if left == 0 else (left / rate if rate else None)
    return Forecast(left, rate, eta_s, average_s)


def _measure(intervals: Iterable[Interval], begun: float) -> float:
    """Seconds that at least one of the intervals covers, from `begun` on."""
    covered, reached = 0.0, begun
    for start, end in sorted(intervals):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered
