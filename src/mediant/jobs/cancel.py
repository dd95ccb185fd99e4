"""Cancelling a job with everything below it."""

from mediant.errors import NotFound
from mediant.jobs.follow import Followers
from mediant.jobs.job import JobState
from mediant.jobs.journal import Change, Journal
from mediant.jobs.statement import Statement
from mediant.jobs.tree import SUBTREE, Ancestors
from mediant.kernel.clock import now_s

_END = (
    f"{SUBTREE} UPDATE job SET state = 'cancelled', cancel = 1, finished_at = :now, "  # noqa: S608 (own names only)
    "again = NULL, owner = NULL, error_code = 'cancelled' WHERE id IN (SELECT id FROM tree) AND "
)
_RETURN = " RETURNING id, kind, parent_id"


class Cancellation:
    """Queued jobs and waiting parents end at once; running ones are asked to stop.

    Wishes that came while such a job ran are dropped with it; those that come later are not.
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

    def cancel(self, job_id: int) -> int:
        """How many jobs were ended or asked to stop; 0 when all had ended. NotFound."""
        with self._journal.change() as change:
            if self._exists.run(change.tx, id=job_id).first() is None:
                raise NotFound("There is no such job.", asset=f"job {job_id}")
            ended = self._end(change, job_id)
            asked = len(self._ask.run(change.tx, id=job_id).all())
        return ended + asked

    def _end(self, change: Change, job_id: int) -> int:
        now = now_s()
        queued = self._end_queued.run(change.tx, id=job_id, now=now).all()
        waiting = self._end_waiting.run(change.tx, id=job_id, now=now).all()
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
