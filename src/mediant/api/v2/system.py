"""`/api/v2/system`: what runs here, how it is, how it is set up."""

from typing import Any, Literal

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import Moment, Out, Page

router = v2_router("system")


class HealthOut(Out):
    """What works now."""

    status: Literal["healthy", "degraded", "unhealthy"]
    is_database_open: bool
    is_dispatcher_alive: bool
    is_ready: bool
    workers: int
    queued: int
    running: int
    problems: list[str]
    checked_at: Moment


class InfoOut(Out):
    """What runs, and on what."""

    version: str
    python: str
    system: str
    database: str
    libraries: dict[str, str]
    devices: list[str]
    memory_bytes: int
    free_bytes: int


class FindingOut(Out):
    """One answer of the doctor."""

    check: str
    level: Literal["ok", "warning", "error"]
    text: str
    asset: str | None
    remedy: str | None


@router.get("/health", dependencies=READ)
def health(app: AppDep) -> HealthOut:
    """How the server is."""
    return HealthOut.model_validate(app.system.health())


@router.get("/info", dependencies=READ)
def info(app: AppDep) -> InfoOut:
    """Versions and devices."""
    return InfoOut.model_validate(app.system.info())


@router.get("/doctor", dependencies=ADMIN)
def doctor(app: AppDep) -> Page[FindingOut]:
    """Look for what is wrong. Takes seconds."""
    return Page(items=[FindingOut.model_validate(one) for one in app.system.doctor()])


@router.get("/settings", dependencies=ADMIN)
def settings(app: AppDep) -> dict[str, Any]:
    """Every setting as it is in force; secrets are masked."""
    values: dict[str, Any] = app.settings.model_dump(mode="json")
    return values
