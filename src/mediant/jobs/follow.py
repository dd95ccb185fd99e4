"""Wishes that came while their twin ran: they are taken up when it ends."""

import json
from collections.abc import Mapping

from sqlalchemy import Dialect

from mediant.jobs.intake import Intake
from mediant.jobs.job import NewJob
from mediant.jobs.journal import Change
from mediant.jobs.kind import JobKind
from mediant.jobs.statement import Statement
from mediant.jobs.twin import merge_texts

_LOOK = (
    "SELECT kind, again, dedup_key, priority, lane, max_tries FROM job "
    "WHERE id = :id AND again IS NOT NULL"
)
_BOTH = "SELECT kind, payload, again FROM job WHERE id = :id AND again IS NOT NULL"
_FOLD = "UPDATE job SET payload = :payload, again = NULL WHERE id = :id"
_LINK = "UPDATE job SET again = NULL, next_id = :next_id WHERE id = :id"


class Followers:
    """Turns the wish that waits behind a job into the job that follows it.

    Whatever the end was: whoever asked was told that the wish will be heeded. So a job that was
    given up as poison is followed, too (a cancel drops the waiting wish itself).
    """

    def __init__(self, dialect: Dialect, intake: Intake, kinds: Mapping[str, JobKind]) -> None:
        self._intake = intake
        self._kinds = kinds
        self._both = Statement(dialect, _BOTH)
        self._look = Statement(dialect, _LOOK)
        self._fold = Statement(dialect, _FOLD)
        self._link = Statement(dialect, _LINK)

    def fold(self, change: Change, job_id: int) -> None:
        """The job will run once more: it takes the wish up itself, if one waits."""
        row = self._both.run(change.tx, id=job_id).first()
        if row is not None:
            kind, payload, again = row
            merge = self._kinds[kind].merge if kind in self._kinds else None
            both = again if merge is None else merge_texts(payload, json.loads(again), merge)
            self._fold.run(change.tx, id=job_id, payload=both)

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
