"""Between the core's words and those of `nomarr-v1`. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mediant.api.families.nomarr_v1 import wire
from mediant.api.families.tag_jobs import FAILED, STATUS, error_of, failed_of, write_error_of
from mediant.errors import Invalid, MediantError
from mediant.jobs.job import Job, JobState
from mediant.kernel.clock import to_datetime
from mediant.models.suite import Suite
from mediant.settings import Settings

FILTERS: Mapping[str, Sequence[JobState]] = {
    "pending": (JobState.QUEUED,),
    "queued": (JobState.QUEUED,),
    "running": (JobState.RUNNING,),
    "done": (JobState.DONE,),
    "error": FAILED,
}
QUEUE_LIMIT = 25
NO_POLLING_S = 0
"""Workers are woken, never polled; the documented key tells so."""


def states_of(status: str | None) -> Sequence[JobState] | None:
    """The states behind a status filter; None without one. Raises `Invalid`."""
    if not status:
        return None
    states = FILTERS.get(status.strip().lower())
    if states is None:
        raise Invalid("Status is one of: pending, running, done, error.", asset=status)
    return states


def flushed_of(statuses: Sequence[str]) -> dict[str, Sequence[JobState]]:
    """The states behind each of these statuses, each status once. Raises `Invalid`."""
    words = [status.strip().lower() for status in statuses]
    if not any(words):
        raise Invalid("Which statuses? Give `statuses`: pending, error, done.")
    return {word: states_of(word or "?") or () for word in words}


def iso(epoch_s: float | None) -> str | None:
    """`2025-10-26T12:00:00`: UTC, whole seconds, no zone."""
    return None if epoch_s is None else to_datetime(epoch_s).strftime("%Y-%m-%dT%H:%M:%S")


def millis(epoch_s: float | None) -> int | None:
    """Milliseconds since 1970."""
    return None if epoch_s is None else round(epoch_s * 1000)


def status_of(job: Job) -> str:
    """The job's status. This family knows tagging and writing as one thing: a job whose results
    are stored, but whose wanted write failed, is an `error` with the reason, never `done`.

    Filters and counts go by the job's own state, where such a job is done.
    """
    return "error" if write_error_of(job) else STATUS[job.state]


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
        error=failed_of(counts),
    )


def total_of(counts: Mapping[JobState, int], states: Sequence[JobState] | None) -> int:
    """How many jobs a filter lets through."""
    return sum(counts[state] for state in (states or tuple(JobState)))


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


def processed_out(path: str, job: Job) -> wire.ProcessedOut:
    """What became of one file: the keys that were written into it, and how long that took."""
    took_s = (job.finished_at or 0.0) - (job.started_at or job.finished_at or 0.0)
    written, error = int((job.result or {}).get("tags_written", 0)), error_of(job)
    if not job.state.is_ended:
        took_s, error = 0.0, f"It is not done yet; job {job.id} goes on."
    facts = {"path": path, "tags_written": written, "duration": round(took_s, 3)}
    return wire.ProcessedOut(**facts) if error is None else wire.ProcessedOut(**facts, error=error)


def unprocessed_out(path: str, error: MediantError) -> wire.ProcessedOut:
    """A path that could not even be asked for."""
    return wire.ProcessedOut(path=path, tags_written=0, duration=0.0, error=str(error))


def models_out(suite: Suite) -> wire.ModelsOut:
    """What is installed: networks that embed, and all that read a label from them."""
    tagging = sum(1 for backbone in suite.backbones if backbone.tag_labels)
    names = [backbone.name for backbone in suite.backbones]
    return wire.ModelsOut(total_heads=len(suite.heads) + tagging, embeddings=names)
