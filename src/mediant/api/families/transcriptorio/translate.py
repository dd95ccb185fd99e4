"""Workers, jobs and their numbers in the words of `transcriptorio`. Pure."""

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from mediant.api.families.transcriptorio import wire
from mediant.api.families.transcriptorio.family import moment
from mediant.jobs.job import Job, JobState
from mediant.subtitles.transcribe.view import JobPage, SubtitleJob
from mediant.subtitles.workers import SpeechWorker, WorkerStats

STATUS: Mapping[JobState, wire.JobStatus] = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "processing",
    JobState.DONE: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
STATES: Mapping[wire.JobStatus, JobState] = {word: state for state, word in STATUS.items()}

FIRST_STAGE, LAST_STAGE = "pending", "finalizing"
_SEAT = re.compile(r"speech-(?:(?P<type>gpu)-)?(?P<number>[1-9][0-9]*)")
STAGES = frozenset(
    {
        FIRST_STAGE,
        "loading_model",
        "extracting_audio",
        "detecting_language",
        "language_detection",
        "transcribing",
        "translating",
        "generating_subtitles",
        "post_processing",
        LAST_STAGE,
    }
)
"""The words that the family has for what a job is at."""


def worker_id(worker: SpeechWorker) -> str:
    """The family's name of a worker; it counts from 0."""
    return f"worker-{worker_type(worker)}-{worker.number - 1}"


def seat_id(name: str) -> str:
    """The same from a seat's name, such as `speech-2` or `speech-gpu-1`; others keep theirs."""
    found = _SEAT.fullmatch(name)
    if found is None:
        return name
    return f"worker-{found['type'] or 'cpu'}-{int(found['number']) - 1}"


def worker_type(worker: SpeechWorker) -> str:
    """`cpu` or `gpu`."""
    return "gpu" if worker.is_gpu else "cpu"


def worker_out(worker: SpeechWorker, job: Job | None) -> wire.WorkerOut:
    """A worker and what it is at. `job`: the one that it works on."""
    return wire.WorkerOut(
        worker_id=worker_id(worker),
        worker_type=worker_type(worker),
        device_id=worker.device_id,
        status=worker.state,
        current_job_id=None if job is None else str(job.id),
        jobs_completed=worker.done,
        jobs_failed=worker.failed,
        uptime_seconds=_one_digit(worker.uptime_s),
        current_job_progress=0.0 if job is None else percent(job.progress),
        current_job_eta=None if job is None else whole_seconds(job.eta_s),
        error=worker.fault,
    )


def crew_out(stats: WorkerStats) -> wire.CrewOut:
    """The workers in numbers."""
    return wire.CrewOut(
        total_workers=stats.total,
        cpu_workers=stats.cpu,
        gpu_workers=stats.gpu,
        idle_workers=stats.idle,
        busy_workers=stats.busy,
        total_jobs_completed=stats.done,
        total_jobs_failed=stats.failed,
    )


def crew_stats_out(stats: WorkerStats) -> wire.CrewStatsOut:
    """The workers in more numbers."""
    return wire.CrewStatsOut(
        **crew_out(stats).model_dump(),
        stopped_workers=stats.stopped,
        error_workers=stats.error,
        uptime_seconds=_one_digit(stats.uptime_s),
        is_running=stats.is_running,
    )


def queue_out(counts: Mapping[JobState, int]) -> wire.QueueOut:
    """Jobs by status."""
    by_word = {word: counts.get(state, 0) for state, word in STATUS.items()}
    return wire.QueueOut(total_jobs=sum(by_word.values()), **by_word)


def jobs_out(page: JobPage, number: int, size: int, names: Mapping[str, str]) -> wire.JobsOut:
    """One page of jobs. `names`: ids of workers by their seats."""
    jobs = [job_out(job, names) for job in page.jobs]
    return wire.JobsOut(jobs=jobs, total=page.total, page=number, page_size=size)


def job_out(job: SubtitleJob, names: Mapping[str, str]) -> wire.JobOut:
    """One job. A worker that is gone keeps its id."""
    return wire.JobOut(
        id=str(job.id),
        file_path=job.file_path,
        file_name=PurePath(job.file_path).name,
        job_type=job.job_type,
        status=STATUS[job.state],
        priority=job.priority,
        source_lang=job.source_language,
        target_lang=job.target_language,
        quality_preset=job.preset,
        transcribe_or_translate=job.mode,
        progress=100.0 if job.state is JobState.DONE else percent(job.progress),
        current_stage=stage_of(job.state, job.stage),
        eta_seconds=whole_seconds(job.eta_s) if job.state is JobState.RUNNING else None,
        created_at=moment(job.created_at) or "",
        started_at=moment(job.started_at),
        completed_at=moment(job.finished_at),
        output_path=job.output_path,
        segments_count=job.segments_count,
        error=job.error if job.state is JobState.FAILED else None,
        retry_count=job.retry_count,
        worker_id=None if job.worker is None else names.get(job.worker) or seat_id(job.worker),
        vram_used_mb=job.vram_mb,
        processing_time_seconds=None if job.seconds is None else round(job.seconds, 3),
        model_used=job.model,
        device_used=job.device,
        compute_type=job.compute_type,
        language_confidence=job.language_confidence,
        note=job.note,
        is_manual_request=job.is_manual,
    )


def stage_of(state: JobState, stage: str | None) -> str:
    """What a job is at. A completed one stays at the last stage."""
    if state is JobState.DONE:
        return LAST_STAGE
    if state is JobState.QUEUED or stage not in STAGES:
        return FIRST_STAGE
    return stage


def worker_names(workers: Iterable[SpeechWorker]) -> dict[str, str]:
    """The family's names by those of the seats."""
    return {worker.name: worker_id(worker) for worker in workers}


def percent(fraction: float) -> float:
    """0 to 100, with one digit behind the point."""
    return _one_digit(100.0 * min(1.0, max(0.0, fraction)))


def whole_seconds(seconds: float | None) -> int | None:
    """A duration that has been guessed, in whole seconds, upwards."""
    return None if seconds is None else math.ceil(max(0.0, seconds))


def _one_digit(number: float) -> float:
    return round(float(number), 1)
