"""What `transcriptorio` takes and gives for the status, the workers and the jobs."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from mediant.api.numbers import LARGEST
from mediant.kernel.paths import is_storable


def storable(text: str) -> str:
    """The text, if a database takes it."""
    if not is_storable(text):
        raise ValueError("It holds characters that are no text")
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(storable),
]
Path = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Preset = Literal["fast", "balanced", "best"]
Mode = Literal["transcribe", "translate"]
JobStatus = Literal["queued", "processing", "completed", "failed", "cancelled"]
Count = Annotated[int, Field(ge=0, le=1024)]
Timeout = Annotated[float, Field(ge=0, le=3600)]
MOST_PRIORITY = 499_999
Priority = Annotated[int, Field(ge=-MOST_PRIORITY, le=MOST_PRIORITY)]


class MessageOut(BaseModel):
    """What was done, in words."""

    message: str


# Status


class RunningOut(BaseModel):
    """The server."""

    status: str
    uptime_seconds: float


class CrewOut(BaseModel):
    """The speech workers in numbers."""

    total_workers: int
    cpu_workers: int
    gpu_workers: int
    idle_workers: int
    busy_workers: int
    total_jobs_completed: int
    total_jobs_failed: int


class QueueOut(BaseModel):
    """Jobs by status."""

    total_jobs: int
    queued: int
    processing: int
    completed: int
    failed: int
    cancelled: int


class ScanningOut(BaseModel):
    """What is wished of the scanner, and what it does."""

    scheduler_enabled: bool
    scheduler_running: bool
    next_scan_time: str | None
    watcher_enabled: bool
    watcher_running: bool


class StatusOut(BaseModel):
    """The whole at a glance."""

    system: RunningOut
    workers: CrewOut
    queue: QueueOut
    scanner: ScanningOut


# Workers


class WorkerOut(BaseModel):
    """One speech worker."""

    worker_id: str
    worker_type: str
    device_id: int | None
    status: str
    current_job_id: str | None
    jobs_completed: int
    jobs_failed: int
    uptime_seconds: float
    current_job_progress: float
    current_job_eta: int | None
    error: str | None = None


class CrewStatsOut(CrewOut):
    """The speech workers in more numbers."""

    stopped_workers: int
    error_workers: int
    uptime_seconds: float
    is_running: bool


class NewWorkerIn(BaseModel):
    """A wish for one more worker."""

    worker_type: Text
    device_id: Annotated[int, Field(ge=0, le=1024)] | None = None


class TimeoutIn(BaseModel):
    """How long a worker may go on with its job before it is stopped, in seconds."""

    timeout: Timeout = 30.0


class PoolIn(BaseModel):
    """How many workers there shall be at least; without both numbers as many as configured."""

    cpu_workers: Count | None = None
    gpu_workers: Count | None = None


# Jobs


class JobOut(BaseModel):
    """One job."""

    id: str
    file_path: str
    file_name: str
    job_type: str
    status: JobStatus
    priority: int
    source_lang: str | None
    target_lang: str | None
    quality_preset: str | None
    transcribe_or_translate: str | None
    progress: float
    current_stage: str
    eta_seconds: int | None
    created_at: str
    started_at: str | None
    completed_at: str | None
    output_path: str | None
    segments_count: int | None
    error: str | None
    retry_count: int
    worker_id: str | None
    vram_used_mb: int | None
    processing_time_seconds: float | None
    model_used: str | None
    device_used: str | None
    compute_type: str | None
    language_confidence: float | None
    note: str | None
    is_manual_request: bool


class JobsIn(BaseModel):
    """Which jobs to list."""

    status_filter: JobStatus | None = None
    page: Annotated[int, Field(ge=1, le=LARGEST // 500)] = 1
    page_size: Annotated[int, Field(ge=1, le=500)] = 50


class JobsOut(BaseModel):
    """One page of jobs, the newest first."""

    jobs: list[JobOut]
    total: int
    page: int
    page_size: int


class NewJobIn(BaseModel):
    """A wish for subtitles of one file."""

    file_path: Path
    file_name: str | None = None
    source_lang: str | None = None
    target_lang: Text
    quality_preset: Preset | None = None
    transcribe_or_translate: Mode | None = None
    priority: Priority = 0
    is_manual_request: bool = True
