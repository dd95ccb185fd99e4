"""What `/api/v2/subtitles` takes and answers."""

from typing import Annotated, Literal

from pydantic import Field

from mediant.api.v2.wire import In, Moment, Out, PathText
from mediant.jobs.job import JobState
from mediant.subtitles.rule_store import StoredRule
from mediant.subtitles.scanning.scanner import Analysis
from mediant.subtitles.transcribe.wish import PRIORITY_LIMIT, Wish

PathField = Annotated[str, Field(min_length=1, max_length=4096)]
Language = Annotated[str, Field(min_length=1, max_length=64, description="Any code or name.")]
Preset = Literal["fast", "balanced", "best"]
ActionType = Literal["transcribe", "translate"]
Form = Literal["srt", "vtt", "tsv", "txt", "lrc", "json"]
Number = Annotated[int, Field(gt=-PRIORITY_LIMIT, lt=PRIORITY_LIMIT)]
JobType = Literal["transcription", "language_detection"]


class TranscribeIn(In):
    """What is wanted of one media file."""

    path: PathField
    target: Language | None = Field(None, description="Else the language that is spoken.")
    language: Language | None = Field(None, description="That is spoken; else it is found out.")
    preset: Preset = "fast"
    mode: ActionType | None = Field(None, description="Else as the settings say.")
    priority: Number = 0
    track: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        None, description="Which audio track."
    )
    form: Form | None = Field(None, description="Else `srt`, or `lrc` for audio files.")
    folder: PathField | None = Field(None, description="Else beside the media file.")
    keep_source: bool = Field(False, description="When translating: also write what was said.")
    overwrite: bool = Field(False, description="Also over a file that Mediant did not write.")
    dry_run: bool = Field(False, description="Only say what would be done.")

    def to_wish(self, path: str) -> Wish:
        """The room's words."""
        return Wish(
            path=path,
            target_language=self.target or "",
            source_language=self.language,
            preset=self.preset,
            mode=self.mode,
            priority=self.priority,
            track=self.track,
            form=self.form,
            folder=self.folder,
            keeps_source=self.keep_source,
            overwrites=self.overwrite,
            is_trial=self.dry_run,
        )


class FileIn(In):
    """One media file."""

    path: PathField


class SubtitleJobOut(Out):
    """One job of subtitles. Languages are ISO 639-2/T."""

    id: int
    uuid: str
    job_type: JobType
    state: JobState
    file_path: str
    source_language: str | None
    target_language: str | None
    preset: str | None
    mode: str | None
    priority: int
    is_manual: bool
    progress: float = Field(description="0 to 1.")
    stage: str | None
    eta_s: float | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    output_path: str | None
    segments_count: int | None
    language_confidence: float | None
    model: str | None
    device: str | None
    compute_type: str | None
    vram_mb: int | None
    seconds: float | None
    error_code: str | None
    error: str | None
    note: str | None = Field(description="Such as that nobody speaks.")
    retry_count: int
    worker: str | None


class SubtitleJobsOut(Out):
    """Some jobs, the newest first."""

    jobs: list[SubtitleJobOut]
    total: int


class RemovedOut(Out):
    """How many rows are gone."""

    removed: int


class ConditionsOut(Out):
    """All that are not null must hold."""

    audio_language_is: str | None
    audio_language_not: list[str]
    audio_track_count_min: int | None
    has_embedded_subtitle_lang: str | None
    missing_embedded_subtitle_lang: str | None
    missing_external_subtitle_lang: str | None
    file_extension: list[str]


class ActionOut(Out):
    """What is made of a video that fits."""

    action_type: ActionType
    target_language: str = Field(description="Empty: the language that is spoken.")
    quality_preset: Preset
    job_priority: int


class RuleOut(Out):
    """One rule; those of higher priority are asked first."""

    id: int
    name: str
    is_enabled: bool
    priority: int
    conditions: ConditionsOut
    action: ActionOut
    created_at: Moment
    updated_at: Moment | None


