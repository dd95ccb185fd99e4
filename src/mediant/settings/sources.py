"""Where settings come from: defaults < mediant.yaml < `setting` table < environment."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from mediant.errors import Invalid
from mediant.settings.faults import explain_fault, name_of
from mediant.settings.model import Settings
from mediant.settings.names import (
    SECRET_FILES,
    find_variable,
    read_old_variables,
    refuse_unknown_variables,
)
from mediant.settings.yaml_file import read_yaml

FILE = "mediant.yaml"


def read_secret_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Secrets from the files that `MEDIANT_<NAME>_FILE` names."""
    found = {}
    for name in SECRET_FILES:
        path = environ.get(f"MEDIANT_{name.upper()}_FILE")
        if path:
            try:
                found[name] = Path(path).read_text().strip()
            except OSError as lost:
                text = f"The secret file cannot be read: {lost.strerror}."
                remedy = f"Correct MEDIANT_{name.upper()}_FILE in the environment."
                raise Invalid(text, asset=path, remedy=remedy) from lost
    return found


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested mappings; where both have a value, `above` wins."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def flatten(nested: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings by their dotted names."""
    return dict(_pairs(nested))


def _pairs(nested: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{below}", each) for below, each in _pairs(value))
        else:
            yield name, value


def read_fixed(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What command line and environment say, nested. Raises as `load_settings`."""
    environ = os.environ
    refuse_unknown_variables(environ)
    given = merge(read_secret_files(environ), overrides or {})
    fixed = merge(read_old_variables(environ), given)
    try:
        return merge(Settings(**fixed).model_dump(exclude_unset=True), given)
    except ValidationError as bad:
        raise _explain(bad, {}) from bad
    except SettingsError as bad:
        name = next((one for one in Settings.model_fields if f'"{one}"' in str(bad)), "")
        remedy = _trace(name, {})
        text = "Its value cannot be read."
        raise Invalid(text, asset=f"setting {name}", remedy=remedy) from bad


def load_settings(
    overrides: Mapping[str, Any] | None = None, stored: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from all sources.

    `overrides` come from the command line and beat everything; `stored` is what the `setting`
    table holds. Raises `Invalid` with the setting's name when a value makes no sense, and for
    names in file and environment that are no settings.
    """
    fixed = read_fixed(overrides)
    path = Settings(**fixed).config_dir / FILE
    file = read_yaml(path)
    try:
        return Settings(**merge(merge(file, stored or {}), fixed))
    except ValidationError as bad:
        above = {**flatten(stored or {}), **flatten(fixed)}
        lines = {name: path for name in flatten(file) if name not in above}
        raise _explain(bad, lines) from bad


def _explain(bad: ValidationError, lines: Mapping[str, Path]) -> Invalid:
    """The first fault. `lines`: the names that mediant.yaml sets, and where it is."""
    first = bad.errors()[0]
    name = name_of(first)
    return Invalid(explain_fault(first), asset=f"setting {name}", remedy=_trace(name, lines))


def _trace(name: str, lines: Mapping[str, Path]) -> str | None:
    """Where the value of this setting, or of an item of its list, is to be corrected."""
    variable = find_variable(name, os.environ)
    if variable is not None:
        return f"Correct {variable} in the environment."
    file = next((lines[one] for one in lines if f"{name}.".startswith(f"{one}.")), None)
    return f"Correct its line in {file}." if file else None
