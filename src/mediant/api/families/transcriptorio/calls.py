"""What the routes of workers and jobs ask of the core."""

from mediant.api.families.transcriptorio import translate, wire
from mediant.api.families.transcriptorio.translate_scanner import scanning_out
from mediant.app import App
from mediant.errors import Invalid, NotFound, Refused
from mediant.jobs.job import Job, JobState
from mediant.subtitles.transcribe.view import SubtitleJob
from mediant.subtitles.transcribe.wish import Wish
from mediant.subtitles.workers import SPEECH, SpeechWorker, wish_lanes

END_S = 10.0
"""A cancelled job has this long to end before the answer goes out."""
TYPES = ("cpu", "gpu")


def show_status(app: App) -> wire.StatusOut:
    """The whole at a glance."""
    return wire.StatusOut(
        system=wire.RunningOut(status="running", uptime_seconds=app.system.uptime_s()),
        workers=translate.crew_out(app.subtitles.workers.stats()),
        queue=translate.queue_out(app.subtitles.count_jobs()),
        scanner=scanning_out(app.subtitles.scanner.status()),
    )


# Workers


def list_workers(app: App) -> list[wire.WorkerOut]:
    """Every worker and what it is at."""
    return [show_worker(app, worker) for worker in app.subtitles.workers.list_workers()]


def find_worker(app: App, worker_id: str) -> SpeechWorker:
    """The worker of this id. Raises `NotFound`."""
    workers = app.subtitles.workers.list_workers()
    found = next((one for one in workers if translate.worker_id(one) == worker_id), None)
    if found is None:
        raise NotFound("Worker not found", asset=worker_id)
    return found


def show_worker(app: App, worker: SpeechWorker) -> wire.WorkerOut:
    """A worker and what it is at."""
    return translate.worker_out(worker, _job_of(app, worker))


def _job_of(app: App, worker: SpeechWorker) -> Job | None:
    """Its job; None when it was removed meanwhile."""
    if worker.job_id is None:
        return None
    try:
        return app.queue.get_job(worker.job_id)
    except NotFound:
        return None


def add_worker(app: App, wish: wire.NewWorkerIn) -> wire.WorkerOut:
    """One more worker. Raises `Invalid` for an unknown type, and for a GPU without its number."""
    type_name = wish.worker_type.lower()
    if type_name not in TYPES:
        raise Invalid("The type of a worker is `cpu` or `gpu`.", asset=wish.worker_type)
    is_gpu = type_name == "gpu"
    device_id = wish.device_id if is_gpu else None
    return show_worker(app, app.subtitles.workers.add(is_gpu=is_gpu, device_id=device_id))


def remove_worker(app: App, worker_id: str, timeout_s: float) -> None:
    """Let a worker end; blocks. Raises `NotFound`."""
    app.subtitles.workers.remove(find_worker(app, worker_id).name, timeout_s)


def start_pool(app: App, wish: wire.PoolIn) -> tuple[int, int]:
    """At least so many workers; those that there are now, on the CPU and on GPUs."""
    cpu, gpu = wish.cpu_workers, wish.gpu_workers
    if cpu is None and gpu is None:
        devices = wish_lanes(app.subtitles.settings())[SPEECH].devices
        gpu = sum(device is not None for device in devices)
        cpu = len(devices) - gpu
    return app.subtitles.workers.start(cpu or 0, gpu or 0)


# Jobs


def list_jobs(app: App, wish: wire.JobsIn) -> wire.JobsOut:
    """One page of jobs."""
    states = None if wish.status_filter is None else [translate.STATES[wish.status_filter]]
    page = app.subtitles.list_jobs(
        states=states, offset=(wish.page - 1) * wish.page_size, limit=wish.page_size
    )
    return translate.jobs_out(page, wish.page, wish.page_size, _names(app))


def show_job(app: App, job: SubtitleJob) -> wire.JobOut:
    """One job."""
    return translate.job_out(job, _names(app))


def create_job(app: App, wish: wire.NewJobIn) -> wire.JobOut:
    """A job for one file. Raises `Invalid`, and `Refused` when the same is under way."""
    job = app.subtitles.enqueue(
        Wish(
            path=wish.file_path,
            target_language=wish.target_lang,
            source_language=wish.source_lang or None,
            preset=wish.quality_preset or "fast",
            mode=wish.transcribe_or_translate,
            priority=wish.priority,
            is_manual=wish.is_manual_request,
        )
    )
    return show_job(app, job)


def retry_job(app: App, job_id: str) -> wire.JobOut:
    """Do a failed job again. Raises `NotFound`, `Invalid` for one that has not failed, and
    `Refused` when the same work is under way already."""
    job = app.subtitles.get_job(job_id)
    if job.state is not JobState.FAILED:
        text = f"Only failed jobs can be retried; this one is {translate.STATUS[job.state]}."
        raise Invalid(text, asset=f"job {job_id}")
    return show_job(app, app.subtitles.retry(job.id))


def cancel_job(app: App, job_id: str) -> None:
    """Cancel a job and wait until it has ended. Raises `NotFound`, and `Invalid` for one that had
    ended before."""
    try:
        job = app.subtitles.cancel(job_id)
    except Refused as ended:
        raise Invalid(ended.text, asset=f"job {job_id}") from ended
    state = app.queue.wait(job.id, END_S).state
    if state is not JobState.CANCELLED:
        raise Invalid(f"The job ended before: {translate.STATUS[state]}.", asset=f"job {job_id}")


def _names(app: App) -> dict[str, str]:
    return translate.worker_names(app.subtitles.workers.list_workers())
