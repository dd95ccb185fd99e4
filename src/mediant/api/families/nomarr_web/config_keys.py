"""The settings that `nomarr-web` knows, under its own names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from mediant.api.families.nomarr_web.translate import write_mode
from mediant.errors import Invalid
from mediant.settings import Settings

Given = bool | int | float | str | Sequence[str]

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
HOUR_S = 3600.0


def _to_bool(given: Given) -> bool:
    text = str(given).strip().lower()
    if text not in TRUE | FALSE:
        raise ValueError("true or false")
    return text in TRUE


def _to_int(given: Given) -> int:
    value = _to_float(given)
    if value != int(value):
        raise ValueError("a whole number")
    return int(value)


def _to_float(given: Given) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ValueError("a number")
    try:
        value = float(given)
        int(value)  # neither infinite nor no number at all
    except (ValueError, OverflowError) as bad:
        raise ValueError("a number") from bad
    return value


def _to_text(given: Given) -> str:
    if not isinstance(given, str):
        raise ValueError("text")
    return given.strip()


def _to_list(given: Given) -> list[str]:
    if isinstance(given, bool | int | float):
        raise ValueError("texts with commas between them")
    items = given.split(",") if isinstance(given, str) else given
    return [item.strip() for item in items if item.strip()]


def _to_mode(given: Given) -> str:
    return write_mode(_to_text(given))


def _to_seconds(given: Given) -> float:
    return _to_float(given) * HOUR_S


def _same(value: Any) -> Any:
    return value


def _to_hours(value: Any) -> Any:
    return value / HOUR_S


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One documented name: our setting behind it, and how its value is read and shown."""

    setting: str
    parse: Callable[[Given], Any]
    show: Callable[[Any], Any] = _same


KEYS: Mapping[str, ConfigKey] = {
    "library_auto_tag": ConfigKey("library.auto_tag", _to_bool),
    "library_ignore_patterns": ConfigKey("library.ignore", _to_list),
    "library_scan_poll_interval": ConfigKey("library.poll_s", _to_float),
    "file_write_mode": ConfigKey("tagging.write_mode", _to_mode),
    "namespace": ConfigKey("tagging.namespace", _to_text),
    "min_duration_s": ConfigKey("tagging.min_duration_s", _to_float),
    "allow_short": ConfigKey("tagging.allow_short", _to_bool),
    "mood_exclude_heads": ConfigKey("tagging.mood_exclude_heads", _to_list),
    "write_negative_moods": ConfigKey("tagging.write_negative_moods", _to_bool),
    "cache_idle_timeout": ConfigKey("tagging.model_idle_s", _to_float),
    "calibrate_heads": ConfigKey("calibration.enabled", _to_bool),
    "calibration_min_samples": ConfigKey("calibration.min_samples", _to_int),
    "calibration_apd_threshold": ConfigKey("calibration.apd_threshold", _to_float),
    "calibration_srd_threshold": ConfigKey("calibration.srd_threshold", _to_float),
    "calibration_jsd_threshold": ConfigKey("calibration.jsd_threshold", _to_float),
    "calibration_median_threshold": ConfigKey("calibration.median_threshold", _to_float),
    "calibration_iqr_threshold": ConfigKey("calibration.iqr_threshold", _to_float),
    "worker_count": ConfigKey("jobs.cpu_workers", _to_int),
    "cleanup_age_hours": ConfigKey("jobs.keep_finished_s", _to_seconds, _to_hours),
    "blocking_mode": ConfigKey("nomarr.blocking_mode", _to_bool),
    "blocking_timeout": ConfigKey("nomarr.blocking_timeout_s", _to_float),
    "session_timeout": ConfigKey("access.session_s", _to_int),
}
"""What may be changed."""

READ_ONLY: Mapping[str, str] = {
    "models_dir": "It is read when the server starts: set models_dir in mediant.yaml.",
    "db_path": "It is read when the server starts: set config_dir or database_url.",
    "host": "It is read when the server starts: set host in mediant.yaml.",
    "port": "It is read when the server starts: set port in mediant.yaml.",
    "worker_enabled": "Call /api/web/worker/pause or /api/web/worker/resume.",
}
"""What is shown or known, but not changed here, and what to do instead."""


def find_key(name: str) -> ConfigKey:
    """The key of this name. Raises `Invalid` for an unknown or a read-only one."""
    if name in READ_ONLY:
        raise Invalid("This setting is read-only here.", asset=name, remedy=READ_ONLY[name])
    key = KEYS.get(name)
    if key is None:
        raise Invalid("There is no such setting.", asset=name)
    return key


def parse_value(name: str, given: Given | None) -> Any:
    """A value for our setting. None takes a stored value back. Raises `Invalid`."""
    key = find_key(name)
    try:
        return None if given is None else key.parse(given)
    except ValueError as bad:
        raise Invalid(f"Its value must be {bad}.", asset=name) from bad


def show_all(settings: Settings) -> dict[str, Any]:
    """Every key with its value in these settings."""
    return {name: key.show(value_of(settings, key)) for name, key in KEYS.items()}


def value_of(settings: Settings, key: ConfigKey) -> Any:
    """The value behind a key."""
    return attrgetter(key.setting)(settings)
