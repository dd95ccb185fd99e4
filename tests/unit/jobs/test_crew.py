"""Seats: when the next process starts after one that died."""

from collections.abc import Iterator

import pytest
from sqlalchemy.dialects import sqlite

from mediant.jobs.crew import BACKOFF_LIMIT_S, BACKOFF_S, Crew, Seat, WorkerState, back_off_s
from mediant.jobs.floor import Floor
from mediant.jobs.log import JobLog
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.progress import Progress
from mediant.kernel.clock import monotonic_s


@pytest.fixture
def floor() -> Iterator[Floor]:
    """A floor with real processes and one seat."""
    pool, dialect = LocalPool(), sqlite.dialect()
    made = Floor(pool, Crew(), Progress(dialect), JobLog(dialect))
    made.crew.add("cpu", None)
    yield made
    pool.close()


def test_the_wait_doubles_up_to_a_limit() -> None:
    waits = [back_off_s(failures) for failures in range(40)]
    assert waits[:5] == [0.0, 0.0, BACKOFF_S, 2 * BACKOFF_S, 4 * BACKOFF_S]
    assert waits == sorted(waits)
    assert max(waits) == BACKOFF_LIMIT_S


def test_processes_that_die_at_their_start_are_started_later_and_later() -> None:
    seat = Seat("cpu-1", "cpu", None)
    for failures in range(1, 8):
        before = monotonic_s()
        seat.note_death()
        wait_s = back_off_s(failures)
        assert before + wait_s <= seat.start_at <= monotonic_s() + wait_s
        assert (seat.state is WorkerState.ERROR) == (failures > 1)


def test_a_seat_stays_empty_until_its_time_has_come(floor: Floor) -> None:
    (seat,) = floor.crew
    seat.start_at = monotonic_s() + 1000.0
    floor.supervise()
    assert seat.process is None
    seat.start_at = monotonic_s()
    floor.supervise()
    assert seat.process is not None
