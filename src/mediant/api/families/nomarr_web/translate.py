"""Between the core's words and those of `nomarr-web`. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from mediant.api.families.nomarr_web import wire
from mediant.api.families.tag_jobs import STATUS, Asked, depth_of, error_of, failed_of
from mediant.jobs.crew import WorkerInfo, WorkerState
from mediant.jobs.job import Job, JobState
from mediant.library.files import LibraryStatistics
from mediant.library.libraries import LibraryEntry
from mediant.system.health import Health

TOPIC_STATES: Mapping[str, JobState] = {
    "job.queued": JobState.QUEUED,
    "job.requeued": JobState.QUEUED,
    "job.started": JobState.RUNNING,
    "job.done": JobState.DONE,
    "job.failed": JobState.FAILED,
    "job.cancelled": JobState.CANCELLED,
}
"""The events that move a job, and where to."""
WORKER_STATUS: Mapping[WorkerState, str] = {
    WorkerState.STARTING: "pending",
    WorkerState.IDLE: "healthy",
    WorkerState.BUSY: "healthy",
    WorkerState.LEAVING: "healthy",
    WorkerState.ERROR: "recovering",
}
DEAD = "dead"
WORK_OF_LANE: Mapping[str, str] = {"cpu": "tag", "gpu": "tag", "io": "library"}
"""What a lane's workers do, in this family's word."""
QUEUES: Mapping[str, Sequence[str]] = {
    "tag": ("tag",),
    "library": ("scan", "match", "forget"),
    "calibration": ("calibrate",),
}
"""This family's queues, and the kinds of job in each."""
HEALTH: Mapping[str, str] = {"healthy": "healthy", "degraded": "degraded", "unhealthy": "error"}
OLD_WEIGHT = 0.8
"""Of the average, when another job has ended."""


def zulu(moment: datetime | None) -> str | None:
    """`2025-01-01T00:00:00Z`."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def millis(epoch_s: float | None) -> int | None:
    """Milliseconds since 1970."""
    return None if epoch_s is None else round(epoch_s * 1000)


def counts_out(counts: Mapping[JobState, int]) -> wire.CountsOut:
    """The five states as four."""
    return wire.CountsOut(
        pending=counts[JobState.QUEUED],
        running=counts[JobState.RUNNING],
        completed=counts[JobState.DONE],
        errors=failed_of(counts),
    )


def depth_out(counts: Mapping[JobState, int]) -> wire.DepthOut:
    """The queue in numbers, in both shapes that clients look for."""
    four = counts_out(counts)
    return wire.DepthOut(depth=depth_of(counts), counts=four, **four.model_dump())


def files_text(count: int) -> str:
    """`1 file`, `2 files`."""
    return f"{count} file" if count == 1 else f"{count} files"


def processed_out(asked: Sequence[Asked]) -> wire.ProcessedOut:
    """What became of the paths; at least one of them gave a job."""
    created = {job.job_id: job.created for one in asked for job in one.jobs}
    skipped = [wire.SkippedOut(path=one.path, reason=str(one.error)) for one in asked if one.error]
    return wire.ProcessedOut(
        enqueued=len(created),
        message=f"Queued {files_text(len(created))} for processing",
        already_queued=sum(not is_new for is_new in created.values()),
        skipped=skipped,
    )


def statistics_out(found: LibraryStatistics) -> wire.StatisticsOut:
    """All libraries in numbers; missing files do not count."""
    return wire.StatisticsOut(
        total_files=found.files,
        unique_artists=found.artists,
        unique_albums=found.albums,
        total_duration_seconds=found.duration_s,
    )


def library_out(entry: LibraryEntry) -> wire.LibraryOut:
    """One library."""
    return wire.LibraryOut(
        id=entry.id,
        name=entry.name,
        root_path=str(entry.root_path),
        is_enabled=entry.is_enabled,
        watch_mode=entry.watch_mode,
        file_write_mode=entry.write_mode,
        scan_status=entry.scan_state,
        scan_error=entry.scan_error,
        scanned_at=zulu(entry.scanned_at),
        created_at=zulu(entry.created_at) or "",
        updated_at=zulu(entry.updated_at) or "",
    )


def library_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """A library's fields under the core's names."""
    fields = {name: value for name, value in given.items() if value is not None}
    if "file_write_mode" in fields:
        mode = fields.pop("file_write_mode")
        fields["write_mode"] = write_mode(mode)
    return fields


def write_mode(given: str) -> str:
    """The core's word for a write mode; `native` is another name of `full`."""
    return "full" if given == "native" else given


