"""Rules as people write them: read and checked, and written back. Pure.

Lists are texts with commas (or `|`), or lists of texts. What is empty is not asked.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from mediant.errors import Invalid
from mediant.kernel.languages import get_language
from mediant.subtitles.rules.rule import ACTION_TYPES, PRESETS, Action, Conditions

_LANGUAGES = (
    "audio_language_is",
    "has_embedded_subtitle_lang",
    "missing_embedded_subtitle_lang",
    "missing_external_subtitle_lang",
)
_CONDITIONS = {*_LANGUAGES, "audio_language_not", "audio_track_count_min", "file_extension"}
_ACTION = {"action_type", "target_language", "quality_preset", "job_priority"}

_LARGEST_PRIORITY = 100_000
_MOST_TRACKS = 1000
_LONGEST_NAME = 200
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")
_SEPARATOR = re.compile(r"[,|]")

_T = TypeVar("_T", bound=str)

MATCHES_ALL = "This rule has no condition: it matches every file."


def read_conditions(told: Mapping[str, Any]) -> Conditions:
    """Conditions from texts; languages become ISO 639-2/T, extensions lower case with a dot.

    Raises Invalid that names the field (`asset`) and what is wrong with it.
    """
    _refuse_others(told, _CONDITIONS)
    codes = {name: _language(name, told.get(name)) for name in _LANGUAGES}
    unwanted = [_language("audio_language_not", one) for one in _items(told, "audio_language_not")]
    ends = [_extension(one) for one in _items(told, "file_extension")]
    count = told.get("audio_track_count_min")
    return Conditions(
        **codes,
        audio_language_not=tuple(dict.fromkeys(code for code in unwanted if code)),
        audio_track_count_min=_count(count),
        file_extension=tuple(dict.fromkeys(ends)),
    )


def read_action(told: Mapping[str, Any]) -> Action:
    """An action from texts; what is absent or null has its default. Raises Invalid as above."""
    _refuse_others(told, _ACTION)
    kind = _choice("action_type", told.get("action_type"), ACTION_TYPES)
    target = _language("target_language", told.get("target_language")) or ""
    if kind == "translate" and not target:
        text = "target_language is missing: into which language is translated?"
        raise Invalid(text, asset="target_language")
    return Action(
        action_type=kind,
        target_language=target,
        quality_preset=_choice("quality_preset", told.get("quality_preset"), PRESETS),
        job_priority=read_priority("job_priority", told.get("job_priority")),
    )


def read_rule_name(told: Any) -> str:
    """The name of a rule without the blanks around it; raises Invalid when nothing is left."""
    name = told.strip() if isinstance(told, str) else ""
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid(f"name has no text of 1 to {_LONGEST_NAME} characters.", asset="name")
    return name


def read_priority(field: str, told: Any) -> int:
    """A priority, 0 where none is told; raises Invalid for what is no whole number."""
    number = 0 if told in (None, "") else _whole(field, told)
    if abs(number) > _LARGEST_PRIORITY:
        raise Invalid(f"{field} is not within ±{_LARGEST_PRIORITY}.", asset=field)
    return number


def warn_about(conditions: Conditions) -> str | None:
    """What whoever saves such a rule should be told, or None."""
    return MATCHES_ALL if conditions.is_empty else None


def conditions_to_texts(conditions: Conditions) -> dict[str, str | int | None]:
    """As they are stored and shown: lists with commas, None for what is not asked."""
    return {
        "audio_language_is": conditions.audio_language_is,
        "audio_language_not": ",".join(conditions.audio_language_not) or None,
        "audio_track_count_min": conditions.audio_track_count_min,
        "has_embedded_subtitle_lang": conditions.has_embedded_subtitle_lang,
        "missing_embedded_subtitle_lang": conditions.missing_embedded_subtitle_lang,
        "missing_external_subtitle_lang": conditions.missing_external_subtitle_lang,
        "file_extension": ",".join(conditions.file_extension) or None,
    }


def _refuse_others(told: Mapping[str, Any], known: set[str]) -> None:
    if others := sorted(set(told) - known):
        raise Invalid(f"{others[0]} is no field of a rule.", asset=others[0])


def _language(field: str, told: Any) -> str | None:
    if told in (None, ""):
        return None
    if not isinstance(told, str):
        raise Invalid(f"{field} is no text.", asset=field)
    try:
        return get_language(told).code
    except Invalid as error:
        raise Invalid(f"{field}: {error.text}", asset=field, remedy=error.remedy) from error


def _items(told: Mapping[str, Any], field: str) -> list[str]:
    value = told.get(field)
    if value is None:
        return []
    items = _SEPARATOR.split(value) if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise Invalid(f"{field} is no list of texts.", asset=field)
    return [item.strip() for item in items if item.strip()]


def _extension(item: str) -> str:
    bare = item.lower().removeprefix("*").removeprefix(".")
    if not _EXTENSION.fullmatch(bare):
        text = f"file_extension: {item!r} is no end of a file's name."
        raise Invalid(text, asset="file_extension", remedy="Write it like .mkv,.mp4.")
    return f".{bare}"


def _count(told: Any) -> int | None:
    if told in (None, ""):
        return None
    number = _whole("audio_track_count_min", told)
    if not 0 <= number <= _MOST_TRACKS:
        field = "audio_track_count_min"
        raise Invalid(f"{field} is not within 0 and {_MOST_TRACKS}.", asset=field)
    return number


def _whole(field: str, told: Any) -> int:
    is_number = isinstance(told, int) and not isinstance(told, bool)
    if is_number or (isinstance(told, str) and re.fullmatch(r"[+-]?[0-9]{1,9}", told.strip())):
        return int(told)
    raise Invalid(f"{field} is no whole number.", asset=field)


def _choice(field: str, told: Any, choices: tuple[_T, ...]) -> _T:
    """The first choice is the default."""
    if told in (None, ""):
        return choices[0]
    found = next((choice for choice in choices if choice == told), None)
    if found is None:
        listed = ", ".join(choices)
        raise Invalid(f"{field} is none of {listed}.", asset=field, remedy=f"Use one of {listed}.")
    return found
