"""What keeps a queued job from starting, for people who wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mediant.jobs.crew import WorkerInfo, WorkerState
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import Job, JobState
from mediant.jobs.queue import JobQueue
from mediant.jobs.rows import COLUMNS, to_job
from mediant.jobs.statement import Statement
from mediant.jobs.suspicion import SHARED_LIMIT
from mediant.kernel.clock import now_s, to_iso
from mediant.store.engine import Database

Cause = Literal["server", "paused", "trouble", "worker", "alone", "time", "turn"]

MOST = 1000
"""Jobs before another are counted up to so many."""
SEATED = {
    "cpu": "set `jobs.cpu_workers`",
    "io": "set `jobs.io_workers`",
    "speech": "set `subtitles.worker_cpu_count`",
}

_BEFORE = (
    "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE state = 'queued' AND cancel = 0 "
    "AND lane = :lane AND run_at <= :now AND (priority > :priority OR "
    "(priority = :priority AND id < :id)) LIMIT :most) AS before"
)
_BUSY = (
    "SELECT COUNT(*) FROM job WHERE state = 'running' AND worker IS NOT NULL AND lane = :lane "
    "AND id <> :id"
)
_ALONE = (
    "SELECT id FROM job WHERE state = 'running' AND worker IS NOT NULL "
    "AND server_deaths >= :limit LIMIT 1"
)
_CHILD = (
    f"SELECT {COLUMNS} FROM job WHERE parent_id = :id AND state IN ('queued', 'running') "  # noqa: S608 (own names only)
    "ORDER BY CASE WHEN state = 'running' THEN 0 ELSE 1 END, priority DESC, id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why something does not start now."""

    cause: Cause
    """`server`: none runs; `paused`; `trouble`: of the disk or the database; `worker`: none takes
    such jobs; `alone`: another job runs alone; `time`: its time has not come; `turn`: others come
    first."""
    text: str
    remedy: str | None = None
    before: int | None = None
    """Jobs that come first, counted up to `MOST`."""


class Hindrances:
    """Finds them. Every method may be called from any thread."""

    def __init__(self, database: Database, queue: JobQueue, dispatcher: Dispatcher) -> None:
        dialect = database.engine.dialect
        self._database = database
        self._queue = queue
        self._dispatcher = dispatcher
        self._before = Statement(dialect, _BEFORE)
        self._busy = Statement(dialect, _BUSY)
        self._alone = Statement(dialect, _ALONE)
        self._child = Statement(dialect, _CHILD)

    def of_job(self, job: Job) -> Hindrance | None:
        """Why this job, or the part of it that comes next, does not run; None when it does, has
        ended, or starts in a moment."""
        waiting = self._find_waiting(job)
        if waiting is None:
            return None
        return self.of_kind(waiting.kind, waiting.lane) or self._find_order(waiting)

    def of_kind(self, kind: str | None = None, lane: str | None = None) -> Hindrance | None:
        """Why no job at all, or none of this kind (in this lane, else its own), starts now."""
        if kind is not None and lane is None and kind in self._queue.kinds:
            lane = self._queue.kinds[kind].lane
        return self._find_trouble() or self._find_pause(kind, lane) or self._find_gap(lane)

    def _find_waiting(self, job: Job) -> Job | None:
        """The job itself when it is queued; of one that waits for its parts the next of them."""
        while job.state is JobState.RUNNING:
            if job.worker is not None or not job.children_left:
                return None
            with self._database.read() as connection:
                row = self._child.run(connection, id=job.id).first()
            if row is None:
                return None
            job = to_job(row)
        return job if job.state is JobState.QUEUED else None

    def _find_trouble(self) -> Hindrance | None:
        if not self._dispatcher.is_alive:
            return Hindrance("server", "no server runs", "mediant serve")
        for trouble in self._dispatcher.describe_troubles():
            return Hindrance("trouble", trouble.text, trouble.remedy)
        return None

    def _find_pause(self, kind: str | None, lane: str | None) -> Hindrance | None:
        paused = self._queue.list_pauses()
        for scope in ("all", f"lane:{lane}", f"kind:{kind}"):
            if scope in paused:
                if scope == "all":
                    return Hindrance("paused", "all jobs are paused", "mediant jobs resume")
                text = f"jobs of the {scope.replace(':', ' ')} are paused"
                return Hindrance("paused", text, f"mediant jobs resume {scope}")
        return None

    def _find_gap(self, lane: str | None) -> Hindrance | None:
        """None when there is a worker for the lane, be it one that is still starting."""
        if lane is None:
            return None
        workers = [one for one in self._dispatcher.list_workers() if one.lane == lane]
        if any(one.state not in (WorkerState.ERROR, WorkerState.LEAVING) for one in workers):
            return None
        return Hindrance("worker", _describe_gap(lane, workers), SEATED.get(lane))

    def _find_order(self, job: Job) -> Hindrance | None:
        now = now_s()
        if job.run_at > now:
            return Hindrance("time", f"not before {to_iso(job.run_at)}")
        values = {"lane": job.lane, "priority": job.priority, "id": job.id}
        with self._database.read() as connection:
            alone = self._alone.run(connection, limit=SHARED_LIMIT).first()
            queued = self._before.run(connection, **values, now=now, most=MOST).one()[0]
            busy = self._busy.run(connection, lane=job.lane, id=job.id).one()[0]
        if alone is not None:
            return Hindrance("alone", f"job {alone[0]} runs alone")
        n = min(MOST, queued + busy)
        if not n:
            return None
        more = " or more" if n == MOST else ""
        return Hindrance("turn", f"{n}{more} {'job' if n == 1 else 'jobs'} before it", before=n)


def _describe_gap(lane: str, workers: Sequence[WorkerInfo]) -> str:
    faults = sorted({one.fault for one in workers if one.fault})
    if faults:
        return f"no worker takes jobs of the lane {lane}: {' '.join(faults)}"
    if any(one.state is WorkerState.ERROR for one in workers):
        return f"the workers of the lane {lane} die as they start"
    return f"there is no worker for jobs of the lane {lane}"
