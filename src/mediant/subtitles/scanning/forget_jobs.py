"""Forgetting media files that are gone: what is known of them, in pieces of bounded size.

After a whole walk of a folder a job looks at the first files that are known below it, and has the
next job look at the following ones.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from mediant.jobs.job import Job, JobState, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.kernel.clock import now_s
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.scanning import known

FORGET = "forget_videos"
AT_ONCE = 5_000
"""Files in one job: no commit is long, and no message large."""
EVERY_S = 20 * 3600.0
"""Scans by the clock have it done so often at most: it is a second look into every folder."""
PRIORITY = -20
MANUAL = "manual"
"""Scans of this origin have it done every time."""

_COLUMNS = job_table.c


def kind() -> JobKind:
    """The kind of job that forgets."""
    return JobKind(
        FORGET,
        run="mediant.subtitles.scanning.forget_videos:run",
        lane="io",
        prepare=prepare,
        commit=commit,
    )


def jobs_after_walk(
    tx: Connection, origin: str, walked: Sequence[str], at_once: int = AT_ONCE
) -> list[NewJob]:
    """The jobs that look for what is gone from folders that were walked whole."""
    jobs = [_job(path.rstrip("/"), "", at_once) for path in walked]
    return [
        job
        for job in jobs
        if known.has_inspections(tx, job.payload["folder"])
        and (origin == MANUAL or not _is_fresh(tx, job))
    ]


def prepare(tx: Connection, job: Job) -> Payload:
    """The next known files of a folder, in the order of their paths."""
    folder, after = job.payload["folder"], job.payload["after"]
    return {"folder": folder, "paths": known.list_below(tx, folder, after, job.payload["at_once"])}


def commit(tx: Connection, job: Job, result: Result) -> Committed:
    """Forget what is gone, and have the next files looked at.

    What was learned after the look began stays: the file may have come back.
    """
    folder, at_once = job.payload["folder"], job.payload["at_once"]
    began = job.created_at if job.started_at is None else job.started_at
    gone = known.forget(tx, result["gone"], began)
    is_over = result["is_away"] or result["looked"] < at_once
    rest = [] if is_over else [_job(folder, result["last"], at_once)]
    summary = {"folder": folder, "looked": result["looked"], "gone": gone}
    return Committed(jobs=rest, summary=summary)


def _job(folder: str, after: str, at_once: int) -> NewJob:
    payload = {"folder": folder, "after": after, "at_once": at_once}
    return NewJob(FORGET, payload, dedup_key=f"{folder}|{after}", priority=PRIORITY)


def _is_fresh(tx: Connection, job: NewJob) -> bool:
    """Whether the same was begun not long ago."""
    query = select(_COLUMNS.id).where(
        _COLUMNS.kind == FORGET,
        _COLUMNS.state == JobState.DONE.value,
        _COLUMNS.finished_at > now_s() - EVERY_S,
        _COLUMNS.dedup_key == job.dedup_key,
    )
    return tx.execute(query.limit(1)).first() is not None
