"""Jobs that fail as they are made, because it is known already that they must."""

from mediant.jobs.follow import Followers
from mediant.jobs.intake import Intake
from mediant.jobs.job import Enqueued, JobState, NewJob
from mediant.jobs.journal import Change, Journal
from mediant.jobs.rows import COLUMNS, to_job
from mediant.jobs.statement import Statement
from mediant.jobs.tree import Ancestors
from mediant.kernel.clock import now_s

_FAIL = (
    "UPDATE job SET state = 'failed', error_code = :code, error = :text, finished_at = :now "  # noqa: S608 (own names only)
    f"WHERE id = :id RETURNING {COLUMNS}"
)


class Failing:
    """Makes jobs that have failed.

    The kind's `failed` is not called: nothing of the job was begun.
    """

    def __init__(
        self, journal: Journal, intake: Intake, ancestors: Ancestors, followers: Followers
    ) -> None:
        self._journal = journal
        self._intake = intake
        self._ancestors = ancestors
        self._followers = followers
        self._fail = Statement(journal.database.engine.dialect, _FAIL)

    def put(self, new: NewJob, code: str, text: str) -> Enqueued:
        """Insert a job that has failed, in one change, so that nobody sees it queued."""
        with self._journal.change() as change:
            (wish,) = self._intake.put(change, [new])
            if wish.created:
                self._end(change, wish.job_id, code, text)
        return wish

    def _end(self, change: Change, job_id: int, code: str, text: str) -> None:
        row = self._fail.run(change.tx, id=job_id, code=code, text=text, now=now_s()).one()
        job = to_job(row)
        change.move(job.kind, JobState.QUEUED, JobState.FAILED)
        payload = {"job_id": job.id, "kind": job.kind, "code": code, "text": text}
        change.tell("job.failed", payload)
        change.ended.append(job.id)
        if job.parent_id is not None:
            self._ancestors.count_down(change, [(job.parent_id, JobState.FAILED)])
        self._followers.enqueue(change)
