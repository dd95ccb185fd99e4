"""`/api/v2/workers`: the processes that do the work."""

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.v2.problem import PREFIX, v2_router
from mediant.api.v2.wire import In, Moment, Out, Page
from mediant.errors import NotFound

router = v2_router("workers")

Lane = Literal["cpu", "io", "speech", "detect"]
"""`jobs.lane.LANES`, spelled out for the schema; a test compares them."""


class WorkerOut(Out):
    """One worker process."""

    name: str
    lane: str
    device: str | None
    pid: int | None
    state: str
    job_id: int | None
    done: int
    failed: int
    started_at: Moment
    seen_at: Moment
    fault: str | None = Field(description="Why it gets no process.")


class NewWorkerIn(In):
    """A wish for one more worker."""

    lane: Lane
    device: str | None = Field(
        None,
        pattern=r"^cuda:\d{1,4}$",
        description="A GPU such as `cuda:0`, for the lanes of speech. Null is the CPU.",
    )


class NamedOut(Out):
    """The worker that starts."""

    name: str


@router.get("", dependencies=READ)
def list_workers(app: AppDep) -> Page[WorkerOut]:
    """All workers of this server."""
    return Page(items=[WorkerOut.model_validate(one) for one in app.dispatcher.list_workers()])


@router.post("", status_code=201, dependencies=ADMIN)
def add_worker(body: NewWorkerIn, app: AppDep, response: Response) -> NamedOut:
    """Start one more worker, until the server stops."""
    name = app.dispatcher.add_worker(body.lane, body.device)
    response.headers["Location"] = f"{PREFIX}/workers/{name}"
    return NamedOut(name=name)


@router.delete("/{name}", status_code=204, dependencies=ADMIN)
def remove_worker(
    name: str, app: AppDep, drain_s: Annotated[float, Query(ge=0, le=3600)] = 10
) -> None:
    """Stop a worker once its job has ended, or after `drain_s` seconds."""
    if name not in {one.name for one in app.dispatcher.list_workers()}:
        raise NotFound("There is no such worker.", asset=name)
    app.dispatcher.remove_worker(name, drain_s)