def scanned_out(job: Job, counts: Mapping[str, int]) -> wire.ScannedOut:
    """What a scan that did not fail gave the queue. `counts`: so far, while it goes on."""
    status = STATUS[job.state]
    if job.state is JobState.DONE:
        queued = int((job.result or {}).get("queued", 0))
        text = f"Queued {files_text(queued)} for processing"
    else:
        queued = counts.get("queued", 0)
        doing = "goes on" if job.state is JobState.RUNNING else "waits for a worker"
        text = f"Queued {files_text(queued)} for processing so far; the scan {doing}"
    return wire.ScannedOut(queued=queued, message=text, scan_id=job.id, scan_status=status)


# Live events


def average_s(old: float | None, took_s: float) -> float:
    """The running average of how long a job takes, when another one has ended."""
    return took_s if old is None else OLD_WEIGHT * old + (1 - OLD_WEIGHT) * took_s


def queue_status(
    queue: str, counts: Mapping[JobState, int], average: float | None, active: int
) -> dict[str, Any]:
    """`queue:status`. `average`: seconds a job takes, None until one was measured; `active`:
    workers that take jobs up; the time left is known when there is both."""
    four = counts_out(counts)
    eta = average * four.pending / active if average is not None and active else None
    return {
        "pending": four.pending,
        "running": four.running,
        "completed": four.completed,
        "errors": four.errors,
        "avg_time": None if average is None else round(average, 3),
        "eta": None if eta is None else round(eta, 1),
        "queue_type": queue,
    }


def job_state(job: Job, state: JobState, text: str | None = None) -> dict[str, Any]:
    """`queue:jobs`: a job at the moment when it came to be in `state`. `text`: why it failed."""
    path = job.payload.get("path")
    error = text if state is JobState.FAILED else None
    if state is JobState.CANCELLED:
        error = "cancelled"
    elif state is JobState.DONE:
        error = error_of(job) if job.state is JobState.DONE else None
    return {
        "id": job.id,
        "path": None if path is None else str(path),
        "status": "error" if error else STATUS[state],
        "error": error,
    }


def component_of(lane: str, name: str) -> str:
    """`worker:tag:0` for the worker `cpu-1`."""
    number = name.rpartition("-")[2]
    index = str(int(number) - 1) if number.isdigit() else name
    return f"worker:{WORK_OF_LANE.get(lane, lane)}:{index}"


def worker_states(workers: Collection[WorkerInfo]) -> dict[str, dict[str, Any]]:
    """`worker:tag:0:status` and its like, by topic."""
    found = {}
    for worker in workers:
        component = component_of(worker.lane, worker.name)
        found[f"{component}:status"] = {
            "component": component,
            "status": WORKER_STATUS[worker.state],
            "pid": worker.pid,
            "current_job": worker.job_id,
            "id": worker.name,
            "queue_type": WORK_OF_LANE.get(worker.lane, worker.lane),
        }
    return found


def buried(worker: Mapping[str, Any]) -> dict[str, Any]:
    """A worker that is no more."""
    return {**worker, "status": DEAD, "pid": None, "current_job": None}


def health_out(health: Health) -> dict[str, Any]:
    """`system:health`."""
    return {"status": HEALTH[health.status], "errors": list(health.problems)}
