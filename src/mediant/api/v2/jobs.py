"""`/api/v2/jobs`: the queue and what happened to each job."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from mediant.api.auth import JOBS, READ, AppDep
from mediant.api.numbers import RowId
from mediant.api.stream import wait_for_job
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import (
    CursorQuery,
    In,
    LimitQuery,
    Moment,
    Out,
    Page,
    read_cursor,
    to_page,
)
from mediant.app import App
from mediant.errors import SKIPPED_CODES
from mediant.jobs.hindrance import MOST, Cause, Hindrance
from mediant.jobs.job import ENDED, Enqueued, Job, JobState

router = v2_router("jobs")


class JobOut(Out):
    """One job."""

    id: int
    uuid: str
    kind: str
    lane: str
    priority: int
    state: JobState
    stage: str | None
    progress: float = Field(description="0 to 1.")
    eta_s: float | None
    payload: dict[str, Any]
    result: dict[str, Any] | None
    error_code: str | None
    error: str | None
    next_id: int | None = Field(description="The job that heeds a wish which came meanwhile.")
    parent_id: int | None
    children_left: int
    children_failed: int
    tries: int
    max_tries: int
    deaths: int = Field(
        description="Workers that died at it, and servers while it ran alone; the third fails it."
    )
    server_deaths: int = Field(
        description="Deaths of the server while it ran beside others; after two it runs alone."
    )
    worker: str | None
    device: str | None
    cancel: bool = Field(description="Whether it was asked to stop.")
    run_at: Moment
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class HindranceOut(Out):
    """Why nothing starts."""

    cause: Cause = Field(
        description="`server`: none runs; `paused`; `trouble`: of the disk or the database; "
        "`worker`: none takes such jobs; `alone`: another job runs alone; `time`: its time has "
        "not come; `turn`: others come first."
    )
    text: str
    remedy: str | None
    before: int | None = Field(description=f"Jobs that come first, counted up to {MOST}.")


class WaitingJobOut(JobOut):
    """One job, and what it waits for."""

    waiting_for: HindranceOut | None = Field(
        description="Why it, or the part of it that comes next, does not run; null when it runs, "
        "has ended, or starts in a moment."
    )


class LogLineOut(Out):
    """One line of a job's own log."""

    seq: int
    ts: Moment
    level: str
    text: str


class ForecastOut(Out):
    """How long the rest will take. Null until it was measured."""

    left: int
    rate_per_s: float | None
    average_s: float | None
    eta_s: float | None


class CountsOut(Out):
    """The queue in numbers."""

    counts: dict[JobState, int]
    skipped: int = Field(
        description="Of the failed: those that met a file in which there is nothing to listen to."
    )
    paused: list[str] = Field(description="Scopes that rest: `all`, `lane:<lane>`, `kind:<kind>`.")
    waiting_for: HindranceOut | None = Field(
        description="Why no job at all, or none of `kind`, starts now."
    )
    forecast: ForecastOut | None = Field(description="Given when `kind` was asked for.")


class ScopeIn(In):
    """What to pause or resume."""

    scope: str = Field("all", pattern=r"^(all|(lane|kind):[\w.-]+)$")


class PausedOut(Out):
    """What rests now."""

    paused: list[str]


class CleanupIn(In):
    """Which ended jobs to remove."""

    states: list[JobState] = Field(default_factory=lambda: sorted(ENDED))
    older_than_s: float = Field(0, ge=0)
    kind: str | None = None
    dry_run: bool = Field(False, description="Count them, and remove none.")


class RemovedOut(Out):
    """How many rows are gone; of a dry run, how many would be."""

    removed: int


class CancelledOut(Out):
    """How many jobs of the subtree were cancelled or asked to stop."""

    cancelled: int


def job_out(job: Job) -> JobOut:
    """A job as v2 says it."""
    return JobOut.model_validate(job)


def waiting_job_out(app: App, job: Job) -> WaitingJobOut:
    """A job with what it waits for."""
    fields = asdict(job) | {"waiting_for": _hindrance_out(app.hindrances.of_job(job))}
    return WaitingJobOut.model_validate(fields)


