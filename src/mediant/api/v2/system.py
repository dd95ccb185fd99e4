"""`/api/v2/system`: what runs here, how it is, how it is set up."""

from dataclasses import asdict
from operator import attrgetter
from typing import Any, Literal

from pydantic import Field

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import Moment, Out, Page
from mediant.settings import Settings
from mediant.settings.entries import Source, list_entries
from mediant.settings.model import LIVE_SECTIONS
from mediant.settings.names import list_boot_names, list_names
from mediant.settings.secret import show

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
    now = show(app.stored.current())
    values = show(app.settings) | {section: now[section] for section in LIVE_SECTIONS}
    return {**values, "locked": app.stored.list_locked()}


class EntryOut(Out):
    """One setting."""

    name: str = Field(description="Its dotted name, such as `tagging.write_mode`.")
    value: Any = Field(description="What its sources say now; stars for a secret that is set.")
    default: Any
    source: Source = Field(
        description="Who says it: nobody (`default`), mediant.yaml (`file`), a change at run time "
        "(`stored`), the environment or the command line."
    )
    set_by: str | None = Field(description="The variable, where the environment sets it.")
    shadows: Any = Field(
        description="What mediant.yaml says where a stored value beats it and differs."
    )
    is_secret: bool
    is_live: bool = Field(description="A change acts at once, not from the next start on.")
    is_changeable: bool = Field(description="It can be changed here.")
    waits_for_restart: bool = Field(description="The running server still has another value.")
    description: str
    fault: str | None = Field(
        description="Why what is stored under this name cannot be used, and what to do about it."
    )


@router.get("/settings/entries", dependencies=ADMIN)
def setting_entries(app: AppDep) -> Page[EntryOut]:
    """Every setting with its value, where that comes from, and what it means; then what another
    version of Mediant stored under names that this one does not know."""
    now = app.stored.current()
    found = [
        EntryOut(
            **asdict(one),
            waits_for_restart=_waits(one.name)
            and _value(now, one.name) != _value(app.settings, one.name),
        )
        for one in list_entries(app.stored)
    ]
    return Page(items=found)


@router.patch("/settings", dependencies=ADMIN)
def change_settings(body: dict[str, Any], app: AppDep) -> ChangedOut:
    """Store settings by their dotted names, such as `tagging.write_mode`; null takes a stored
    value back. All or nothing. Those of `subtitles` and `media_servers` act at once, the others
    from the next start of the server on."""
    before, after = app.stored.current(), app.stored.change(body)
    changed = [name for name in body if _value(before, name) != _value(after, name)]
    return ChangedOut(changed=changed, restart_needed=any(map(_waits, changed)))


def _waits(name: str) -> bool:
    """Whether a changed setting acts only from the next start on."""
    return name.partition(".")[0] not in LIVE_SECTIONS


def _value(settings: Settings, name: str) -> Any:
    """None for a name of another version, which may be taken back."""
    return attrgetter(name)(settings) if name in _KNOWN else None


_KNOWN = frozenset([*list_boot_names(), *list_names()])
