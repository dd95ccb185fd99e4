"""Tagging jobs: ask for one, list them, look at one; and what the server is."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request

from mediant.access.caller import Caller
from mediant.api.auth import JOBS, READ, AppDep, find_caller
from mediant.api.families.nomarr_v1 import calls, translate, wire
from mediant.api.families.nomarr_v1.family import family_router
from mediant.api.families.tag_jobs import KIND
from mediant.api.gates import gates_of
from mediant.api.numbers import RowId
from mediant.api.stream import wait_for_wish

router = family_router()


@router.post("/api/v1/tag", dependencies=JOBS, response_model_exclude_unset=True)
@router.post("/tag", dependencies=JOBS, response_model_exclude_unset=True)
async def tag(
    request: Request, app: AppDep, wish: Annotated[wire.TagIn, Depends(wire.read_tag)]
) -> wire.TagOut:
    """Tag a file or a folder; in blocking mode the answer for one file waits for the result."""
    taken = await gates_of(request).changes.run(partial(calls.enqueue, app, wish))
    if taken.awaited is None:
        return taken.answer
    timeout_s = app.settings.nomarr.blocking_timeout_s
    return translate.ended_out(await wait_for_wish(request, app, taken.awaited, timeout_s))


@router.get("/api/v1/queue", dependencies=READ)
@router.get("/queue", dependencies=READ)
@router.get("/web/api/queue", dependencies=READ)
def queue(app: AppDep, limit: Annotated[int, Query(ge=1)] = 5) -> wire.QueueOut:
    """The newest jobs, 25 at most, and a summary."""
    shown = min(limit, translate.QUEUE_LIMIT)
    jobs = [translate.job_out(job) for job in app.queue.list_jobs(kind=KIND, limit=shown)]
    summary = translate.counts_out(app.queue.count_jobs(KIND))
    return wire.QueueOut(summary=summary, jobs=jobs, limit=shown)


@router.get("/api/v1/list", dependencies=READ)
@router.get("/list", dependencies=READ)
@router.get("/web/api/list", dependencies=READ)
def list_jobs(
    app: AppDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: RowId = 0,
    status: str | None = None,
) -> wire.ListOut:
    """Jobs, newest first, by pages."""
    states = translate.states_of(status)
    found = app.queue.list_jobs(states=states, kind=KIND, offset=offset, limit=limit)
    counts = app.queue.count_jobs(KIND)
    total, shown = translate.total_of(counts, states), translate.counts_out(counts)
    jobs = [translate.millis_job_out(job) for job in found]
    return wire.ListOut(total=total, jobs=jobs, counts=shown, limit=limit, offset=offset)


@router.get("/api/v1/status/{job_id}", dependencies=READ)
@router.get("/status/{job_id}", dependencies=READ)
@router.get("/web/api/status/{job_id}", dependencies=READ)
def status(job_id: RowId, app: AppDep) -> wire.JobOut:
    """One job."""
    return translate.job_out(app.queue.get_job(job_id))


@router.get("/api/v1/info")
@router.get("/info")
def info(
    request: Request, app: AppDep, caller: Annotated[Caller, Depends(find_caller)]
) -> wire.InfoOut:
    """Settings, models, queue and worker. Open to all, but for the paths."""
    port = request.scope["server"][1]
    return calls.read_info(app, port=port, is_known=bool(caller.scopes))


@router.get("/web/api/info", dependencies=READ)
def web_info(request: Request, app: AppDep) -> wire.InfoOut:
    """The same for those who are logged in."""
    return calls.read_info(app, port=request.scope["server"][1], is_known=True)


@router.get("/web/api/show-tags", dependencies=READ)
def show_tags(app: AppDep, path: Annotated[str, Query(min_length=1)]) -> wire.OwnTagsOut:
    """Our tags in a file as it is now."""
    return calls.show_tags(app, path)
