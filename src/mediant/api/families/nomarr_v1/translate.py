"""Between the core's words and those of `nomarr-v1`. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mediant.api.families.nomarr_v1 import wire
from mediant.errors import Invalid
from mediant.jobs.job import Job, JobState
from mediant.kernel.clock import to_datetime
from mediant.models.suite import Suite
from mediant.settings import Settings

STATUS: Mapping[JobState, str] = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.FAILED: "error",
    JobState.CANCELLED: "error",
}
FILTERS: Mapping[str, Sequence[JobState]] = {
    "pending": (JobState.QUEUED,),
    "queued": (JobState.QUEUED,),
    "running": (JobState.RUNNING,),
    "done": (JobState.DONE,),
    "error": (JobState.FAILED, JobState.CANCELLED),
}
QUEUE_LIMIT = 25
NO_POLLING_S = 0
"""Workers are woken, never polled; the documented key tells so."""
PAUSES = frozenset({"all", "kind:tag", "lane:cpu"})
"""A pause of any of these is what this family calls a disabled worker."""


def states_of(status: str | None) -> Sequence[JobState] | None:
    """The states behind a status filter; None without one. Raises `Invalid`."""
    if not status:
        return None
    states = FILTERS.get(status.strip().lower())
    if states is None:
        raise Invalid("Status is one of: pending, running, done, error.", asset=status)
    return states


def iso(epoch_s: float | None) -> str | None:
    """`2025-10-26T12:00:00`: UTC, whole seconds, no zone."""
    return None if epoch_s is None else to_datetime(epoch_s).strftime("%Y-%m-%dT%H:%M:%S")


def millis(epoch_s: float | None) -> int | None:
    """Milliseconds since 1970."""
    return None if epoch_s is None else round(epoch_s * 1000)


def write_error_of(job: Job) -> str | None:
    """Why the tags that were wanted in the file are not there, for a job that is done."""
    found = (job.result or {}).get("write_error")
    return None if found is None else str(found)


def status_of(job: Job) -> str:
    """The job's status. This family knows tagging and writing as one thing: a job whose results
    are stored, but whose wanted write failed, is an `error` with the reason, never `done`.

    Filters and counts go by the job's own state, where such a job is done.
    """
    return "error" if write_error_of(job) else STATUS[job.state]


def error_of(job: Job) -> str | None:
    """Why a job did not end well. This family has no word for `cancelled`, so the text says it."""
    if job.state is JobState.CANCELLED:
        return "cancelled"
    return job.error if job.state is JobState.FAILED else write_error_of(job)


def _facts(job: Job) -> dict[str, Any]:
    path = job.payload.get("path")
    return {
        "job_id": job.id,
        "status": status_of(job),
        "path": None if path is None else str(path),
        "error": error_of(job),
    }


def job_out(job: Job) -> wire.JobOut:
    """A job with ISO times."""
    return wire.JobOut(
        **_facts(job),
        created_at=iso(job.created_at),
        started_at=iso(job.started_at),
        finished_at=iso(job.finished_at),
    )


def millis_job_out(job: Job) -> wire.MillisJobOut:
    """A job with times in milliseconds."""
    return wire.MillisJobOut(
        **_facts(job),
        created_at=millis(job.created_at),
        started_at=millis(job.started_at),
        finished_at=millis(job.finished_at),
    )


def ended_out(job: Job) -> wire.EndedOut:
    """The blocking answer: the ended job, or the job as it is with `timeout`."""
    facts = {**job_out(job).model_dump(), "blocking": True}
    return wire.EndedOut(**facts) if job.state.is_ended else wire.EndedOut(**facts, timeout=True)


def counts_out(counts: Mapping[JobState, int]) -> wire.CountsOut:
    """The five states as four."""
    return wire.CountsOut(
        pending=counts[JobState.QUEUED],
        running=counts[JobState.RUNNING],
        done=counts[JobState.DONE],
        error=counts[JobState.FAILED] + counts[JobState.CANCELLED],
    )


def depth_of(counts: Mapping[JobState, int]) -> int:
    """Jobs that are not yet done."""
    return counts[JobState.QUEUED] + counts[JobState.RUNNING]


def total_of(counts: Mapping[JobState, int], states: Sequence[JobState] | None) -> int:
    """How many jobs a filter lets through."""
    return sum(counts[state] for state in (states or tuple(JobState)))


def is_enabled(pauses: Sequence[str]) -> bool:
    """Whether tagging jobs are taken up."""
    return PAUSES.isdisjoint(pauses)


def config_out(settings: Settings, *, port: int, enabled: bool, is_known: bool) -> wire.ConfigOut:
    """The settings under this family's names; no paths for a caller who is not known."""
    database = settings.config_dir / "mediant.db" if settings.database_url is None else None
    return wire.ConfigOut(
        db_path=_path(database or "postgresql", is_known),
        models_dir=_path(settings.models_folder, is_known),
        namespace=settings.tagging.namespace,
        api_host=settings.host,
        api_port=port,
        worker_enabled=enabled,
        worker_enabled_default=True,
        poll_interval=NO_POLLING_S,
        blocking_mode=settings.nomarr.blocking_mode,
        blocking_timeout=round(settings.nomarr.blocking_timeout_s),
    )


def _path(path: Path | str, is_known: bool) -> str | None:
    return str(path) if is_known else None


def models_out(suite: Suite) -> wire.ModelsOut:
    """What is installed: networks that embed, and all that read a label from them."""
    tagging = sum(1 for backbone in suite.backbones if backbone.tag_labels)
    names = [backbone.name for backbone in suite.backbones]
    return wire.ModelsOut(total_heads=len(suite.heads) + tagging, embeddings=names)
