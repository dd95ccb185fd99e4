"""After a scan of a whole library: files that should have an analysis and have none get a job.

A job may have failed for a cause that is gone now: the disk was away, no network was installed,
the server died. The scan sees no change in such a file; the sweep sees that it lacks a track. It
goes through the ids in ranges, so that a million files are never in memory or in one transaction.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.jobs.watch import Toolbox, Watch

SWEEP = "sweep"
PAGE = 2_000
"""Ids in one range."""

FindPending = Callable[[Connection, int, range], Sequence[NewJob]]
"""The jobs that the files of a library need, of those whose ids lie in a range."""


def walk(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, int]:
    """The worker's half: hand over one range after the other."""
    newest = int(payload["newest"])
    for low in range(1, newest + 1, PAGE):
        watch.stop_if_cancelled()
        watch.emit({"low": low, "high": min(low + PAGE, newest + 1)})
        watch.report(low / newest, SWEEP)
    return {"library_id": payload["library_id"]}


def sweep_kind(find_pending: FindPending) -> JobKind:
    """The kind `sweep`, whose parts become the jobs that are missing."""

    def absorb(tx: Connection, job: Job, part: Result) -> Committed:
        ids = range(int(part["low"]), int(part["high"]))
        return Committed(jobs=find_pending(tx, int(job.payload["library_id"]), ids))

    return JobKind(SWEEP, f"{__name__}:walk", lane="io", absorb=absorb)


def sweep_job(library_id: int, newest_id: int) -> NewJob:
    """The wish for a sweep of the files with ids up to `newest_id`."""
    payload = {"library_id": library_id, "newest": newest_id}
    return NewJob(SWEEP, payload, dedup_key=str(library_id))
