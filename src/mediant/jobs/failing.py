"""Ending a job that cannot work before any worker takes it."""

from mediant.jobs.follow import Followers
from mediant.jobs.job import JobState
from mediant.jobs.journal import Journal
from mediant.jobs.rows import COLUMNS, to_job
from mediant.jobs.statement import Statement
from mediant.jobs.tree import Ancestors
from mediant.kernel.clock import now_s

_FAIL = (
    "UPDATE job SET state = 'failed', error_code = :code, error = :text, finished_at = :now "  # noqa: S608 (own names only)
    f"WHERE id = :id AND state = 'queued' RETURNING {COLUMNS}"
)


class Failing:
    """Moves queued jobs to failed when it is known already that they must.

    The kind's `failed` is not called: nothing of the job was begun.
    """

    def __init__(self, journal: Journal, ancestors: Ancestors, followers: Followers) -> None:
        self._journal = journal
        self._ancestors = ancestors
        self._followers = followers
        self._fail = Statement(journal.database.engine.dialect, _FAIL)

    def fail(self, job_id: int, code: str, text: str) -> bool:
        """Whether the job was queued, and has failed now."""
        with self._journal.change() as change:
            row = self._fail.run(change.tx, id=job_id, code=code, text=text, now=now_s()).first()
            if row is None:
                return False
            job = to_job(row)
            change.move(job.kind, JobState.QUEUED, JobState.FAILED)
            payload = {"job_id": job.id, "kind": job.kind, "code": code, "text": text}
            change.tell("job.failed", payload)
            change.ended.append(job.id)
            if job.parent_id is not None:
                self._ancestors.count_down(change, [(job.parent_id, JobState.FAILED)])
            self._followers.enqueue(change)
        return True
