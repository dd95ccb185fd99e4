"""A scan rule: which videos it is for, and what is made of them."""

from dataclasses import dataclass, field, fields
from typing import Literal

ActionType = Literal["transcribe", "translate"]
Preset = Literal["fast", "balanced", "best"]

ACTION_TYPES: tuple[ActionType, ...] = ("transcribe", "translate")
PRESETS: tuple[Preset, ...] = ("fast", "balanced", "best")

NOT_ASKED = (None, (), "")
"""Values of a condition that ask nothing."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that are asked must hold. None and the empty tuple ask nothing.

    Languages may be written in any known form, extensions with or without dot in any case.
    """

    audio_language_is: str | None = None
    """An audio track that is no commentary has this language."""
    audio_language_not: tuple[str, ...] = ()
    """No audio track that is no commentary has any of these."""
    audio_track_count_min: int | None = None
    """There are so many audio tracks or more."""
    has_embedded_subtitle_lang: str | None = None
    """An embedded subtitle that is not forced has this language."""
    missing_embedded_subtitle_lang: str | None = None
    """None has."""
    missing_external_subtitle_lang: str | None = None
    """No subtitle file of the video that is not forced has this language."""
    file_extension: tuple[str, ...] = ()
    """The file's name ends in one of these."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked, so that every file fits."""
        return all(getattr(self, one.name) in NOT_ASKED for one in fields(self))


@dataclass(frozen=True, slots=True)
class Action:
    """What is made of a video that fits."""

    action_type: ActionType = "transcribe"
    target_language: str = ""
    """Of the subtitles. Empty: the language that is spoken."""
    quality_preset: Preset = "fast"
    job_priority: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """Rules of higher priority are asked first, equal ones by id."""

    id: int
    name: str
    is_enabled: bool = True
    priority: int = 0
    conditions: Conditions = field(default_factory=Conditions)
    action: Action = field(default_factory=Action)
