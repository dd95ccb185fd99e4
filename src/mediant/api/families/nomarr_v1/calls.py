"""What the routes ask of the core."""

from dataclasses import dataclass

from mediant.access.sessions import NewSession
from mediant.api.auth import Presented
from mediant.api.families import tag_jobs
from mediant.api.families.nomarr_v1 import translate, wire
from mediant.api.families.tag_jobs import KIND
from mediant.app import App
from mediant.errors import MediantError, NotFound
from mediant.jobs.crew import WorkerState
from mediant.jobs.job import Enqueued


@dataclass(frozen=True, slots=True)
class Taken:
    """The immediate answer, and the wish to wait for before answering, if any."""

    answer: wire.QueuedOut | wire.ManyOut
    awaited: Enqueued | None = None


def enqueue(app: App, wish: wire.TagIn) -> Taken:
    """Enqueue what was asked for.

    Nobody waits for a folder, for several files, or while no worker takes jobs up.
    """
    jobs = [job for path in wish.paths for job in tag_jobs.tag_path(app, path, force=wish.force)]
    if len(wish.paths) == 1 and len(jobs) == 1 and not tag_jobs.is_folder(app, wish.paths[0]):
        waits = app.settings.nomarr.blocking_mode and tag_jobs.is_working(app)
        queued = wire.QueuedOut(job_id=jobs[0].job_id, status="queued", blocking=waits)
        return Taken(queued, jobs[0] if waits else None)
    many = wire.ManyOut(
        job_ids=[job.job_id for job in jobs],
        queue_depth=tag_jobs.depth_of(app.queue.count_jobs(KIND)),
        files_queued=sum(job.created for job in jobs),
        path=wish.paths[0],
        blocking=False,
    )
    return Taken(many)


def read_depth(app: App) -> wire.DepthOut:
    """The queue in numbers."""
    counts = app.queue.count_jobs(KIND)
    return wire.DepthOut(depth=tag_jobs.depth_of(counts), counts=translate.counts_out(counts))


def read_info(app: App, *, port: int, is_known: bool) -> wire.InfoOut:
    """What `GET /api/v1/info` tells. `port`: where the server really listens."""
    enabled = is_enabled(app)
    alive, beat_at = app.dispatcher.is_alive, app.dispatcher.beat_at
    return wire.InfoOut(
        config=translate.config_out(app.settings, port=port, enabled=enabled, is_known=is_known),
        models=translate.models_out(app.models.suite()),
        queue=read_depth(app),
        worker=wire.WorkerOut(enabled=enabled, alive=alive, last_heartbeat=translate.iso(beat_at)),
    )


def is_enabled(app: App) -> bool:
    """Whether tagging jobs are taken up."""
    return tag_jobs.is_enabled(app.queue.list_pauses())


def remove(app: App, wish: wire.RemoveIn) -> wire.RemovedOut:
    """Remove one job that does not run, and go on. Raises `NotFound` and `Refused`."""
    if app.queue.get_job(wish.job_id).kind != KIND:
        raise NotFound("There is no such tagging job.", asset=f"job {wish.job_id}")
    app.queue.remove(wish.job_id)
    tag_jobs.enable_worker(app.queue)
    return wire.RemovedOut(removed=wish.job_id, worker_enabled=is_enabled(app))


def flush(app: App, wish: wire.FlushIn) -> wire.FlushedOut:
    """Remove all jobs of some statuses, and go on. Raises `Invalid`; `Refused` for `running`."""
    by_status = translate.flushed_of(wish.statuses)
    states = dict.fromkeys(state for states in by_status.values() for state in states)
    removed = app.queue.flush(tuple(states), kind=KIND)
    tag_jobs.enable_worker(app.queue)
    return wire.FlushedOut(
        flushed_statuses=list(by_status), removed=removed, worker_enabled=is_enabled(app)
    )


def clean_up(app: App, wish: wire.CleanupIn) -> wire.CleanedOut:
    """Remove jobs that ended long enough ago."""
    states = (*translate.FILTERS["done"], *translate.FILTERS["error"])
    age_s = wish.max_age_hours * 3600.0
    removed = app.queue.remove_ended(states=states, older_than_s=age_s, kind=KIND)
    return wire.CleanedOut(max_age_hours=wish.max_age_hours, jobs_removed=removed)


def refresh(app: App) -> wire.RefreshedOut:
    """Look into the models folder anew, and let every worker drop the networks that it holds."""
    try:
        found = translate.models_out(app.models.suite())
    except OSError as failed:
        text = f"The models folder cannot be read: {failed.strerror or failed}."
        raise MediantError(text, asset=str(app.models.folder)) from failed
    app.dispatcher.refresh_workers()
    return wire.RefreshedOut(predictors=found.total_heads)


def read_health(app: App) -> wire.HealthOut:
    """Whether there are networks, and workers to run them."""
    workers = tag_jobs.list_workers(app)
    return wire.HealthOut(
        cache_initialized=bool(app.models.suite().backbones),
        worker_count=len(workers),
        available_workers=sum(worker.state is WorkerState.IDLE for worker in workers),
    )


def show_tags(app: App, path: str) -> wire.OwnTagsOut:
    """Our tags in a file itself. Raises `NotFound` for a file that is not known."""
    tags = app.tagging.read_own_tags(app.library.to_ours(path.strip()))
    namespace = app.settings.tagging.namespace
    return wire.OwnTagsOut(path=path.strip(), namespace=namespace, tags=tags, count=len(tags))


def login_out(session: NewSession) -> wire.LoginOut:
    """A new session, under both of its names."""
    return wire.LoginOut(
        token=session.token, session_token=session.token, expires_in=session.expires_in_s
    )


def log_out(app: App, presented: Presented) -> wire.LogoutOut:
    """End the session that a request carries, if it carries one."""
    token = presented.secret or presented.cookie
    return wire.LogoutOut(ended=bool(token) and app.access.logout(token or ""))
