"""Every setting of Mediant, typed, with its default and its sentence.

Boot settings stand flat (`MEDIANT_PORT`), the others in a section a room
(`MEDIANT_TAGGING__WRITE_MODE`). No setting exists outside this package.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from mediant.kernel.zones import is_zone
from mediant.settings.lists import TextList
from mediant.settings.media_servers import MediaServersSettings
from mediant.settings.subtitles import SubtitlesSettings

WriteMode = Literal["none", "minimal", "full"]
AccessMode = Literal["required", "local", "external"]
Preset = Literal["full", "fast"]
Seconds = Annotated[float, Field(le=10 * 365 * 86_400, allow_inf_nan=False)]
"""At most ten years: more is a slip, and too much for clocks and timers."""
Workers = Annotated[int, Field(le=256)]
"""Each is a process: a slip of the keyboard must not take the machine down."""
Threshold = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


def _check_zone(name: str) -> str:
    if name and not is_zone(name):
        raise ValueError(f"{name!r} is no time zone: use a name such as Europe/Berlin")
    return name


Zone = Annotated[str, AfterValidator(_check_zone)]


def _default_config_dir() -> Path:
    return Path(platformdirs.user_config_dir("mediant"))


class AccessSettings(BaseModel):
    """Who may call."""

    mode: AccessMode = Field(
        "required",
        description="`required`: every call needs a key or a session. `local`: calls from private "
        "addresses need none. `external`: a trusted proxy has authenticated.",
    )
    trusted_proxies: TextList = Field(
        default_factory=list, description="Networks (CIDR) whose forwarded headers are believed."
    )
    local_networks: TextList = Field(
        default_factory=list,
        description="Further networks (CIDR) that count as local in `local` mode.",
    )
    allowed_hosts: TextList = Field(
        default_factory=list,
        description="Names under which browsers reach this server, like `music.example.com`. "
        "Addresses, `localhost` and this machine's own name always count. Under any other name "
        "neither a session's cookie nor, in `local` mode, a private address is enough: somebody "
        "else's page could have led the browser here. Proxies in `trusted_proxies` may pass "
        "cookies under any name.",
    )
    remote_user_header: str = Field(
        "Remote-User", description="Header with the user's name, in `external` mode."
    )
    session_s: int = Field(
        86_400, gt=0, le=315_360_000, description="A session ends after so long without use."
    )
    session_limit_s: int = Field(
        2_592_000, gt=0, le=315_360_000, description="A session ends after so long."
    )


class LibrarySettings(BaseModel):
    """Scanning and watching."""

    ignore: TextList = Field(
        default_factory=list, description="Globs on the absolute path that are never scanned."
    )
    settle_s: Seconds = Field(
        5.0, ge=0, description="A changed file is taken up after its size rested for so long."
    )
    poll_s: Seconds = Field(300.0, gt=0, description="Interval of the polling watch.")
    auto_tag: bool = Field(True, description="Tag new and changed files after a scan.")


class TaggingSettings(BaseModel):
    """Analysis of music and what is written into files."""

    namespace: str = Field("nom", pattern=r"^[a-z][a-z0-9]*$", description="Prefix of our tags.")
    write_mode: WriteMode = Field(
        "none",
        description="What is written into files: `none`, `minimal` (moods only) or `full`.",
    )
    preset: Preset = Field("full", description="`full`: every patch; `fast`: every second one.")
    min_duration_s: Seconds = Field(7.0, ge=0, description="Shorter tracks are `too_short`.")
    allow_short: bool = Field(False, description="Analyse short tracks by repeating them.")
    max_duration_s: Seconds = Field(
        3600.0,
        gt=0,
        description="Longer tracks are `too_long`. A worker holds a whole track: each hour takes "
        "about 0.32 GB of memory besides the networks.",
    )
    decode_memory_mb: int = Field(
        1024, ge=160, le=1_048_576, description="Memory limit of the decoder process."
    )
    decode_timeout_s: Seconds = Field(300.0, gt=0, description="Time limit of decoding one file.")
    model_idle_s: Seconds = Field(300.0, gt=0, description="Models unload after so long unused.")
    mood_exclude_heads: TextList = Field(
        default_factory=list, description="Heads that never give moods."
    )
    write_negative_moods: bool = Field(False, description="Also write `not <mood>` words.")
    keep_mtime: bool = Field(True, description="A written file keeps its modification time.")
    break_hard_links: bool = Field(
        False,
        description="Also write files with several names on the disk (hard links). The other names "
        "keep the old content, and the disk then holds the file twice.",
    )
    accelerator: Literal["auto", "onnxruntime", "openvino", "cuda"] = Field(
        "auto", description="What runs the networks; `auto` takes CUDA where it works."
    )


class CalibrationSettings(BaseModel):
    """Spans measured on the user's own library, and when a head counts as drifted."""

    model_config = ConfigDict(populate_by_name=True)

    enabled: bool = Field(
        False,
        validation_alias=AliasChoices("enabled", "calibrate_heads"),
        description="Calibration runs are allowed, and moods use the spans of the newest run. "
        "`false`: no runs; the reference spans of earlier runs stay in force, and without any the "
        "built-in ones. Also known as `calibrate_heads`.",
    )
    min_samples: int = Field(
        1000,
        ge=1,
        le=1_000_000_000,
        description="A label with fewer scores in the library is not calibrated.",
    )
    apd_threshold: Threshold = Field(
        0.01, description="A head is stable while p5 and p95 moved by less than this."
    )
    srd_threshold: Threshold = Field(
        0.05, description="And its span's width changed by a smaller share than this."
    )
    jsd_threshold: Threshold = Field(
        0.1, description="And the Jensen-Shannon distance of its scores is below this."
    )
    median_threshold: Threshold = Field(0.05, description="And its median moved by less than this.")
    iqr_threshold: Threshold = Field(
        0.1, description="And its interquartile range changed by a smaller share than this."
    )


