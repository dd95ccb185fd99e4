"""Every setting with its value and where that comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from mediant.settings.model import LIVE_SECTIONS, Settings
from mediant.settings.names import list_boot_names, list_names, sections
from mediant.settings.secret import HIDDEN, list_secrets, show
from mediant.settings.sources import flatten, load_settings
from mediant.settings.stored import COMMAND_LINE, StoredSettings

Source = Literal["default", "file", "stored", "environment", "command line"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting. Secrets are stars."""

    name: str
    value: Any
    default: Any
    source: Source
    set_by: str | None
    """The variable, where the environment sets it."""
    shadows: Any
    """What mediant.yaml says where a stored value beats it and differs, else None."""
    is_secret: bool
    is_live: bool
    """Whether a change acts at once, not from the next start on."""
    is_changeable: bool
    """Whether it can be stored: nothing beats it, and it is not needed before the database."""
    description: str
    fault: str | None = None
    """Why the stored value cannot be used, and what to do."""


def list_entries(stored: StoredSettings) -> list[Entry]:
    """All of them, as the sources say now, then what is stored under names of other versions."""
    now, locked, unfit = stored.current(), stored.list_locked(), stored.list_unfit()
    faults = {one.name: f"{one.text} {one.remedy}" for one in unfit}
    kept, file = flatten(stored.read()), stored.read_file()
    shadowed = _find_shadowed(stored, kept, file)
    shown, changeable, secrets = flatten(show(now)), list_names(), list_secrets(Settings)
    return [
        Entry(
            name=name,
            value=shown[name],
            default=_default(name),
            source=_find_source(name, locked, kept, file),
            set_by=None if locked.get(name) == COMMAND_LINE else locked.get(name),
            shadows=shadowed.get(name),
            is_secret=name in secrets,
            is_live=name.partition(".")[0] in LIVE_SECTIONS,
            is_changeable=name in changeable and name not in locked,
            description=_field(name).description or "",
            fault=faults.pop(name, None),
        )
        for name in (*list_boot_names(), *changeable)
    ] + [_foreign(name, fault) for name, fault in faults.items()]


def _foreign(name: str, fault: str) -> Entry:
    """What another version stored, which may be a secret."""
    return Entry(
        name=name,
        value=HIDDEN,
        default=None,
        source="stored",
        set_by=None,
        shadows=None,
        is_secret=True,
        is_live=False,
        is_changeable=False,
        description="A setting of another version of Mediant.",
        fault=fault,
    )


def list_shadowed(stored: StoredSettings) -> dict[str, Any]:
    """The names whose line in mediant.yaml is beaten by a stored value that differs, and what
    the line says; secrets are stars."""
    return _find_shadowed(stored, flatten(stored.read()), stored.read_file())


def _find_shadowed(
    stored: StoredSettings, kept: Mapping[str, Any], file: Mapping[str, Any]
) -> dict[str, Any]:
    both = [name for name in kept if name in file and name not in stored.list_locked()]
    if not both:
        return {}
    now, without = stored.current(), load_settings(stored.overrides)
    wanted = flatten(show(without))
    return {
        name: wanted[name] for name in both if attrgetter(name)(now) != attrgetter(name)(without)
    }


def _find_source(
    name: str, locked: Mapping[str, str], kept: Mapping[str, Any], file: Mapping[str, Any]
) -> Source:
    if name in locked:
        return "command line" if locked[name] == COMMAND_LINE else "environment"
    if name in kept:
        return "stored"
    return "file" if name in file else "default"


def _field(name: str) -> FieldInfo:
    section, _, below = name.rpartition(".")
    model: type[BaseModel] = sections()[section] if section else Settings
    return model.model_fields[below]


def _default(name: str) -> Any:
    value = _field(name).get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return None
    if name in list_secrets(Settings):
        return HIDDEN if value and value.get_secret_value() else None
    return to_jsonable_python(value)
