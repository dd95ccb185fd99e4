"""Cancelling a job with everything below it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, update

from mediant.errors import NotFound
from mediant.jobs.follow import Followers
from mediant.jobs.job import JobState
from mediant.jobs.journal import Change, Journal
from mediant.jobs.statement import Statement
from mediant.jobs.tree import SUBTREE, Ancestors
from mediant.kernel.clock import now_s
from mediant.store.schema_jobs import job as job_table

CHUNK = 2000
"""Larger trees are cancelled in transactions of so many jobs, so that others get their turn."""

_columns = job_table.c
_END = (
    f"{SUBTREE} UPDATE job SET state = 'cancelled', cancel = 1, finished_at = :now, "  # noqa: S608 (own names only)
    "again = NULL, owner = NULL, error_code = 'cancelled' WHERE id IN (SELECT id FROM tree) AND "
)
_RETURN = " RETURNING id, kind, parent_id"
_SIZE = f"{SUBTREE} SELECT count(*) FROM (SELECT id FROM tree LIMIT {CHUNK + 1}) AS counted"  # noqa: S608 (own names only)
_LIVE = (
    f"{SUBTREE} SELECT id, state FROM job WHERE id IN (SELECT id FROM tree) "  # noqa: S608 (own names only)
    "AND (state = 'queued' OR (state = 'running' AND (worker IS NULL OR cancel = 0))) "
    "ORDER BY priority DESC, id"
)
_HALF_CANCELLED = "SELECT id FROM job WHERE state = 'running' AND cancel = 1 AND worker IS NULL"


class Cancellation:
    """Queued jobs and waiting parents end at once; running ones are asked to stop.

    Wishes that came while such a job ran are dropped with it; those that come later are not.

    A large tree takes several transactions. The first ones ask everything that runs or waits to
    stop, the job itself before all others; then what is queued ends, in the order in which it
    would have been started; at last what waits. Should the server die in between, the next one
    finds the job running with nobody at work on it, and asked to stop, and goes on.
    """

    def __init__(self, journal: Journal, ancestors: Ancestors, followers: Followers) -> None:
        dialect = journal.database.engine.dialect
        self._journal = journal
        self._ancestors = ancestors
        self._followers = followers
        self._exists = Statement(dialect, "SELECT id FROM job WHERE id = :id")
        self._end_queued = Statement(dialect, f"{_END} state = 'queued' {_RETURN}")
        self._end_waiting = Statement(
            dialect, f"{_END} state = 'running' AND worker IS NULL {_RETURN}"
        )
        self._ask = Statement(
            dialect,
            f"{SUBTREE} UPDATE job SET cancel = 1, again = NULL WHERE id IN (SELECT id FROM tree) "  # noqa: S608 (own names only)
            "AND state = 'running' AND cancel = 0 RETURNING id",
        )

        self._size = Statement(dialect, _SIZE)
        self._live = Statement(dialect, _LIVE)
        self._half_cancelled = Statement(dialect, _HALF_CANCELLED)

    def cancel(self, job_id: int) -> int:
        """How many jobs were ended or asked to stop; 0 when all had ended. NotFound."""
        with self._journal.database.read() as connection:
            is_large = self._size.run(connection, id=job_id).one()[0] > CHUNK
        return self._cancel_large(job_id) if is_large else self._cancel_at_once(job_id)

    def resume(self) -> int:
        """Go on with what the last server had begun to cancel; how many jobs were touched."""
        with self._journal.database.read() as connection:
            begun = [row[0] for row in self._half_cancelled.run(connection)]
        return sum(self.cancel(job_id) for job_id in begun)

    def _cancel_at_once(self, job_id: int) -> int:
        with self._journal.change() as change:
            if self._exists.run(change.tx, id=job_id).first() is None:
                raise NotFound("There is no such job.", asset=f"job {job_id}")
            now = now_s()
            queued = self._end_queued.run(change.tx, id=job_id, now=now).all()
            waiting = self._end_waiting.run(change.tx, id=job_id, now=now).all()
            ended = self._note_ended(change, queued, waiting)
            asked = len(self._ask.run(change.tx, id=job_id).all())
        return ended + asked

    def _cancel_large(self, job_id: int) -> int:
        """Until nothing is left: what runs may add to the tree meanwhile."""
        touched: set[int] = set()
        while live := self._list_live(job_id):
            running = [row[0] for row in live if row[1] == JobState.RUNNING]
            running.sort(key=lambda one: one != job_id)
            queued = [row[0] for row in live if row[1] == JobState.QUEUED]
            for ids in _chunks(running):
                with self._journal.change() as change:
                    self._ask_some(change, ids)
            for ids in _chunks(queued):
                with self._journal.change() as change:
                    self._note_ended(change, self._end_some(change, ids, _IS_QUEUED), ())
            for ids in _chunks(running):
                with self._journal.change() as change:
                    self._note_ended(change, (), self._end_some(change, ids, _IS_WAITING))
            touched.update(running, queued)
        return len(touched)

    def _list_live(self, job_id: int) -> Sequence[Sequence[Any]]:
        """What is below the job and has neither ended nor been asked to: (id, state) each, in the
        order in which the queued ones would start."""
        with self._journal.database.read() as connection:
            return self._live.run(connection, id=job_id).all()

    def _ask_some(self, change: Change, ids: Sequence[int]) -> None:
        asked = update(job_table).where(_columns.id.in_(ids), _columns.state == "running")
        change.tx.execute(asked.values(cancel=1, again=None))

    def _end_some(
        self, change: Change, ids: Sequence[int], only: ColumnElement[bool]
    ) -> Sequence[Sequence[Any]]:
        ended = update(job_table).where(_columns.id.in_(ids), only)
        values = {"state": "cancelled", "cancel": 1, "finished_at": now_s()}
        values |= {"again": None, "owner": None, "error_code": "cancelled"}
        told = ended.values(values).returning(_columns.id, _columns.kind, _columns.parent_id)
        return change.tx.execute(told).all()

    def _note_ended(
        self,
        change: Change,
        queued: Sequence[Sequence[Any]],
        waiting: Sequence[Sequence[Any]],
    ) -> int:
        """Rows (id, kind, parent_id) have ended that were queued or waiting: count and tell it."""
        for rows, was in ((queued, JobState.QUEUED), (waiting, JobState.RUNNING)):
            for _, kind, _ in rows:
                change.move(kind, was, JobState.CANCELLED)
        rows = [*queued, *waiting]
        change.tell_moved("job.cancelled", [(row[0], row[1]) for row in rows])
        change.ended += [row[0] for row in rows]
        parents = [(row[2], JobState.CANCELLED) for row in rows if row[2] is not None]
        self._ancestors.count_down(change, parents)
        self._followers.enqueue(change)
        return len(rows)


_IS_QUEUED: ColumnElement[bool] = _columns.state == "queued"
_IS_WAITING: ColumnElement[bool] = (_columns.state == "running") & _columns.worker.is_(None)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
