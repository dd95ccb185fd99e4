"""What `nomarr-web` takes and gives for calibration, analytics and Navidrome."""

from typing import Annotated

from pydantic import BaseModel, Field


class LibraryCalibrationOut(BaseModel):
    """How many files of a library carry the current calibration."""

    library_id: str
    library_name: str
    total_files: int
    current_count: int
    outdated_count: int
    percentage: float


class CalibrationStatusOut(BaseModel):
    """The calibration in force; `last_run` in milliseconds since 1970."""

    global_version: str | None
    last_run: int | None
    libraries: list[LibraryCalibrationOut]


class HeadOut(BaseModel):
    """What was measured for one head: its positive label's span, and from how many scores."""

    model_name: str
    head_name: str
    p5: float
    p95: float
    n: int


class SummaryOut(BaseModel):
    """How many heads there are, and how many were calibrated."""

    total_heads: int
    completed_heads: int


class CalibratedOut(BaseModel):
    """A calibration run; `version` is null when there was nothing to measure."""

    version: int | None
    library_size: int
    heads: dict[str, HeadOut]
    saved_files: dict[str, str]
    summary: SummaryOut
    global_version: str | None


class TagFrequencyOut(BaseModel):
    """One of our tags: in how many files, with how many different values."""

    tag_key: str
    total_count: int
    unique_values: int


class TagFrequenciesOut(BaseModel):
    """Our tags, the most frequent first."""

    tag_frequencies: list[TagFrequencyOut]


class MoodShareOut(BaseModel):
    """A mood, and the share of the tagged files that have it."""

    mood: str
    count: int
    percentage: float


class MoodDistributionOut(BaseModel):
    """Moods, the most frequent first."""

    mood_distribution: list[MoodShareOut]


class CorrelationsOut(BaseModel):
    """Which moods go together, and how strongly each is present."""

    mood_correlations: dict[str, dict[str, float]]
    mood_tier_correlations: dict[str, dict[str, float]]


class NavidromeTagOut(BaseModel):
    """A tag that Navidrome can be told of."""

    tag_key: str
    type: str
    is_multivalue: bool
    summary: str
    total_count: int


class NavidromeTagsOut(BaseModel):
    """All of them."""

    namespace: str
    tag_count: int
    tags: list[NavidromeTagOut]


class NavidromeConfigOut(BaseModel):
    """The lines for navidrome.toml."""

    namespace: str
    config: str


class QueryIn(BaseModel):
    """A playlist's query, to be tried out."""

    query: str
    preview_limit: Annotated[int, Field(ge=0, le=1000)] = 10


class FoundOut(BaseModel):
    """One track that a query finds; title and artist are empty where the file has none."""

    path: str
    title: str
    artist: str


class PreviewOut(BaseModel):
    """How many tracks a query finds, and the first of them."""

    matched_tracks: int
    preview: list[FoundOut]


class PlaylistIn(BaseModel):
    """A smart playlist to write."""

    query: str
    playlist_name: Annotated[str, Field(min_length=1, max_length=200)]
    comment: str | None = None
    limit: int | None = None
    sort: str | None = None


class PlaylistOut(BaseModel):
    """A smart playlist; `content` is the text of its .nsp file."""

    playlist_name: str
    query: str
    content: str


class TemplateOut(BaseModel):
    """A query that finds something in this library."""

    id: str
    name: str
    description: str
    query: str
    total_count: int


class TemplatesOut(BaseModel):
    """All templates."""

    templates: list[TemplateOut]


class TemplateIn(BaseModel):
    """A template to write as a smart playlist."""

    template_id: str
    playlist_name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    comment: str | None = None
    limit: int | None = None
    sort: str | None = None
