"""What `transcriptorio` takes and gives for scan rules."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from mediant.api.families.transcriptorio.wire import Mode, Preset, Priority, Text


def _blank_is_none(given: Any) -> Any:
    return None if isinstance(given, str) and not given.strip() else given


def _with_commas(given: Any) -> Any:
    is_list = isinstance(given, list) and all(isinstance(one, str) for one in given)
    return _blank_is_none(",".join(given) if is_list else given)


Words = Annotated[str | None, BeforeValidator(_with_commas)]
"""Items with commas between them; a list is taken as well."""
Code = Annotated[str | None, BeforeValidator(_blank_is_none)]
Tracks = Annotated[int, Field(ge=0, le=1000)]


class ConditionsOut(BaseModel):
    """What a rule asks of a video; null is not asked."""

    audio_language_is: str | None
    audio_language_not: str | None
    audio_track_count_min: int | None
    has_embedded_subtitle_lang: str | None
    missing_embedded_subtitle_lang: str | None
    missing_external_subtitle_lang: str | None
    file_extension: str | None


class ActionOut(BaseModel):
    """What a rule does."""

    action_type: str
    target_language: str
    quality_preset: str
    job_priority: int


class RuleOut(BaseModel):
    """One scan rule."""

    id: int
    name: str
    enabled: bool
    priority: int
    conditions: ConditionsOut
    action: ActionOut
    created_at: str
    updated_at: str | None


class ConditionsIn(BaseModel):
    """What a rule shall ask. In a change, null clears a field and what is left out stays."""

    audio_language_is: Code = None
    audio_language_not: Words = None
    audio_track_count_min: Tracks | None = None
    has_embedded_subtitle_lang: Code = None
    missing_embedded_subtitle_lang: Code = None
    missing_external_subtitle_lang: Code = None
    file_extension: Words = None


class NewActionIn(BaseModel):
    """What a new rule shall do."""

    action_type: Mode = "transcribe"
    target_language: Text
    quality_preset: Preset = "fast"
    job_priority: Priority = 0


class ActionIn(BaseModel):
    """What to change of a rule's action. Null gives a field its default again; the language has
    none."""

    action_type: Mode | None = None
    target_language: Text = ""
    quality_preset: Preset | None = None
    job_priority: Priority | None = None


class NewRuleIn(BaseModel):
    """A new rule. Without conditions it fits every video."""

    name: Text
    enabled: bool = True
    priority: Priority = 0
    conditions: ConditionsIn = Field(default_factory=ConditionsIn)
    action: NewActionIn


class RuleIn(BaseModel):
    """What to change of a rule."""

    name: Text | None = None
    enabled: bool | None = None
    priority: Priority | None = None
    conditions: ConditionsIn | None = None
    action: ActionIn | None = None


class RulesIn(BaseModel):
    """Which rules to list."""

    enabled_only: bool = False
