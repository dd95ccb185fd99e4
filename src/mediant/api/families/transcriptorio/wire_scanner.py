"""What `transcriptorio` takes and gives for scans, the schedule, the watch and single files."""

from pydantic import BaseModel

from mediant.api.families.transcriptorio.wire import Path, ScanningOut


class ScannerOut(ScanningOut):
    """The scanner."""

    watched_paths: list[str]
    last_scan_time: str | None
    total_scans: int


class ScanIn(BaseModel):
    """Where to scan; without paths in the libraries."""

    paths: list[Path] | None = None
    recursive: bool = True


class ScannedOut(BaseModel):
    """What a scan found. `missing_paths` were not there to be walked."""

    scanned_files: int
    matched_files: int
    jobs_created: int
    skipped_files: int
    paths_scanned: list[str]
    missing_paths: list[str]


class SchedulerIn(ScanIn):
    """When and where to scan; what is left out is as the settings say."""

    enabled: bool = True
    cron_expression: str | None = None


class WatcherIn(ScanIn):
    """Where to watch; what is left out is as the settings say."""

    enabled: bool = True


class FileIn(BaseModel):
    """Which file to look at."""

    file_path: Path


class AudioTrackOut(BaseModel):
    """One audio track. `index` counts audio tracks, `stream_index` all streams."""

    index: int
    codec: str
    language: str
    channels: int
    stream_index: int
    title: str
    is_default: bool
    is_forced: bool
    is_commentary: bool


class EmbeddedOut(BaseModel):
    """Subtitles inside the file."""

    index: int
    codec: str
    language: str
    title: str
    is_forced: bool
    is_default: bool
    is_image: bool


class ExternalOut(BaseModel):
    """A subtitle file beside it."""

    path: str
    language: str
    is_forced: bool
    is_generated: bool


class MatchOut(BaseModel):
    """The rule that would take the file."""

    id: int
    name: str


class AnalyzedOut(BaseModel):
    """What is in a file, and what the rules would do with it."""

    file_path: str
    audio_tracks: list[AudioTrackOut]
    embedded_subtitles: list[EmbeddedOut]
    external_subtitles: list[ExternalOut]
    duration_seconds: float
    is_video: bool
    matching_rule: MatchOut | None
    reasons: list[str]
