"""What `transcriptorio` takes and gives for the setup."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from mediant.api.families.transcriptorio.wire import Mode, Path, Preset, Priority, Text
from mediant.api.families.transcriptorio.wire_rules import Code, Tracks, Words


def _lower(given: Any) -> Any:
    return given.lower() if isinstance(given, str) else given


class SetupOut(BaseModel):
    """How far the setup is."""

    is_first_run: bool
    setup_completed: bool


class RuleIn(BaseModel):
    """A scan rule as the setup asks for it: flat. What is left out has its default."""

    name: Text | None = None
    priority: Priority | None = None
    audio_language_is: Code = None
    audio_language_not: Words = None
    audio_track_count_min: Tracks | None = None
    has_embedded_subtitle_lang: Code = None
    missing_embedded_subtitle_lang: Code = None
    missing_external_subtitle_lang: Code = None
    file_extension: Words = None
    action_type: Mode | None = None
    target_language: Text
    quality_preset: Preset | None = None
    job_priority: Priority | None = None


class WorkersIn(BaseModel):
    """The workers that start with the server."""

    count: Annotated[int, Field(ge=0, le=10)] = 1
    type: Annotated[Literal["cpu", "gpu"], BeforeValidator(_lower)] = "cpu"


class IntervalIn(BaseModel):
    """How often to scan."""

    interval_minutes: Annotated[int, Field(ge=1, le=10_080)] = 360


class StandaloneIn(BaseModel):
    """A server that looks after folders by itself; without an interval, when it is asked to."""

    library_paths: list[Path] = Field(min_length=1)
    scan_rules: list[RuleIn] = Field(default_factory=list)
    worker_config: WorkersIn = Field(default_factory=WorkersIn)
    scanner_config: IntervalIn | None = None


class BazarrOut(BaseModel):
    """What Bazarr needs to know."""

    mode: str
    host: str
    port: int
    api_key: str
    provider_url: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a caller reached this server."""

    url: str
    """Without a slash at its end."""
    host: str
    port: int


class SetUpOut(BaseModel):
    """That it is set up."""

    success: bool = True
    message: str
    bazarr_info: BazarrOut | None