def _hindrance_out(found: Hindrance | None) -> HindranceOut | None:
    return None if found is None else HindranceOut.model_validate(found)


@router.get("", dependencies=READ)
def list_jobs(
    app: AppDep,
    state: Annotated[list[JobState] | None, Query()] = None,
    kind: str | None = None,
    parent_id: RowId | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> Page[JobOut]:
    """Jobs, newest first."""
    app.queue.check_kind(kind)
    rows = app.queue.list_jobs(
        states=state,
        kind=kind,
        parent_id=parent_id,
        before_id=read_cursor(cursor),
        limit=limit + 1,
    )
    return to_page(rows, limit, job_out)


@router.get("/counts", dependencies=READ)
def count_jobs(app: AppDep, kind: str | None = None) -> CountsOut:
    """Jobs by state, what is paused, and with `kind` when the rest will be done."""
    app.queue.check_kind(kind)
    forecast = ForecastOut.model_validate(app.queue.forecast(kind)) if kind else None
    return CountsOut(
        counts=app.queue.count_jobs(kind),
        skipped=app.queue.count_failed(SKIPPED_CODES, kind),
        paused=app.queue.list_pauses(),
        waiting_for=_hindrance_out(app.hindrances.of_kind(kind)),
        forecast=forecast,
    )


@router.post("/pause", dependencies=JOBS)
def pause(body: ScopeIn, app: AppDep) -> PausedOut:
    """Start nothing more of a scope; what runs goes on to its end."""
    app.queue.pause(body.scope)
    return PausedOut(paused=app.queue.list_pauses())


@router.post("/resume", dependencies=JOBS)
def resume(body: ScopeIn, app: AppDep) -> PausedOut:
    """Take a pause back."""
    app.queue.resume(body.scope)
    return PausedOut(paused=app.queue.list_pauses())


@router.post("/cleanup", dependencies=JOBS)
def clean_up(body: CleanupIn, app: AppDep) -> RemovedOut:
    """Remove ended jobs by age and state."""
    app.queue.check_kind(body.kind)
    do = app.queue.count_removable if body.dry_run else app.queue.remove_ended
    removed = do(states=body.states, older_than_s=body.older_than_s, kind=body.kind)
    return RemovedOut(removed=removed)


@router.get("/{job_id}", dependencies=READ)
def get_job(job_id: RowId, app: AppDep) -> WaitingJobOut:
    """One job."""
    return waiting_job_out(app, app.queue.get_job(job_id))


@router.delete("/{job_id}", status_code=204, dependencies=JOBS)
def remove_job(job_id: RowId, app: AppDep) -> None:
    """Forget a job that does not run."""
    app.queue.remove(job_id)


@router.get("/{job_id}/log", dependencies=READ)
def list_log(job_id: RowId, app: AppDep, after: RowId = 0) -> Page[LogLineOut]:
    """The job's log, behind line `after`."""
    app.queue.get_job(job_id)
    lines = app.queue.list_log(job_id, after_seq=after)
    return Page(items=[LogLineOut.model_validate(line) for line in lines])


@router.get("/{job_id}/wait", dependencies=READ)
async def wait(
    job_id: RowId,
    request: Request,
    app: AppDep,
    timeout_s: Annotated[float, Query(ge=0, le=300)] = 30,
) -> WaitingJobOut:
    """The job as soon as it has ended, or as it is after `timeout_s` seconds."""
    job = await wait_for_job(request, app, Enqueued(job_id, False), timeout_s)
    return await asyncio.to_thread(waiting_job_out, app, job)


@router.post("/{job_id}/cancel", dependencies=JOBS)
def cancel(job_id: RowId, app: AppDep) -> CancelledOut:
    """Stop a job and all below it."""
    app.queue.get_job(job_id)
    return CancelledOut(cancelled=app.queue.cancel(job_id))


@router.post("/{job_id}/retry", dependencies=JOBS)
def retry(job_id: RowId, app: AppDep) -> JobOut:
    """Queue a failed or cancelled job once more."""
    return job_out(app.queue.retry(job_id))
