"""The settings of subtitles as their API names them: key, category, type, text.

Every value is a text there. What a key means stands with its field in `SubtitlesSettings`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, TypeAdapter, ValidationError

from mediant.errors import Invalid
from mediant.settings.faults import explain_fault
from mediant.settings.secret import HIDDEN, list_addresses, list_secrets, mask_address
from mediant.settings.subtitles import SubtitlesSettings

SECTION = "subtitles"

_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "general": (
        "operation_mode", "library_paths", "api_host", "api_port", "debug", "setup_completed",
    ),
    "workers": (
        "worker_cpu_count", "worker_gpu_count", "worker_auto_start_count",
        "worker_auto_start_type", "concurrent_transcriptions", "worker_healthcheck_interval",
        "worker_auto_restart", "clear_vram_on_complete", "model_idle_s",
    ),
    "transcription": (
        "whisper_model", "model_path", "transcribe_device", "cpu_compute_type",
        "gpu_compute_type", "whisper_threads", "transcribe_or_translate", "word_level_highlight",
        "detect_language_length", "detect_language_offset", "openai_url", "openai_key",
        "openai_model", "translation_url", "translation_key", "translation_model",
    ),
    "subtitles": (
        "subtitle_language_name", "subtitle_language_naming_type", "custom_regroup",
    ),
    "skip": (
        "skip_if_external_subtitles_exist", "skip_if_target_subtitles_exist",
        "skip_if_internal_subtitles_language", "skip_subtitle_languages",
        "skip_if_audio_languages", "skip_unknown_language", "skip_only_subgen_subtitles",
    ),
    "scanner": (
        "scanner_enabled", "scanner_cron", "watcher_enabled", "auto_scan_enabled",
        "scanner_schedule_interval_minutes", "scan_interval_minutes", "scanner_last_scan_time",
        "scanner_scan_count", "scanner_total_files_scanned",
    ),
    "bazarr": ("bazarr_provider_enabled", "bazarr_networks"),
    "advanced": (
        "force_detected_language_to", "preferred_audio_languages", "use_path_mapping",
        "path_mapping_from", "path_mapping_to", "lrc_for_audio_files", "browse_roots",
    ),
}  # fmt: skip
_PREFIXES = {
    "bazarr": "bazarr", "provider": "bazarr", "watch": "scanner", "scheduled": "scanner",
    "translation": "transcription", "openai": "transcription", "skip": "skip",
    "worker": "workers", "subtitle": "subtitles",
}  # fmt: skip
"""Categories of the keys that stand in no list: by the word that they begin with."""
_REST = "advanced"

VALUE_TYPES = ("string", "integer", "boolean", "float", "list")
_TEXTS = frozenset({"operation_mode"})
"""Lists that the API calls a string."""
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})

COUNTERS = {
    "scanner_last_scan_time": ("string", "When the last scan began; counted, not set."),
    "scanner_scan_count": ("integer", "Scans so far; counted, not set."),
    "scanner_total_files_scanned": ("integer", "Files that they looked at; counted, not set."),
}
"""Keys that only tell something: their type and description."""
BOOT = {
    "api_host": ("string", "Address to listen on; read when the server starts."),
    "api_port": ("integer", "Port to listen on; read when the server starts."),
}
"""Keys that stand in mediant.yaml, as `host` and `port`."""


@dataclass(frozen=True, slots=True)
class SettingKey:
    """One key of the catalogue."""

    key: str
    category: str
    value_type: str
    description: str
    default: str = ""
    is_secret: bool = False
    is_read_only: bool = False

    @property
    def name(self) -> str:
        """The dotted name of its field in Mediant's settings."""
        return f"{SECTION}.{self.key}"


def list_keys() -> list[SettingKey]:
    """The catalogue, by category."""
    made = [_field_key(name) for name in SubtitlesSettings.model_fields]
    made += [
        SettingKey(key, _category(key), kind, text, is_read_only=True)
        for key, (kind, text) in (COUNTERS | BOOT).items()
    ]
    order = {name: place for place, name in enumerate(_CATEGORIES)}
    return sorted(made, key=lambda one: (order[one.category], _place(one)))


def to_text(value: Any) -> str:
    """A value as the API shows it: `true`, `7`, a list with commas, stars for a secret."""
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        has_marks = any(mark in str(item) for item in value for mark in ",|")
        return json.dumps(value) if has_marks else ",".join(str(item) for item in value)
    return str(value)


def show_text(key: str, text: str) -> str:
    """The text of a key, without what may be a secret in an address."""
    return mask_address(text) if key in list_addresses(SubtitlesSettings) else text


def to_value(key: str, value_type: str, text: str) -> Any:
    """The typed value of a text; Invalid names the key and what is wrong."""
    convert: dict[str, Callable[[str], Any]] = {
        "boolean": _to_bool, "integer": int, "float": float, "list": _to_list,
    }  # fmt: skip
    try:
        return convert.get(value_type, str)(text.strip())
    except ValueError as bad:
        article = "an" if value_type == "integer" else "a"
        raise Invalid(f"{text!r} is not {article} {value_type}.", asset=key) from bad


def read_value(one: SettingKey, text: str) -> Any:
    """As `to_value` for a key of the catalogue, checked by its field as well."""
    value = to_value(one.key, one.value_type, text)
    try:
        checked = SubtitlesSettings(**{one.key: value})
    except ValidationError as bad:
        reason, shown = explain_fault(bad.errors()[0]), show_text(one.key, text)
        raise Invalid(reason if one.is_secret else f"{shown!r}: {reason}", asset=one.key) from bad
    found = getattr(checked, one.key)
    return found.get_secret_value() if isinstance(found, SecretStr) else found


def _field_key(name: str) -> SettingKey:
    field = SubtitlesSettings.model_fields[name]
    default = field.get_default(call_default_factory=True)
    return SettingKey(
        name,
        _category(name),
        "string" if name in _TEXTS else _type_of(default),
        field.description or "",
        to_text(default),
        is_secret=name in list_secrets(SubtitlesSettings),
    )


def _type_of(default: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "float", list: "list"}
    return kinds.get(type(default), "string")


def _category(key: str) -> str:
    for category, keys in _CATEGORIES.items():
        if key in keys:
            return category
    word = key.partition("_")[0]
    return _PREFIXES.get(word) or _PREFIXES.get(word.removesuffix("ed"), _REST)


def _place(one: SettingKey) -> tuple[int, str]:
    keys = _CATEGORIES[one.category]
    return (keys.index(one.key), "") if one.key in keys else (len(keys), one.key)


def _to_bool(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _to_list(text: str) -> list[str]:
    if text.startswith("["):
        return TypeAdapter(list[str]).validate_json(text)
    items = text.replace("|", ",").split(",")
    return [item for item in (one.strip() for one in items) if item]
