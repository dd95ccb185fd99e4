"""Where settings come from: defaults < mediant.yaml < `setting` table < environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

from mediant.errors import Invalid
from mediant.settings.model import Settings

SECRET_FILES = ("admin_password", "api_key", "database_url")
"""Settings whose value may stand in a file named by `MEDIANT_<NAME>_FILE`."""


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a settings file; empty when there is none."""
    if not path.is_file():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except UnicodeDecodeError as bad:
        raise Invalid("The file is not valid UTF-8.", asset=str(path)) from bad
    except OSError as lost:
        raise Invalid(f"The file cannot be read: {lost.strerror}.", asset=str(path)) from lost
    except yaml.YAMLError as bad:
        reason = " ".join(str(bad).split())
        raise Invalid(f"This is not valid YAML: {reason}", asset=str(path)) from bad
    if not isinstance(found, dict):
        raise Invalid("The file must hold `name: value` lines.", asset=str(path))
    _refuse_unknown(found, Settings, path)
    return found


def _refuse_unknown(
    found: Mapping[str, Any], section: type[BaseModel], path: Path, prefix: str = ""
) -> None:
    for key, value in found.items():
        name, field = f"{prefix}{key}", section.model_fields.get(str(key))
        if field is None:
            remedy = f"Remove or correct its line in {path}."
            raise Invalid("There is no such setting.", asset=f"setting {name}", remedy=remedy)
        below = field.annotation
        if isinstance(value, dict) and isinstance(below, type) and issubclass(below, BaseModel):
            _refuse_unknown(value, below, path, f"{name}.")


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
                raise Invalid(text, asset=path) from lost
    return found


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested mappings; where both have a value, `above` wins."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def load_settings(
    overrides: Mapping[str, Any] | None = None, stored: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from all sources.

    `overrides` come from the command line and beat everything; `stored` is what the `setting`
    table holds. Raises `Invalid` with the setting's name when a value makes no sense.
    """
    environ = os.environ
    fixed = merge(read_secret_files(environ), overrides or {})
    try:
        boot = Settings(**fixed)
        file = read_yaml(boot.config_dir / "mediant.yaml")
        above = merge(boot.model_dump(exclude_unset=True), fixed)
        return Settings(**merge(merge(file, stored or {}), above))
    except ValidationError as bad:
        first = bad.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        raise Invalid(text, asset=f"setting {name}", remedy=_trace(name)) from bad
    except SettingsError as bad:
        name = next((one for one in Settings.model_fields if f'"{one}"' in str(bad)), "")
        text = "Its value cannot be read."
        raise Invalid(text, asset=f"setting {name}", remedy=_trace(name)) from bad


def _trace(name: str) -> str | None:
    """The variable to correct, when the environment sets this setting, or an item of its list."""
    variable = "MEDIANT_" + name.upper().replace(".", "__")
    given = next((one for one in os.environ if variable.startswith(one.upper() + "__")), None)
    given = variable if variable in os.environ else given
    return f"Correct {given} in the environment." if given else None
