"""`/api/v2/system`: what runs here, how it is, how it is set up."""

from operator import attrgetter
from typing import Any, Literal

from pydantic import Field

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import Moment, Out, Page
from mediant.settings import Settings
from mediant.settings.model import LIVE_SECTIONS
from mediant.settings.subtitles import HIDDEN, SECRETS

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


class ChangedOut(Out):
    """What was stored."""

    changed: list[str] = Field(description="The settings that have another value now.")
    restart_needed: bool = Field(
        description="True when something was changed that is read when the server starts."
    )


@router.get("/settings", dependencies=ADMIN)
def settings(app: AppDep) -> dict[str, Any]:
    """Every setting as it is in force, secrets masked; `locked` tells which cannot be changed
    here, and what fixes each."""
    values: dict[str, Any] = app.settings.model_dump(mode="json")
    values |= app.stored.current().model_dump(mode="json", include=set(LIVE_SECTIONS))
    subtitles = values["subtitles"]
    subtitles |= {name: HIDDEN for name in SECRETS if subtitles[name]}
    return {**values, "locked": app.stored.list_locked()}


@router.patch("/settings", dependencies=ADMIN)
def change_settings(body: dict[str, Any], app: AppDep) -> ChangedOut:
    """Store settings by their dotted names, such as `tagging.write_mode`; null takes a stored
    value back. All or nothing. Those of `subtitles` and `media_servers` act at once, the others
    from the next start of the server on."""
    before, after = app.stored.load(), app.stored.change(body)
    changed = [name for name in body if _value(before, name) != _value(after, name)]
    return ChangedOut(changed=changed, restart_needed=any(map(_waits, changed)))


def _waits(name: str) -> bool:
    """Whether a changed setting acts only from the next start on."""
    return name.partition(".")[0] not in LIVE_SECTIONS


def _value(settings: Settings, name: str) -> Any:
    return attrgetter(name)(settings)
