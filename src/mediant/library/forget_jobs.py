"""Forgetting many missing files: some in each transaction, until none is left."""

from sqlalchemy import Connection

from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.library.files import remove_missing

FORGET = "forget"
AT_ONCE = 1_000
"""Files that are forgotten in one transaction. Each may have hundreds of rows."""


def forget_kind() -> JobKind:
    """What the queue is told about forgetting."""
    return JobKind(FORGET, run="mediant.library.forget:run", lane="io", brief=True, commit=_commit)


def forget_some(tx: Connection, wish: Payload) -> Committed:
    """Forget the first files of a wish, and wish for the others.

    `wish`: library_id, paths (or None), since (or None) and until, as of `remove_missing`. The
    summary says how many were `removed`, and whether it `goes_on` in another job.
    """
    when = (wish["since"], wish["until"])
    removed = remove_missing(tx, wish["library_id"], wish["paths"], when, AT_ONCE)
    if removed < AT_ONCE:
        return Committed(summary={"removed": removed})
    summary = {"removed": removed, "goes_on": True}
    return Committed(jobs=[NewJob(FORGET, wish)], summary=summary)


def _commit(tx: Connection, job: Job, _result: Result) -> Committed:
    return forget_some(tx, job.payload)
