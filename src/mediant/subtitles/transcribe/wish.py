"""What is asked of subtitles: one file, one language, and how."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from mediant.errors import Invalid, Refused
from mediant.jobs.job import NewJob
from mediant.kernel.languages import UNKNOWN, canonical_code, get_language
from mediant.kernel.paths import is_storable
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.formats import WRITABLE
from mediant.subtitles.rules.rule import ACTION_TYPES, PRESETS, ActionType, Preset
from mediant.subtitles.transcribe.places import to_ours

TRANSCRIBE, DETECT = "transcribe", "detect_language"
KINDS = (TRANSCRIBE, DETECT)
LANE, TRIAL_LANE = "speech", "io"

DETECTION_PRIORITY = 15
PRIORITY_STEP = 1_000_000
"""Between the classes: 2 for somebody who waits at the provider, 1 for a manual wish, 0 else."""
PRIORITY_LIMIT = PRIORITY_STEP // 2
MOST_TRACKS = 1000

PriorityClass = Literal[0, 1, 2]


class AlreadyQueued(Refused):
    """The same work is already under way."""

    code = "already_queued"

    def __init__(self, job_id: int, asset: str) -> None:
        """`job_id` is the live job that does it."""
        super().__init__(f"Job {job_id} does the same and has not ended.", asset=asset)
        self.job_id = job_id


@dataclass(frozen=True, slots=True)
class Wish:
    """Subtitles of one media file in one language."""

    path: str | Path
    """Here, or in another program's words where `use_path_mapping` is on."""
    target_language: str
    """Empty: the language that is spoken."""
    source_language: str | None = None
    """What is spoken; without it the container says it, or it is heard."""
    preset: Preset = "fast"
    mode: ActionType | None = None
    """Kept for who asks; both give subtitles in the target language."""
    priority: int = 0
    is_manual: bool = True
    track: int | None = None
    """Ordinal among the audio tracks; without it the one that fits best."""
    form: str | None = None
    """Without it `srt`, or `lrc` for audio files."""
    folder: str | None = None
    """Without it beside the media file."""
    keeps_source: bool = False
    """When it is translated: also write what was said in its own language."""
    overwrites: bool = False
    """Also over a file that is not ours."""
    is_trial: bool = False
    """Only say what would be done."""

    def new_job(self, settings: SubtitlesSettings) -> NewJob:
        """The job that does it. Invalid for what makes no sense."""
        _check(self)
        target = _code(self.target_language) or UNKNOWN
        path = to_ours(self.path, settings)
        payload: dict[str, Any] = {
            **asdict(self),
            "path": str(path),
            "folder": None if self.folder is None else str(Path(self.folder)),
            "target_lang": target,
            "source_lang": _code(self.source_language),
            "mode": self.mode or settings.transcribe_or_translate,
        }
        del payload["target_language"], payload["source_language"]
        key = "|".join([os.path.realpath(path), target, *self._variant()])
        number = to_priority(self.priority, 1 if self.is_manual else 0)
        lane = TRIAL_LANE if self.is_trial else LANE
        return NewJob(TRANSCRIBE, payload, key, number, lane=lane)

    def _variant(self) -> list[str]:
        """What makes it another file than the one beside the video."""
        told = [self.form and f"form={self.form}", self.folder and f"folder={self.folder}"]
        return [one for one in told if one] + (["trial"] if self.is_trial else [])


def detection_job(
    path: str | Path,
    settings: SubtitlesSettings,
    *,
    priority: int = DETECTION_PRIORITY,
    is_manual: bool = False,
) -> NewJob:
    """The job that hears which language is spoken in a file."""
    ours = to_ours(path, settings)
    _check_path(ours)
    payload = {"path": str(ours), "is_manual": is_manual}
    number = to_priority(priority, 1 if is_manual else 0)
    return NewJob(DETECT, payload, os.path.realpath(ours), number, lane=LANE)


def to_priority(number: int, of_class: PriorityClass) -> int:
    """The core's priority: the class first, then the number. Invalid for an enormous number."""
    if abs(number) >= PRIORITY_LIMIT:
        raise Invalid(f"A priority lies between ±{PRIORITY_LIMIT - 1}.", asset="priority")
    return of_class * PRIORITY_STEP + number


def read_priority(priority: int) -> int:
    """The number as it was given."""
    return (priority + PRIORITY_LIMIT) % PRIORITY_STEP - PRIORITY_LIMIT


def is_manual(payload: Mapping[str, Any]) -> bool:
    """Whether somebody asked for the job by name."""
    return bool(payload.get("is_manual", True))


def _code(language: str | None) -> str | None:
    """The canonical code of what was said, if anything was; Invalid for what is no language."""
    return canonical_code(get_language(language).code) if language else None


def _check(wish: Wish) -> None:
    _check_path(Path(wish.path))
    if wish.folder is not None:
        _check_path(Path(wish.folder))
    if wish.preset not in PRESETS:
        raise Invalid(f"{wish.preset!r} is no preset.", remedy=f"Use {', '.join(PRESETS)}.")
    if wish.mode is not None and wish.mode not in ACTION_TYPES:
        raise Invalid(f"{wish.mode!r} is no mode.", remedy=f"Use {', '.join(ACTION_TYPES)}.")
    if wish.form is not None and wish.form not in WRITABLE:
        raise Invalid(f"{wish.form!r} is no format.", remedy=f"Use {', '.join(WRITABLE)}.")
    if wish.track is not None and not 0 <= wish.track <= MOST_TRACKS:
        raise Invalid(f"Audio tracks count from 0 to {MOST_TRACKS}.", asset="track")


def _check_path(path: Path) -> None:
    if not is_storable(str(path)) or not path.is_absolute():
        raise Invalid("An absolute path in UTF-8 is needed.", asset=ascii(str(path)))
