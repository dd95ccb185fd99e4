"""What the routes ask of the core."""

from dataclasses import dataclass

from mediant.api.families.nomarr_v1 import translate, wire
from mediant.app import App
from mediant.errors import Invalid, NotFound
from mediant.jobs.job import Enqueued

KIND = "tag"


@dataclass(frozen=True, slots=True)
class Taken:
    """The immediate answer, and the wish to wait for before answering, if any."""

    answer: wire.QueuedOut | wire.ManyOut
    awaited: Enqueued | None = None


def enqueue(app: App, wish: wire.TagIn) -> Taken:
    """Enqueue what was asked for.

    Nobody waits for a folder, for several files, or while no worker takes jobs up.
    """
    paths = [app.library.to_ours(path) for path in wish.paths]
    jobs = []
    for path in paths:
        try:
            jobs += app.tagging.tag_path(path, force=wish.force)
        except Invalid as bad:
            # The documents know one answer for what is no audio: 404.
            raise NotFound(bad.text, asset=bad.asset, remedy=bad.remedy) from bad
    if len(paths) == 1 and len(jobs) == 1 and not paths[0].is_dir():
        waits = _waits(app)
        queued = wire.QueuedOut(job_id=jobs[0].job_id, status="queued", blocking=waits)
        return Taken(queued, jobs[0] if waits else None)
    many = wire.ManyOut(
        job_ids=[job.job_id for job in jobs],
        queue_depth=translate.depth_of(app.queue.count_jobs(KIND)),
        files_queued=sum(job.created for job in jobs),
        path=wish.paths[0],
        blocking=False,
    )
    return Taken(many)


def _waits(app: App) -> bool:
    works = translate.is_enabled(app.queue.list_pauses()) and app.dispatcher.is_alive
    return app.settings.nomarr.blocking_mode and works and bool(app.dispatcher.list_workers())


def read_info(app: App, *, port: int, is_known: bool) -> wire.InfoOut:
    """What `GET /api/v1/info` tells. `port`: where the server really listens."""
    enabled, counts = translate.is_enabled(app.queue.list_pauses()), app.queue.count_jobs(KIND)
    alive, beat_at = app.dispatcher.is_alive, app.dispatcher.beat_at
    return wire.InfoOut(
        config=translate.config_out(app.settings, port=port, enabled=enabled, is_known=is_known),
        models=translate.models_out(app.models.suite()),
        queue=wire.DepthOut(depth=translate.depth_of(counts), counts=translate.counts_out(counts)),
        worker=wire.WorkerOut(enabled=enabled, alive=alive, last_heartbeat=translate.iso(beat_at)),
    )
