"""What is asked of one piece of sound."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediant.jobs.job import NewJob
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.provider.hint import Hint
from mediant.subtitles.provider.spool import Audio
from mediant.subtitles.speech.engine import DetectWindows, Task
from mediant.subtitles.transcribe.wish import to_priority

HEAR, HEAR_LANGUAGE = "hear", "hear_language"
KINDS = (HEAR, HEAR_LANGUAGE)

REVISION = 2
"""Counts up when the same sound would give other texts; older answers are forgotten then."""

_ENGINE = (
    "whisper_model", "model_path", "transcribe_device", "cpu_compute_type", "gpu_compute_type",
    "openai_url", "openai_model", "custom_regroup", "word_level_highlight",
    "detect_language_length", "detect_language_offset",
)  # fmt: skip
"""The settings that an answer depends on."""


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """What is said in it?"""

    audio: Audio
    is_pcm: bool
    """Raw s16le, mono at 16 kHz; otherwise any container."""
    task: Task = "transcribe"
    language: str | None = None
    """Whisper's code of what is spoken; None: to be heard."""
    prompt: str | None = None
    hint: Hint | None = None

    def new_job(self, key: str) -> NewJob:
        """The job that answers it; somebody waits for it."""
        payload = {
            "key": key,
            "audio": self.audio.name,
            "is_pcm": self.is_pcm,
            "task": self.task,
            "language": self.language,
            "prompt": self.prompt,
            "video": self.hint.path if self.hint else None,
        }
        return NewJob(HEAR, payload, key, to_priority(0, 2))

    def facts(self) -> dict[str, Any]:
        """All that makes it another question."""
        hint = self.hint
        return {
            "kind": HEAR,
            "audio": self.audio.name,
            "is_pcm": self.is_pcm,
            "task": self.task,
            "language": self.language,
            "prompt": self.prompt,
            "video": [hint.path, hint.size, hint.mtime_ns] if hint else None,
        }


@dataclass(frozen=True, slots=True)
class LanguageQuestion:
    """Which language is spoken in it?"""

    audio: Audio
    is_pcm: bool
    length_s: float | None = None
    """Of each window in which it is listened for; None: as the settings say."""
    offset_s: float | None = None

    def new_job(self, key: str) -> NewJob:
        """The job that answers it, in a lane without films."""
        payload = {
            "key": key,
            "audio": self.audio.name,
            "is_pcm": self.is_pcm,
            "length_s": self.length_s,
            "offset_s": self.offset_s,
        }
        return NewJob(HEAR_LANGUAGE, payload, key, to_priority(0, 2))

    def facts(self) -> dict[str, Any]:
        """All that makes it another question."""
        return {
            "kind": HEAR_LANGUAGE,
            "audio": self.audio.name,
            "is_pcm": self.is_pcm,
            "windows": [self.length_s, self.offset_s],
        }


Question = TextQuestion | LanguageQuestion


def key_of(question: Question, settings: SubtitlesSettings, models: Sequence[str]) -> str:
    """The same for the same question to the same recogniser. `models`: the installed ones."""
    engine: Mapping[str, Any] = {name: getattr(settings, name) for name in _ENGINE}
    told = [REVISION, question.facts(), engine, sorted(models)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def choose_windows(payload: Mapping[str, Any], settings: SubtitlesSettings) -> DetectWindows:
    """Where to listen for the language."""
    length, offset = payload.get("length_s"), payload.get("offset_s")
    return DetectWindows(
        length_s=float(length or settings.detect_language_length),
        offset_s=float(settings.detect_language_offset if offset is None else offset),
    )
