"""Running an ended job again, by hand."""

from sqlalchemy.exc import IntegrityError

from mediant.errors import NotFound, Refused
from mediant.jobs.job import JobState
from mediant.jobs.journal import Change, Journal
from mediant.jobs.statement import Statement
from mediant.jobs.tree import Ancestors
from mediant.kernel.clock import now_s

_AGAIN = (
    "UPDATE job SET state = 'queued', payload = COALESCE(again, payload), again = NULL, "
    "next_id = NULL, run_at = :now, tries = 0, deaths = 0, server_deaths = 0, cancel = 0, "
    "owner = NULL, worker = NULL, device = NULL, progress = 0, stage = NULL, eta_s = NULL, "
    "result = NULL, error_code = NULL, error = NULL, started_at = NULL, finished_at = NULL, "
    "children_failed = 0, children_left = (SELECT COUNT(*) FROM job AS child "
    "WHERE child.parent_id = job.id AND child.state IN ('queued', 'running')) WHERE id = :id"
)
_STUCK = (
    "SELECT id, kind, state, parent_id FROM job WHERE (state = 'running' AND worker IS NOT NULL "
    "AND worker NOT IN (SELECT name FROM worker)) OR "
    "(state = 'failed' AND error_code = 'poison')"
)


class Retry:
    """Clears the counters and queues a job again. `attempt` only ever grows."""

    def __init__(self, journal: Journal, ancestors: Ancestors) -> None:
        dialect = journal.database.engine.dialect
        self._journal = journal
        self._ancestors = ancestors
        self._look = Statement(dialect, "SELECT id, kind, state, parent_id FROM job WHERE id = :id")
        self._again = Statement(dialect, _AGAIN)
        self._stuck = Statement(dialect, _STUCK)

    def retry(self, job_id: int) -> None:
        """Queue a failed or cancelled job again; its parent waits for it again.

        NotFound; Refused for other states, and when the same work is already under way.
        """
        with self._journal.change() as change:
            row = self._look.run(change.tx, id=job_id).first()
            if row is None:
                raise NotFound("There is no such job.", asset=f"job {job_id}")
            if row[2] not in {JobState.FAILED, JobState.CANCELLED}:
                raise Refused(f"The job is {row[2]}.", asset=f"job {job_id}")
            if not self._requeue(change, *row):
                raise Refused("The same work is already under way.", asset=f"job {job_id}")

    def reset_stuck(self) -> int:
        """Queue again what runs at no worker that exists, and what was given up as poison."""
        with self._journal.change() as change:
            rows = self._stuck.run(change.tx).all()
            return sum(self._requeue(change, *row) for row in rows)

    def _requeue(
        self, change: Change, job_id: int, kind: str, state: str, parent_id: int | None
    ) -> bool:
        savepoint = change.tx.begin_nested()
        try:
            self._again.run(change.tx, id=job_id, now=now_s())
        except IntegrityError:
            savepoint.rollback()
            return False
        savepoint.commit()
        change.move(kind, JobState(state), JobState.QUEUED)
        change.tell("job.queued", {"job_id": job_id, "kind": kind})
        if state != JobState.RUNNING:
            self._ancestors.reopen(change, parent_id, failed=state == JobState.FAILED)
        return True
