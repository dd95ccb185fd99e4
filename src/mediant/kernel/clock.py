"""The only door to the wall clock: tests replace it, lint bans the others."""

import time
from datetime import UTC, datetime


def now_s() -> float:
    """UTC seconds since 1970, as stored in every table."""
    return time.time()


def monotonic_s() -> float:
    """Seconds on a clock that never jumps; for durations and deadlines only."""
    return time.monotonic()


def to_datetime(epoch_s: float) -> datetime:
    """An aware UTC datetime from stored seconds."""
    return datetime.fromtimestamp(epoch_s, UTC)


def to_iso(epoch_s: float | None) -> str | None:
    """ISO 8601 with offset, or None for a moment that has not come."""
    return None if epoch_s is None else to_datetime(epoch_s).isoformat()