class RuleIn(In):
    """Fields of a rule. When changing one, what is left out stays, and null clears."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    is_enabled: bool | None = None
    priority: int | None = None
    audio_language_is: Language | None = None
    audio_language_not: str | None = Field(None, description="Languages, with commas.")
    audio_track_count_min: Annotated[int, Field(ge=0)] | None = None
    has_embedded_subtitle_lang: Language | None = None
    missing_embedded_subtitle_lang: Language | None = None
    missing_external_subtitle_lang: Language | None = None
    file_extension: str | None = Field(None, description="Such as `.mkv,.mp4`.")
    action_type: ActionType | None = None
    target_language: Language | None = None
    quality_preset: Preset | None = None
    job_priority: Number | None = None


class ScanIn(In):
    """What to look through; without paths the folders of the settings."""

    paths: list[PathField] | None = None
    recursive: bool = True
    dry_run: bool = Field(False, description="Count the jobs that it would make; make none.")


class ScanOut(Out):
    """One look through folders. It is over when `finished_at` is set."""

    job_id: int
    origin: str
    paths: list[str]
    missing: list[str]
    scanned: int
    matched: int
    created: int = Field(description="Jobs.")
    skipped: int = Field(description="Files that a rule fitted, with a reason against it.")
    started_at: Moment
    finished_at: Moment | None


class AudioTrackOut(Out):
    """One audio track."""

    index: int
    stream_index: int
    codec: str
    language: str
    channels: int
    title: str
    is_default: bool
    is_commentary: bool
    duration_s: float | None


class EmbeddedOut(Out):
    """One subtitle inside the file."""

    stream_index: int
    codec: str
    language: str
    title: str
    is_forced: bool
    is_default: bool
    is_image: bool
    is_hearing_impaired: bool


class ExternalOut(Out):
    """One subtitle file beside it."""

    path: PathText
    language: str
    is_forced: bool
    is_generated: bool


class ReasonOut(Out):
    """What became of one condition."""

    condition: str
    wanted: str
    found: str
    holds: bool


class AskedRuleOut(Out):
    """One rule and its conditions."""

    name: str
    reasons: list[ReasonOut]


class AnalysisOut(Out):
    """What a file holds, and what a scan would make of it. Nothing was queued."""

    path: PathText
    duration_s: float
    is_video: bool
    audio_tracks: list[AudioTrackOut]
    embedded: list[EmbeddedOut]
    external: list[ExternalOut]
    rule: str | None = Field(description="The first that fits.")
    job: str | None = Field(description="What a scan would queue.")
    skip_reason: str | None = Field(description="Why it would not.")
    rules: list[AskedRuleOut]


class SettingOut(Out):
    """One setting; secrets are hidden."""

    key: str
    value: str
    description: str
    category: str
    value_type: str


class ChangedOut(Out):
    """How many settings were written. They act at once."""

    changed: int


def to_rule(stored: StoredRule) -> RuleOut:
    """A rule and its times."""
    rule = stored.rule
    return RuleOut(
        id=rule.id,
        name=rule.name,
        is_enabled=rule.is_enabled,
        priority=rule.priority,
        conditions=ConditionsOut.model_validate(rule.conditions),
        action=ActionOut.model_validate(rule.action),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def to_analysis(found: Analysis) -> AnalysisOut:
    """The look into one file."""
    video, judgement = found.video, found.judgement
    return AnalysisOut(
        path=video.path,
        duration_s=video.duration_s,
        is_video=video.is_video,
        audio_tracks=[AudioTrackOut.model_validate(one) for one in video.audio_tracks],
        embedded=[EmbeddedOut.model_validate(one) for one in video.embedded],
        external=[ExternalOut.model_validate(one) for one in found.external],
        rule=None if judgement.rule is None else judgement.rule.name,
        job=None if judgement.job is None else judgement.job.kind,
        skip_reason=judgement.reason,
        rules=[
            AskedRuleOut(name=name, reasons=[ReasonOut.model_validate(one) for one in reasons])
            for name, reasons in found.reasons
        ],
    )
