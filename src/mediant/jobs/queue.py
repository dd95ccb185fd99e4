"""The queue: what everyone may ask about jobs, and ask of them."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Unfinished

from sqlalchemy import ColumnElement, delete, func, insert, literal_column, select

from mediant.errors import Invalid, NotFound
from mediant.events.bus import EventBus
from mediant.jobs.cancel import Cancellation
from mediant.jobs.failing import Failing
from mediant.jobs.follow import Followers
from mediant.jobs.forecast import WINDOW_S, Forecast, forecast
from mediant.jobs.intake import Intake
from mediant.jobs.job import Enqueued, Job, JobState, NewJob
from mediant.jobs.journal import Journal
from mediant.jobs.kind import JobKind
from mediant.jobs.lane import LANES
from mediant.jobs.log import LogLine
from mediant.jobs.removal import Removal
from mediant.jobs.retry import Retry
from mediant.jobs.rows import COLUMNS, JOB_FIELDS, to_job
from mediant.jobs.statement import Statement
from mediant.jobs.tree import Ancestors
from mediant.kernel.clock import monotonic_s, now_s
from mediant.store.engine import Database
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_jobs import job_count, job_log, job_pause

REREAD_S = 1.0
"""A wait looks at the row so often, in case that another process ended the job."""
BULK = 1000
"""Jobs inserted in one transaction at most."""
FORECAST_JOBS = 500

_columns = [job_table.c[name] for name in JOB_FIELDS]


class JobQueue:
    """Durable jobs. Every method may be called from any thread.

    It moves states only where no worker is involved (enqueue, cancel and removal of what does
    not run, retry); everything else is the dispatcher's.
    """

    def __init__(
        self,
        database: Database,
        bus: EventBus,
        kinds: Mapping[str, JobKind],
        wake: Callable[[], None],
    ) -> None:
        dialect = database.engine.dialect
        self.kinds = kinds
        self.journal = Journal(database, bus)
        self.ancestors = Ancestors(dialect)
        self.intake = Intake(dialect, kinds)
        self.followers = Followers(dialect, self.intake, kinds)
        self._database = database
        self._wake = wake
        self._removal = Removal(self.journal, self.ancestors)
        self._cancellation = Cancellation(self.journal, self.ancestors, self.followers)
        self._retry = Retry(self.journal, self.ancestors)
        self._failing = Failing(self.journal, self.intake, self.ancestors, self.followers)
        self._get = Statement(dialect, f"SELECT {COLUMNS} FROM job WHERE id = :id")  # noqa: S608 (own names only)

    def enqueue(self, new: NewJob) -> Enqueued:
        """Insert a job, unless its twin (same kind and dedup_key) is live.

        Of a kind that merges, a queued twin takes the wish up; a running one is followed by a
        job of its own if it does too little.
        """
        return self.enqueue_many([new])[0]

    def enqueue_many(self, news: Sequence[NewJob]) -> list[Enqueued]:
        """Insert many; the answers in the order of the wishes. A thousand a transaction."""
        answers: list[Enqueued] = []
        for start in range(0, len(news), BULK):
            chunk = news[start : start + BULK]
            exclusive = any(self.intake.changes_others(new) for new in chunk)
            with self.journal.change(exclusive=exclusive) as change:
                answers += self.intake.put(change, chunk)
            self._wake()
        return answers

    def enqueue_failed(self, new: NewJob, code: str, text: str) -> Enqueued:
        """Insert a job of which it is known already that it must fail, unless its twin is live.

        It ends as failed in the same transaction, so that no worker ever takes it.
        """
        return self._failing.put(new, code, text)

    def get_job(self, job_id: int) -> Job:
        """One job; NotFound."""
        with self._database.read() as connection:
            row = self._get.run(connection, id=job_id).first()
        if row is None:
            raise NotFound("There is no such job.", asset=f"job {job_id}")
        return to_job(row)

    def list_jobs(
        self,
        *,
        states: Collection[JobState] | None = None,
        kind: str | None = None,
        parent_id: int | None = None,
        before_id: int | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs, newest first. Page by `before_id`; `offset` is slow on long tables."""
        conditions: list[ColumnElement[bool]] = []
        if states is not None:
            conditions.append(job_table.c.state.in_([state.value for state in states]))
        if kind is not None:
            conditions.append(job_table.c.kind == kind)
        if parent_id is not None:
            conditions.append(job_table.c.parent_id == parent_id)
        if before_id is not None:
            conditions.append(job_table.c.id < before_id)
        query = select(*_columns).where(*conditions).order_by(job_table.c.id.desc())
        with self._database.read() as connection:
            return [to_job(row) for row in connection.execute(query.offset(offset).limit(limit))]

    def count_jobs(self, kind: str | None = None) -> dict[JobState, int]:
        """Jobs by state, from the kept counters; every state is there."""
        query = select(job_count.c.state, job_count.c.n)
        if kind is not None:
            query = query.where(job_count.c.kind == kind)
        counts = dict.fromkeys(JobState, 0)
        with self._database.read() as connection:
            for state, n in connection.execute(query):
                counts[JobState(state)] += n
        return counts

    def count_failed(
        self,
        codes: Collection[str],
        kind: str | None = None,
        since: float = float("-inf"),
        until: float = float("inf"),
    ) -> int:
        """How many of the jobs that failed in [since, until) (epoch seconds) ended with one of
        these codes."""
        columns, failed = job_table.c, _is(JobState.FAILED)
        query = select(func.count()).select_from(job_table).where(failed)
        query = query.where(columns.error_code.in_(sorted(codes)))
        query = query.where(columns.finished_at >= since, columns.finished_at < until)
        if kind is not None:
            query = query.where(columns.kind == kind)
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    def list_log(self, job_id: int, after_seq: int = 0) -> list[LogLine]:
        """A job's own log from `after_seq` on; NotFound."""
        columns = job_log.c
        query = select(columns.seq, columns.ts, columns.level, columns.text)
        wanted = query.where(columns.job_id == job_id, columns.seq > after_seq)
        self.get_job(job_id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(columns.seq)).all()
        return [LogLine(*row) for row in rows]

    def cancel(self, job_id: int) -> int:
        """Cancel a job and everything below it; how many were live. NotFound."""
        n = self._cancellation.cancel(job_id)
        self._wake()
        return n

    def resume_cancelling(self) -> int:
        """Go on with what a server that died had begun to cancel; how many jobs were touched."""
        return self._cancellation.resume()

    def retry(self, job_id: int) -> Job:
        """Queue a failed or cancelled job again, its counters cleared. NotFound, Refused."""
        self._retry.retry(job_id)
        self._wake()
        return self.get_job(job_id)

    def reset_stuck(self) -> int:
        """Queue again what is stuck `running` without a worker, and what failed as `poison`."""
        n = self._retry.reset_stuck()
        self._wake()
        return n

    def remove(self, job_id: int) -> None:
        """Remove a job and everything below it. NotFound; Refused while any of it runs."""
        self._removal.remove(job_id)

    def remove_ended(
        self,
        *,
        states: Collection[JobState],
        older_than_s: float = 0.0,
        kind: str | None = None,
    ) -> int:
        """Remove jobs that ended at least so long ago; how many. Invalid for live states."""
        return self._removal.remove_ended(states, older_than_s, kind)

    def count_removable(
        self,
        *,
        states: Collection[JobState],
        older_than_s: float = 0.0,
        kind: str | None = None,
    ) -> int:
        """How many jobs `remove_ended` would remove. Invalid for live states."""
        return self._removal.count_removable(states, older_than_s, kind)

    def flush(self, states: Collection[JobState], kind: str | None = None) -> int:
        """Remove every job of these states; how many. Refused for `running`."""
        return self._removal.flush(states, kind)

    def pause(self, scope: str = "all") -> None:
        """Claim nothing of `all`, `lane:<lane>` or `kind:<kind>`; what runs goes on.

        Invalid for a lane or a kind that there is not.
        """
        self._check_scope(scope)
        with self.journal.change() as change:
            exists = select(job_pause.c.scope).where(job_pause.c.scope == scope)
            if change.tx.execute(exists).first() is None:
                change.tx.execute(insert(job_pause).values(scope=scope, since=now_s()))
                change.tell("queue.paused", {"scope": scope})

    def resume(self, scope: str = "all") -> None:
        """Claim again. A scope that is paused can be resumed even when its kind is gone; else
        Invalid as for `pause`."""
        with self.journal.change() as change:
            gone = change.tx.execute(delete(job_pause).where(job_pause.c.scope == scope))
            if gone.rowcount:
                change.tell("queue.resumed", {"scope": scope})
            else:
                self._check_scope(scope)
        self._wake()

    def list_pauses(self) -> list[str]:
        """The scopes that are paused."""
        with self._database.read() as connection:
            query = select(job_pause.c.scope).order_by(job_pause.c.scope)
            return list(connection.execute(query).scalars())

    def wait(self, job_id: int, timeout_s: float) -> Job:
        """Block until the job has ended; its present state after `timeout_s`. NotFound."""
        deadline = monotonic_s() + timeout_s
        while True:
            future = self.journal.expect(job_id)
            try:
                job = self.get_job(job_id)
                left = deadline - monotonic_s()
                if job.state.is_ended or left <= 0:
                    return job
                _wait_for(future, min(left, REREAD_S))
            finally:
                self.journal.forget(job_id, future)

    async def wait_async(self, job_id: int, timeout_s: float) -> Job:
        """As `wait`, without holding a thread. A caller that leaves does not cancel the job."""
        return await self._await(job_id, monotonic_s() + timeout_s)

    async def wait_heeded(self, wish: Enqueued, timeout_s: float) -> Job:
        """Wait until a wish was heeded: for its job, or for the one that follows its job."""
        deadline = monotonic_s() + timeout_s
        job = await self._await(wish.job_id, deadline)
        if wish.follows and job.next_id is not None:
            job = await self._await(job.next_id, deadline)
        return job

    async def _await(self, job_id: int, deadline: float) -> Job:
        while True:
            future = self.journal.expect(job_id)
            try:
                job = await asyncio.to_thread(self.get_job, job_id)
                left = deadline - monotonic_s()
                if job.state.is_ended or left <= 0:
                    return job
                await asyncio.wait([asyncio.wrap_future(future)], timeout=min(left, REREAD_S))
            finally:
                self.journal.forget(job_id, future)

    def forecast(self, kind: str) -> Forecast:
        """How long what is left of one kind will take, from the jobs that ended lately."""
        now, columns = now_s(), job_table.c
        counts = self.count_jobs(kind)
        mine = select(columns.started_at, columns.finished_at).where(columns.kind == kind)
        runs = mine.where(columns.state == JobState.RUNNING, columns.worker.is_not(None))
        with self._database.read() as connection:
            ended = [
                connection.execute(
                    mine.where(_is(state), columns.finished_at >= now - WINDOW_S)
                    .order_by(columns.finished_at.desc())
                    .limit(FORECAST_JOBS)
                ).all()
                for state in (JobState.DONE, JobState.FAILED)
            ]
            running = [row[0] for row in connection.execute(runs) if row[0] is not None]
        # Where more ended than were read, the time before them is not looked at.
        cut = [rows[-1][1] for rows in ended if len(rows) == FORECAST_JOBS]
        spans = [(row[0], row[1]) for rows in ended for row in rows if row[0] is not None]
        left = counts[JobState.QUEUED] + counts[JobState.RUNNING]
        since = max(cut, default=float("-inf"))
        return forecast(left, spans, now, running=running, since=since)

    def count_ended(
        self, kind: str, since: float, until: float = float("inf")
    ) -> dict[JobState, int]:
        """How many jobs of a kind ended in [since, until) (epoch seconds), by how they ended."""
        columns, ended_at = job_table.c, job_table.c.finished_at
        counts = {}
        with self._database.read() as connection:
            for state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
                mine = (columns.kind == kind, _is(state), ended_at >= since, ended_at < until)
                query = select(func.count()).select_from(job_table).where(*mine)
                counts[state] = connection.execute(query).scalar_one()
        return counts

    def check_kind(self, kind: str | None) -> None:
        """Raise `Invalid` for a kind of job that there is not; None stands for all."""
        if kind is not None:
            _check_known("kind", kind, self.kinds)

    def _check_scope(self, scope: str) -> None:
        prefix, _, name = scope.partition(":")
        known: Collection[str] | None = {"lane": LANES, "kind": self.kinds}.get(prefix)
        if scope == "all":
            return
        if known is None or not name:
            raise Invalid("A pause is for `all`, `lane:<lane>` or `kind:<kind>`.", asset=scope)
        _check_known(prefix, name, known)


def _check_known(prefix: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        text = f"There is no {prefix} of jobs named {name!r}."
        remedy = f"Known are: {', '.join(sorted(known))}."
        raise Invalid(text, asset=f"{prefix}:{name}", remedy=remedy)


def _is(state: JobState) -> ColumnElement[bool]:
    """The literal lets both databases see that the index of ended jobs fits."""
    return job_table.c.state == literal_column(f"'{state}'")


def _wait_for(future: "Future[None]", timeout_s: float) -> None:
    try:
        future.result(timeout_s)
    except Unfinished:
        return
