"""What a pull tells while it works."""

from collections.abc import Callable
from dataclasses import dataclass

from mediant.kernel.clock import monotonic_s
from mediant.kernel.units import format_duration, format_size

_TELL_S = 1.0


@dataclass(frozen=True, slots=True)
class PullStep:
    """One thing that a pull did, for people."""

    model: str
    text: str


@dataclass(frozen=True, slots=True)
class Transfer(PullStep):
    """How far the download of a model is; told about once a second."""

    done_bytes: int
    total_bytes: int
    rate_per_s: float
    """Bytes a second, on average."""

    @property
    def fraction(self) -> float:
        """0..1."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until it is here; None while nothing has come."""
        return _count_left(self.done_bytes, self.total_bytes, self.rate_per_s)


Report = Callable[[PullStep], None]


class TransferMeter:
    """Counts what comes and tells of it now and then."""

    def __init__(self, model: str, total_bytes: int, report: Report) -> None:
        self._model = model
        self._total = total_bytes
        self._report = report
        self._done = 0
        self._began = self._told = monotonic_s()

    def add(self, count: int) -> None:
        """So many bytes more; fewer than none when some are fetched again."""
        self._done += count
        now = monotonic_s()
        if now - self._told >= _TELL_S:
            self._told = now
            self._report(self._measure(now))

    def _measure(self, now: float) -> Transfer:
        rate = self._done / (now - self._began)
        left_s = _count_left(self._done, self._total, rate)
        text = f"{format_size(self._done)} of {format_size(self._total)}, {format_size(rate)}/s"
        if left_s is not None:
            text += f", {format_duration(left_s)} left"
        return Transfer(self._model, text, self._done, self._total, rate)


def _count_left(done: int, total: int, rate_per_s: float) -> float | None:
    """Seconds; None while nothing has come."""
    return max(0, total - done) / rate_per_s if rate_per_s > 0 else None
