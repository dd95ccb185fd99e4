"""Removing jobs: one, by state and age, or all of some states."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, text

from mediant.errors import Invalid, NotFound, Refused
from mediant.jobs.job import ENDED, JobState
from mediant.jobs.journal import Change, Journal
from mediant.jobs.statement import Statement
from mediant.jobs.tree import SUBTREE, Ancestors
from mediant.kernel.clock import now_s
from mediant.store.schema_jobs import job as job_table

CHUNK = 2000
"""Jobs removed in one transaction: others that want to write wait for it."""

_columns = job_table.c

_HAVE_ENDED = text("state IN ('done', 'failed', 'cancelled')")
"""Written out as in the index `job_ended`: only so can SQLite's plan use it."""


class Removal:
    """Deletes rows of jobs, their logs with them."""

    def __init__(self, journal: Journal, ancestors: Ancestors) -> None:
        dialect = journal.database.engine.dialect
        self._journal = journal
        self._ancestors = ancestors
        self._tree = Statement(
            dialect,
            f"{SUBTREE} SELECT id, kind, state, parent_id FROM job "  # noqa: S608 (own names only)
            "WHERE id IN (SELECT id FROM tree)",
        )

    def remove(self, job_id: int) -> None:
        """Remove one job and everything below it. Refused while any of it runs."""
        with self._journal.change() as change:
            rows = self._tree.run(change.tx, id=job_id).all()
            if not rows:
                raise NotFound("There is no such job.", asset=f"job {job_id}")
            if any(row[2] == JobState.RUNNING for row in rows):
                remedy = "Cancel it first."
                raise Refused("The job runs.", asset=f"job {job_id}", remedy=remedy)
            self._delete(change, rows)
            for _, kind, state, _ in rows:
                change.move(kind, JobState(state), None)
            self._leave_parents(change, [row for row in rows if row[0] == job_id])

    def remove_ended(
        self, states: Collection[JobState], older_than_s: float = 0.0, kind: str | None = None
    ) -> int:
        """Remove jobs that ended so long ago, in chunks; how many."""
        is_old = _ended_before(states, older_than_s)
        return sum(self._remove_all(state, is_old, kind) for state in states)

    def count_removable(
        self, states: Collection[JobState], older_than_s: float = 0.0, kind: str | None = None
    ) -> int:
        """How many jobs `remove_ended` would remove."""
        wanted: list[ColumnElement[bool]] = [_columns.state.in_([s.value for s in states])]
        wanted += [_ended_before(states, older_than_s)]
        wanted += [] if kind is None else [_columns.kind == kind]
        query = select(func.count()).select_from(job_table).where(*wanted)
        with self._journal.database.read() as connection:
            return int(connection.scalar(query) or 0)

    def flush(self, states: Collection[JobState], kind: str | None = None) -> int:
        """Remove every job of these states; how many. Refused for `running`."""
        if JobState.RUNNING in states:
            raise Refused("Running jobs cannot be removed.", remedy="Cancel them first.")
        return sum(self._remove_all(state, None, kind) for state in states)

    def _remove_all(
        self, state: JobState, also: ColumnElement[bool] | None, kind: str | None
    ) -> int:
        wanted = [_columns.state == state.value]
        wanted += [] if also is None else [also]
        wanted += [] if kind is None else [_columns.kind == kind]
        query = select(_columns.id, _columns.kind, _columns.state, _columns.parent_id)
        total = 0
        while True:
            with self._journal.change() as change:
                rows = change.tx.execute(query.where(*wanted).limit(CHUNK)).all()
                self._delete(change, rows)
                for row in rows:
                    change.move(row[1], state, None)
                if state is JobState.QUEUED:
                    self._leave_parents(change, rows)
            total += len(rows)
            if len(rows) < CHUNK:
                return total

    def _delete(self, change: Change, rows: Sequence[Sequence[Any]]) -> None:
        """Delete and tell; the rows begin with id and kind."""
        ids = [row[0] for row in rows]
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            change.tx.execute(delete(job_table).where(_columns.id.in_(chunk)))
        change.ended += ids
        change.tell_moved("job.removed", [(row[0], row[1]) for row in rows])

    def _leave_parents(self, change: Change, rows: Sequence[Sequence[Any]]) -> None:
        """Queued children that are no more are counted down as cancelled ones."""
        gone = [
            (row[3], JobState.CANCELLED)
            for row in rows
            if row[2] == JobState.QUEUED and row[3] is not None
        ]
        self._ancestors.count_down(change, gone)


def _ended_before(states: Collection[JobState], older_than_s: float) -> ColumnElement[bool]:
    """The condition that a job ended so long ago. Raises Invalid for states that are no end."""
    wrong = [state for state in states if state not in ENDED]
    if wrong:
        raise Invalid(f"Jobs that are {wrong[0]} have not ended.")
    return and_(_HAVE_ENDED, _columns.finished_at <= now_s() - older_than_s)
