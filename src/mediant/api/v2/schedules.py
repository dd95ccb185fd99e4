"""`/api/v2/jobs/schedules`: jobs that come again by the clock."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import Field

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.v2.problem import PREFIX, v2_router
from mediant.api.v2.wire import In, Out, Page
from mediant.jobs.schedule import Schedule

# Its server puts it before `jobs`, whose `/{job_id}` would take its path.
router = v2_router("jobs/schedules")


class ScheduleIn(In):
    """A new schedule."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")
    kind: str = Field(description="Kind of the job, such as `scan`.")
    cron: str = Field(max_length=200, description="A cron line: minute hour day month weekday.")
    tz: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="The cron line's time zone, like `Europe/Berlin`; else the server's.",
    )
    payload: dict[str, Any] = Field(default_factory=dict, description="What the job gets.")


class ScheduleChange(In):
    """What can be changed."""

    enabled: bool = Field(description="Switched on again, it makes up for nothing.")


class ScheduleOut(Out):
    """One schedule. Moments have the offset of its time zone."""

    id: int
    name: str
    kind: str
    payload: dict[str, Any]
    cron: str
    tz: str
    enabled: bool
    next_run: datetime
    last_run: datetime | None


def _out(one: Schedule) -> ScheduleOut:
    return ScheduleOut.model_validate(
        {**asdict(one), "next_run": one.next_at, "last_run": one.last_at}
    )


@router.get("", dependencies=READ)
def list_schedules(app: AppDep) -> Page[ScheduleOut]:
    """All schedules, by name."""
    found = app.schedules.list_schedules()
    return Page(items=[_out(one) for one in found])


@router.post("", status_code=201, dependencies=ADMIN)
def add_schedule(body: ScheduleIn, app: AppDep, response: Response) -> ScheduleOut:
    """Have a job enqueued by the clock."""
    made = app.schedules.add(body.name, body.kind, body.cron, body.tz, body.payload)
    response.headers["Location"] = f"{PREFIX}/jobs/schedules/{made.name}"
    return _out(made)


@router.get("/{name}", dependencies=READ)
def get_schedule(name: str, app: AppDep) -> ScheduleOut:
    """One schedule."""
    return _out(app.schedules.get(name))


@router.patch("/{name}", dependencies=ADMIN)
def change_schedule(name: str, body: ScheduleChange, app: AppDep) -> ScheduleOut:
    """Switch a schedule on or off."""
    app.schedules.enable(name, body.enabled)
    return _out(app.schedules.get(name))


@router.delete("/{name}", status_code=204, dependencies=ADMIN)
def remove_schedule(name: str, app: AppDep) -> None:
    """Forget a schedule; its jobs stay."""
    app.schedules.remove(name)
