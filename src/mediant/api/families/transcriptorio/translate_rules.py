"""Scan rules in the words of `transcriptorio`, and back. Pure."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from mediant.api.families.transcriptorio import wire_rules as wire
from mediant.api.families.transcriptorio.family import moment
from mediant.subtitles.rule_store import StoredRule


def rule_out(stored: StoredRule) -> wire.RuleOut:
    """One rule."""
    rule = stored.rule
    return wire.RuleOut(
        id=rule.id,
        name=rule.name,
        enabled=rule.is_enabled,
        priority=rule.priority,
        conditions=_conditions_out(stored),
        action=wire.ActionOut(
            action_type=rule.action.action_type,
            target_language=rule.action.target_language,
            quality_preset=rule.action.quality_preset,
            job_priority=rule.action.job_priority,
        ),
        created_at=moment(stored.created_at) or "",
        updated_at=moment(stored.updated_at),
    )


def _conditions_out(stored: StoredRule) -> wire.ConditionsOut:
    asked = stored.rule.conditions
    return wire.ConditionsOut(
        audio_language_is=asked.audio_language_is,
        audio_language_not=_with_commas(asked.audio_language_not),
        audio_track_count_min=asked.audio_track_count_min,
        has_embedded_subtitle_lang=asked.has_embedded_subtitle_lang,
        missing_embedded_subtitle_lang=asked.missing_embedded_subtitle_lang,
        missing_external_subtitle_lang=asked.missing_external_subtitle_lang,
        file_extension=_with_commas(asked.file_extension),
    )


def _with_commas(items: Sequence[str]) -> str | None:
    return ",".join(items) or None


def new_fields(wish: wire.NewRuleIn) -> dict[str, Any]:
    """The flat fields of a new rule."""
    own = {"name": wish.name, "is_enabled": wish.enabled, "priority": wish.priority}
    return own | wish.conditions.model_dump() | wish.action.model_dump()


def changed_fields(wish: wire.RuleIn) -> dict[str, Any]:
    """The flat fields that a change gives; null clears one, what is left out is not there."""
    names = {"name": "name", "enabled": "is_enabled", "priority": "priority"}
    own = {names[one]: getattr(wish, one) for one in names if one in wish.model_fields_set}
    return own | _given(wish.conditions) | _given(wish.action)


def _given(part: BaseModel | None) -> dict[str, Any]:
    return {} if part is None else part.model_dump(exclude_unset=True)
