"""The wish as it reaches a worker, with everything that it needs to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediant.kernel.languages import UNKNOWN
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.speech.engine import DetectWindows, Preset


@dataclass(frozen=True, slots=True)
class Order:
    """One job for a worker."""

    path: Path
    settings: SubtitlesSettings
    models: Path
    """Folder of the models."""
    target: str = UNKNOWN
    source: str | None = None
    preset: Preset = "fast"
    track: int | None = None
    form: str | None = None
    folder: Path | None = None
    keeps_source: bool = False
    overwrites: bool = False
    is_trial: bool = False
    ours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Checksums of the files that we wrote for this video, by path."""
    spoken: Mapping[str, Any] | None = None
    """What was heard before: {size, mtime_ns, language, confidence}."""

    @property
    def windows(self) -> DetectWindows:
        """Where to listen for the language."""
        settings = self.settings
        return DetectWindows(
            length_s=float(settings.detect_language_length),
            offset_s=float(settings.detect_language_offset),
        )

    @property
    def idle_s(self) -> float | None:
        """After so many unused seconds a model is dropped; None keeps it."""
        return self.settings.model_idle_s or None


def read_order(payload: Mapping[str, Any]) -> Order:
    """From the message that `Results.prepare` made."""
    folder = payload.get("folder")
    return Order(
        path=Path(payload["path"]),
        settings=SubtitlesSettings(**payload["settings"]),
        models=Path(payload["models"]),
        target=payload.get("target_lang") or UNKNOWN,
        source=payload.get("source_lang"),
        preset=payload.get("preset") or "balanced",
        folder=None if folder is None else Path(folder),
        ours=payload.get("ours") or {},
        spoken=payload.get("spoken"),
        **{name: payload[name] for name in _PLAIN if name in payload},
    )


_PLAIN = ("track", "form", "keeps_source", "overwrites", "is_trial")
