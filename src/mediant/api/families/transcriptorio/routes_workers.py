"""The speech workers."""

from functools import partial
from typing import Annotated

from fastapi import Depends

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.families.transcriptorio import calls, translate, wire
from mediant.api.families.transcriptorio.family import PREFIX, apart, body, family_router, given
from mediant.api.families.transcriptorio.family import query as asked

router = family_router()

NewWorkerDep = Annotated[wire.NewWorkerIn, Depends(body(wire.NewWorkerIn))]
TimeoutDep = Annotated[wire.TimeoutIn, Depends(asked(wire.TimeoutIn))]
PoolDep = Annotated[wire.PoolIn, Depends(given(wire.PoolIn))]


@router.get(f"{PREFIX}/workers", dependencies=READ)
def list_workers(app: AppDep) -> list[wire.WorkerOut]:
    """Every worker and what it is at."""
    return calls.list_workers(app)


@router.get(f"{PREFIX}/workers/stats", dependencies=READ)
def worker_stats(app: AppDep) -> wire.CrewStatsOut:
    """All workers in numbers."""
    return translate.crew_stats_out(app.subtitles.workers.stats())


@router.get(f"{PREFIX}/workers/{{worker_id}}", dependencies=READ)
def read_worker(worker_id: str, app: AppDep) -> wire.WorkerOut:
    """One worker."""
    return calls.show_worker(app, calls.find_worker(app, worker_id))


@router.post(f"{PREFIX}/workers", status_code=201, dependencies=ADMIN)
def add_worker(app: AppDep, wish: NewWorkerDep) -> wire.WorkerOut:
    """One more worker."""
    return calls.add_worker(app, wish)


@router.delete(f"{PREFIX}/workers/{{worker_id}}", dependencies=ADMIN)
async def remove_worker(worker_id: str, app: AppDep, wish: TimeoutDep) -> wire.MessageOut:
    """Let a worker end, or stop it after a while; its job is queued again."""
    await apart(partial(calls.remove_worker, app, worker_id, wish.timeout))
    return wire.MessageOut(message=f"Worker {worker_id} removed successfully")


@router.post(f"{PREFIX}/workers/pool/start", dependencies=ADMIN)
async def start_pool(app: AppDep, wish: PoolDep) -> wire.MessageOut:
    """Bring the workers up to these numbers at least; the answer tells how many there are."""
    cpu, gpu = await apart(partial(calls.start_pool, app, wish))
    return wire.MessageOut(message=f"Worker pool started: {cpu} CPU workers, {gpu} GPU workers")


@router.post(f"{PREFIX}/workers/pool/stop", dependencies=ADMIN)
async def stop_pool(app: AppDep, wish: TimeoutDep) -> wire.MessageOut:
    """Let every worker end, or stop it after a while."""
    await apart(partial(app.subtitles.workers.stop, wish.timeout))
    return wire.MessageOut(message="Worker pool stopped successfully")
