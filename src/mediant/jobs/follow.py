"""Wishes that came while their twin ran: they are taken up when it ends."""

import json

from sqlalchemy import Dialect

from mediant.jobs.intake import Intake
from mediant.jobs.job import NewJob
from mediant.jobs.journal import Change
from mediant.jobs.statement import Statement

_LOOK = (
    "SELECT kind, again, dedup_key, priority, lane, max_tries FROM job "
    "WHERE id = :id AND again IS NOT NULL"
)
_FOLD = "UPDATE job SET payload = again, again = NULL WHERE id = :id AND again IS NOT NULL"
_LINK = "UPDATE job SET again = NULL, next_id = :next_id WHERE id = :id"


class Followers:
    """Turns the wish that waits behind a job into the job that follows it.

    Whatever the end was: whoever asked was told that the wish will be heeded. So a job that was
    given up as poison is followed, too (a cancel drops the waiting wish itself).
    """

    def __init__(self, dialect: Dialect, intake: Intake) -> None:
        self._intake = intake
        self._look = Statement(dialect, _LOOK)
        self._fold = Statement(dialect, _FOLD)
        self._link = Statement(dialect, _LINK)

    def fold(self, change: Change, job_id: int) -> None:
        """The job will run once more: it takes the wish up itself."""
        self._fold.run(change.tx, id=job_id)

    def enqueue(self, change: Change) -> None:
        """Queue the followers of all that ended in this change, whose ends are written already:
        twins cannot be live at once. A follower has no parent."""
        ended, change.followed = change.followed, []
        for job_id in ended:
            row = self._look.run(change.tx, id=job_id).first()
            if row is not None:
                kind, again, dedup_key, priority, lane, max_tries = row
                wish = NewJob(
                    kind, json.loads(again), dedup_key, priority, lane=lane, max_tries=max_tries
                )
                (follower,) = self._intake.put(change, [wish])
                self._link.run(change.tx, id=job_id, next_id=follower.job_id)
