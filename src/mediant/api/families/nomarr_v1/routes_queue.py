"""The queue: take jobs out of it, and see how long it is. What runs is never removed."""

from typing import Annotated

from fastapi import Depends

from mediant.api.auth import JOBS, READ, AppDep
from mediant.api.families.nomarr_v1 import calls, wire
from mediant.api.families.nomarr_v1.family import family_router

router = family_router()


@router.post("/admin/queue/remove", dependencies=JOBS)
@router.post("/api/v1/admin/queue/remove", dependencies=JOBS)
@router.post("/web/api/queue/remove", dependencies=JOBS)
def remove(
    app: AppDep, wish: Annotated[wire.RemoveIn, Depends(wire.read_remove)]
) -> wire.RemovedOut:
    """Remove one job. As documented, the worker is enabled afterwards."""
    return calls.remove(app, wish)


@router.post("/admin/queue/flush", dependencies=JOBS)
@router.post("/api/v1/admin/queue/flush", dependencies=JOBS)
@router.post("/web/api/queue/flush", dependencies=JOBS)
def flush(app: AppDep, wish: Annotated[wire.FlushIn, Depends(wire.read_flush)]) -> wire.FlushedOut:
    """Remove all jobs of some statuses. As documented, the worker is enabled afterwards."""
    return calls.flush(app, wish)


@router.post("/admin/queue/cleanup", dependencies=JOBS)
@router.post("/api/v1/admin/queue/cleanup", dependencies=JOBS)
@router.post("/web/api/queue/cleanup", dependencies=JOBS)
def clean_up(
    app: AppDep, wish: Annotated[wire.CleanupIn, Depends(wire.read_cleanup)]
) -> wire.CleanedOut:
    """Remove jobs that ended long ago."""
    return calls.clean_up(app, wish)


@router.post("/web/api/queue/reset-stuck", dependencies=JOBS)
def reset_stuck(app: AppDep) -> wire.ResetOut:
    """Let jobs wait again whose worker is gone."""
    return wire.ResetOut(reset_count=app.queue.reset_stuck())


@router.get("/web/api/queue-depth", dependencies=READ)
def read_depth(app: AppDep) -> wire.DepthOut:
    """The queue in numbers."""
    return calls.read_depth(app)
