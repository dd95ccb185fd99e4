"""A job of subtitles as people and families read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mediant.jobs.job import Job, JobState, Payload
from mediant.kernel.languages import UNKNOWN
from mediant.subtitles.transcribe.wish import DETECT, is_manual, read_priority

JobType = Literal["transcription", "language_detection"]
LAST_STAGE = "finalizing"
FIRST_STAGE = "pending"


@dataclass(frozen=True, slots=True)
class SubtitleJob:
    """One job, with what it found. Languages are ISO 639-2/T, times UTC epoch seconds."""

    id: int
    uuid: str
    job_type: JobType
    state: JobState
    file_path: str
    source_language: str | None
    target_language: str | None
    preset: str | None
    mode: str | None
    priority: int
    is_manual: bool
    progress: float
    """0 to 1."""
    stage: str | None
    eta_s: float | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    output_path: str | None
    segments_count: int | None
    language_confidence: float | None
    model: str | None
    device: str | None
    compute_type: str | None
    vram_mb: int | None
    seconds: float | None
    """That the work took."""
    error_code: str | None
    error: str | None
    note: str | None
    """What is to be said of a job that ended well, such as that nobody speaks, or that what was
    said in the spoken language could not be written as well."""
    retry_count: int
    worker: str | None


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some of the jobs, and how many there are."""

    jobs: Sequence[SubtitleJob]
    total: int


def to_view(job: Job) -> SubtitleJob:
    """The job as it reads."""
    wish, found = job.payload, job.result or {}
    return SubtitleJob(
        id=job.id,
        uuid=job.uuid,
        job_type="language_detection" if job.kind == DETECT else "transcription",
        state=job.state,
        file_path=str(wish["path"]),
        source_language=found.get("source_lang") or wish.get("source_lang"),
        target_language=_target(wish, found),
        preset=wish.get("preset"),
        mode=wish.get("mode"),
        priority=read_priority(job.priority),
        is_manual=is_manual(wish),
        progress=1.0 if job.state is JobState.DONE else job.progress,
        stage=_stage(job),
        eta_s=job.eta_s if job.state is JobState.RUNNING else None,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        seconds=_seconds(job, found),
        error_code=job.error_code,
        error=job.error,
        note=found.get("note"),
        retry_count=_retries(job),
        worker=job.worker,
        **{name: found.get(name) for name in _FOUND},
    )


_FOUND = (
    "output_path", "segments_count", "language_confidence", "model", "device", "compute_type",
    "vram_mb",
)  # fmt: skip


def _target(wish: Payload, found: Payload) -> str | None:
    """As it was wished, or as it turned out where the spoken language was wished."""
    wished = wish.get("target_lang")
    target = found.get("target_lang") if wished in (None, UNKNOWN) else wished
    return None if target in (None, UNKNOWN) else str(target)


def _stage(job: Job) -> str | None:
    if job.state is JobState.DONE:
        return LAST_STAGE
    if job.state is JobState.QUEUED:
        return FIRST_STAGE
    return job.stage


def _seconds(job: Job, found: Payload) -> float | None:
    told = found.get("seconds")
    if told is not None:
        return float(told)
    if job.started_at is None or job.finished_at is None:
        return None
    return max(0.0, job.finished_at - job.started_at)


def _retries(job: Job) -> int:
    """Attempts that began before the present one."""
    waits = job.state is JobState.QUEUED
    return max(0, job.attempt if waits else job.attempt - 1)
