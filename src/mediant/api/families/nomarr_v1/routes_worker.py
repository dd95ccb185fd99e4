"""The worker: let it rest, let it go on, let it look for new networks; and how it is."""

from mediant.api.auth import ADMIN, JOBS, READ, AppDep
from mediant.api.families import tag_jobs
from mediant.api.families.nomarr_v1 import calls, wire
from mediant.api.families.nomarr_v1.family import family_router

router = family_router()


@router.post("/admin/worker/pause", dependencies=JOBS)
@router.post("/api/v1/admin/worker/pause", dependencies=JOBS)
@router.post("/web/api/admin/worker/pause", dependencies=JOBS)
def pause(app: AppDep) -> wire.SwitchedOut:
    """Take up no tagging job; those that run are finished. It outlasts a restart."""
    tag_jobs.disable_worker(app.queue)
    return wire.SwitchedOut(worker_enabled=calls.is_enabled(app))


@router.post("/admin/worker/resume", dependencies=JOBS)
@router.post("/api/v1/admin/worker/resume", dependencies=JOBS)
@router.post("/web/api/admin/worker/resume", dependencies=JOBS)
def resume(app: AppDep) -> wire.SwitchedOut:
    """Take up tagging jobs again."""
    tag_jobs.enable_worker(app.queue)
    return wire.SwitchedOut(worker_enabled=calls.is_enabled(app))


@router.post("/admin/cache/refresh", dependencies=ADMIN)
@router.post("/api/v1/admin/cache/refresh", dependencies=ADMIN)
@router.post("/web/api/admin/cache/refresh", dependencies=ADMIN)
def refresh(app: AppDep) -> wire.RefreshedOut:
    """Look into the models folder anew; workers drop the networks that they hold."""
    return calls.refresh(app)


@router.get("/web/api/health", dependencies=READ)
@router.get("/internal/health", dependencies=READ)
def health(app: AppDep) -> wire.HealthOut:
    """Whether there are networks, and workers to run them."""
    return calls.read_health(app)