class JobsSettings(BaseModel):
    """The queue and its workers."""

    cpu_workers: Workers = Field(
        default_factory=lambda: min(256, os.cpu_count() or 1),
        ge=0,
        description="Worker processes of the cpu lane; by default one a core.",
    )
    io_workers: Workers = Field(1, ge=0, description="Worker processes of the io lane (scans).")
    max_tries: int = Field(
        3, ge=1, le=1000, description="Tries of a job that fails for a passing cause."
    )
    drain_s: Seconds = Field(10.0, ge=0, description="A stopping server waits so long for jobs.")
    keep_finished_s: Seconds = Field(
        604_800.0, gt=0, description="Finished jobs are removed after so long."
    )
    free_space_mb: int = Field(
        256, ge=0, le=1_073_741_824, description="No job starts with less free disk space."
    )


class NomarrSettings(BaseModel):
    """The Nomarr family's own switches."""

    blocking_mode: bool = Field(True, description="`POST /api/v1/tag` waits for the result.")
    blocking_timeout_s: Seconds = Field(3600.0, gt=0, description="How long it waits at most.")


LIVE_SECTIONS = frozenset({"subtitles", "media_servers"})
"""Sections whose settings act as soon as they are changed; the others wait for the next start."""


class Settings(BaseSettings):
    """Where Mediant lives and how it behaves."""

    model_config = SettingsConfigDict(
        env_prefix="MEDIANT_",
        env_nested_delimiter="__",
        extra="forbid",
        validate_default=True,
        frozen=True,
    )

    config_dir: Path = Field(
        default_factory=_default_config_dir,
        description="The folder with mediant.yaml, mediant.db, models, backups and logs.",
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL address; without it SQLite in the config folder."
    )
    models_dir: Path | None = Field(
        None, description="Folder of the models; `models` in the config folder by default."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8356, ge=0, le=65_535, description="Port to listen on.")
    base_path: str = Field("", description="Path prefix behind a reverse proxy.")
    admin_password: SecretStr | None = Field(
        None, description="Password to set at the first start instead of a random one."
    )
    api_key: SecretStr | None = Field(
        None, description="API key to set at the first start instead of a random one."
    )
    log_json: bool = Field(False, description="Log lines as JSON.")
    timezone: Zone = Field(
        "",
        description="Time zone of cron lines, like `Europe/Berlin`. Empty: that of the machine "
        "(the variable `TZ`, else `/etc/localtime`).",
    )

    access: AccessSettings = Field(default_factory=AccessSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    tagging: TaggingSettings = Field(default_factory=TaggingSettings)
    calibration: CalibrationSettings = Field(default_factory=CalibrationSettings)
    jobs: JobsSettings = Field(default_factory=JobsSettings)
    nomarr: NomarrSettings = Field(default_factory=NomarrSettings)
    subtitles: SubtitlesSettings = Field(default_factory=SubtitlesSettings)
    media_servers: MediaServersSettings = Field(default_factory=MediaServersSettings)

    @property
    def database_address(self) -> str:
        """The SQLAlchemy URL that is used."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.config_dir / 'mediant.db'}"

    @property
    def models_folder(self) -> Path:
        """The folder of the models."""
        return self.models_dir or self.config_dir / "models"
