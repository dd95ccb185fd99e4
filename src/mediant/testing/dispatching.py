"""A queue with a running dispatcher, for tests and benchmarks; also as a process of its own.

`python -m mediant.testing.dispatching URL WORKERS [DRAIN_S]` owns the database, dispatches, says
`ready`, and stops gracefully when its standard input ends; jobs then have `DRAIN_S` seconds.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from mediant.events.bus import EventBus
from mediant.jobs.dispatcher import Dispatcher, Surroundings
from mediant.jobs.job import Job, JobState, NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.queue import JobQueue
from mediant.jobs.schedule import Schedules
from mediant.jobs.wake import Wake
from mediant.kernel.clock import monotonic_s
from mediant.settings.model import JobsSettings
from mediant.store import Database, open_database
from mediant.store.owner import own
from mediant.store.schema_jobs import job, job_count
from mediant.testing.jobs import make_kinds
from mediant.testing.waiting import PATIENCE_S, wait_until


@dataclass(frozen=True)
class Dispatching:
    """Everything that belongs to one queue."""

    database: Database
    bus: EventBus
    queue: JobQueue
    schedules: Schedules
    dispatcher: Dispatcher
    pool: LocalPool

    def put(self, kind: str, key: str | None = None, **payload: Any) -> int:
        """Enqueue a job of this kind; its id."""
        return self.queue.enqueue(NewJob(kind, payload, dedup_key=key)).job_id

    def end_of(self, job_id: int) -> Job:
        """The job when it has ended."""
        job = self.queue.wait(job_id, PATIENCE_S)
        if not job.state.is_ended:
            raise AssertionError(f"job {job_id} is still {job.state}")
        return job

    def wait_running(self, job_id: int) -> Job:
        """The job when a worker has reported its progress: it runs indeed."""
        with self.bus.subscribe(["job.progress"]) as reports:
            deadline = monotonic_s() + PATIENCE_S
            while monotonic_s() < deadline:
                event = reports.get(1.0)
                if event is not None and event.payload["job_id"] == job_id:
                    return self.queue.get_job(job_id)
        raise AssertionError(f"job {job_id} does not run: {self.queue.get_job(job_id)}")

    def wait_ready(self, n: int) -> list[int]:
        """The pids of `n` workers, when so many are ready."""
        wait_until(lambda: len(self.ready_pids()) >= n)
        return self.ready_pids()

    def ready_pids(self) -> list[int]:
        """The pids of the workers that are idle or busy."""
        workers = self.dispatcher.list_workers()
        return [w.pid for w in workers if w.state in {"idle", "busy"} and w.pid is not None]

    def states(self) -> Mapping[JobState, int]:
        """The kept counters, after they were compared with the rows of the same moment."""
        kept = select(job_count.c.state, func.sum(job_count.c.n)).group_by(job_count.c.state)
        rows = select(job.c.state, func.count()).group_by(job.c.state)
        with self.database.read() as connection:
            counts, counted = (_by_state(connection.execute(one)) for one in (kept, rows))
        if counts != counted:
            raise AssertionError(f"{counts} counted, {counted} rows")
        return counts


def _by_state(rows: Iterable[Sequence[Any]]) -> dict[JobState, int]:
    found = {JobState(state): int(n) for state, n in rows}
    return {state: found.get(state, 0) for state in JobState}


def build(
    database: Database,
    *,
    workers: int = 1,
    kinds: Mapping[str, JobKind] | None = None,
    settings: Mapping[str, Any] | None = None,
    **around: Any,
) -> Dispatching:
    """The parts, wired as the product wires them; nothing is started. `around`: fields of
    `Surroundings`."""
    bus, wake, pool = EventBus(), Wake(), LocalPool()
    kinds = make_kinds() if kinds is None else kinds
    lanes = {"cpu_workers": workers, "io_workers": 0}
    chosen = JobsSettings(**lanes | dict(settings or {}))
    queue = JobQueue(database, bus, kinds, wake)
    schedules = Schedules(database, kinds, wake)
    built = Dispatcher(queue, pool, chosen, wake, Surroundings(schedules=schedules, **around))
    return Dispatching(database, bus, queue, schedules, built, pool)


@contextmanager
def dispatching(database: Database, **options: Any) -> Iterator[Dispatching]:
    """As `build`, started, and stopped at the end without waiting for jobs."""
    built = build(database, **options)
    built.dispatcher.start()
    try:
        yield built
    finally:
        built.dispatcher.stop(0.0)
        built.bus.close()


def main(url: str, workers: str, drain_s: str = "0") -> None:
    """Dispatch until the standard input ends."""
    database = open_database(url)
    with own(database) as lock:
        built = build(database, workers=int(workers), lock=lock)
        built.dispatcher.start()
        built.wait_ready(int(workers))
        sys.stdout.write("ready " + " ".join(str(pid) for pid in built.ready_pids()) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        built.dispatcher.stop(float(drain_s))
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
