"""The names of settings: dotted, as variables, and those of former days."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from mediant.errors import Invalid
from mediant.settings.model import Settings

PREFIX = "MEDIANT_"
SECRET_FILES = ("admin_password", "api_key", "database_url")
"""Settings whose value may stand in a file named by `MEDIANT_<NAME>_FILE`."""

OLD_NAMES = {
    "calibrate_heads": "calibration.enabled",
    "calibration.calibrate_heads": "calibration.enabled",
}
"""Names that another program used, in mediant.yaml and in the environment -> ours."""

NEIGHBOURS = frozenset(
    {"MEDIANT_URL", "MEDIANT_KEY", "MEDIANT_KEY_FILE", "MEDIANT_TIMEOUT"}
)  # fmt: skip
"""Read by the scripts that call a server (docs/guide/lidarr-tag.sh), which may run beside it."""

_IMPOSED = re.compile(r"MEDIANT_(SERVICE_\w+|PORT_\d+_\w+|ENV_\w+|NAME)")
"""Container platforms tell every container of a service named `mediant` by these."""

_LIKENESS = 0.75


def sections() -> dict[str, type[BaseModel]]:
    """The sections by name."""
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }


def list_names() -> list[str]:
    """Every dotted name in a section: what can be changed at run time."""
    return [f"{name}.{below}" for name, one in sections().items() for below in one.model_fields]


def list_boot_names() -> list[str]:
    """Every name outside the sections: what is needed before the database is open."""
    return [name for name in Settings.model_fields if name not in sections()]


def env_name(name: str) -> str:
    """The environment's variable of a dotted name."""
    return PREFIX + name.upper().replace(".", "__")


def find_variable(name: str, environ: Mapping[str, str]) -> str | None:
    """The variable that sets a name, or an item of its list: its own, an old one, its section's,
    or that of its file. None where the environment says nothing of it."""
    there = {variable.upper(): variable for variable in environ}
    old = [env_name(former) for former, new in OLD_NAMES.items() if new == name]
    parts = name.split(".")
    own = [env_name(".".join(parts[:count])) for count in range(len(parts), 0, -1)]
    wanted = [*own[:-1], *old, own[-1], f"{own[-1]}_FILE"]
    return next((there[one] for one in wanted if one in there), None)


def suggest(name: str, known: list[str]) -> str | None:
    """The known name that was probably meant."""
    return next(iter(difflib.get_close_matches(name, known, 1, _LIKENESS)), None)


def refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    """`Invalid` for a variable of ours that sets nothing, and for two that set the same."""
    names = [*Settings.model_fields, *list_names(), *OLD_NAMES]
    known = [env_name(name) for name in names]
    known += [f"{env_name(name)}_FILE" for name in SECRET_FILES]
    for variable, value in environ.items():
        upper = variable.upper()
        if not upper.startswith(PREFIX) or upper in NEIGHBOURS or _IMPOSED.fullmatch(upper):
            continue
        if upper not in known:
            _refuse_variable(variable, suggest(upper, known))
        if upper.removeprefix(PREFIX).lower() in sections():
            _check_json(variable, value, upper.removeprefix(PREFIX).lower())
    _refuse_twice(environ)


def read_old_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """What variables with old names say, nested under our names."""
    there = {variable.upper(): value for variable, value in environ.items()}
    found: dict[str, Any] = {}
    for old, new in OLD_NAMES.items():
        if env_name(old) in there:
            section, _, name = new.partition(".")
            found.setdefault(section, {})[name] = there[env_name(old)]
    return found


def _refuse_variable(variable: str, near: str | None) -> None:
    remedy = f"Did you mean {near}? " if near else ""
    text = "This environment variable sets nothing: there is no such setting."
    raise Invalid(text, asset=variable, remedy=f"{remedy}Correct it or remove it.")


def _check_json(variable: str, value: str, section: str) -> None:
    """A whole section in one variable must hold known names, too."""
    try:
        given = json.loads(value)
    except ValueError:
        return  # Reading it will say so.
    known = list(sections()[section].model_fields)
    for name in given if isinstance(given, dict) else ():
        if name not in known and f"{section}.{name}" not in OLD_NAMES:
            near = suggest(str(name), known)
            text = f"There is no such setting in it: {name}."
            remedy = f"Did you mean {near}? Correct it." if near else "Remove it."
            raise Invalid(text, asset=variable, remedy=remedy)


def _refuse_twice(environ: Mapping[str, str]) -> None:
    there = {variable.upper() for variable in environ}
    for new in set(OLD_NAMES.values()):
        every = [env_name(name) for name in (new, *(o for o, n in OLD_NAMES.items() if n == new))]
        given = [variable for variable in every if variable in there]
        if len(given) > 1:
            text = f"{' and '.join(given)} set the same."
            raise Invalid(text, asset=f"setting {new}", remedy="Remove all but one of them.")
