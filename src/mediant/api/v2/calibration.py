"""`/api/v2/tagging/calibration`: measure how scores are spread here, and what came of it."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field, computed_field

from mediant.api.auth import READ, WRITE, AppDep
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import Accepted, Moment, Out, PathText, accept
from mediant.errors import NotFound
from mediant.tagging.calibration.drift import BANDS, find_band

router = v2_router("tagging/calibration")

MAX_VERSION = 2**31 - 1
NameQuery = Annotated[str, Query(min_length=1, max_length=200)]
VersionQuery = Annotated[
    int | None, Query(ge=1, le=MAX_VERSION, description="A run; the newest without it.")
]


class DriftOut(Out):
    """How far a head moved from its reference."""

    apd_p5: float = Field(description="Change of the 5th percentile.")
    apd_p95: float = Field(description="Change of the 95th percentile.")
    srd: float = Field(description="Change of the span's width, as a share of the reference's.")
    jsd: float = Field(description="Jensen-Shannon distance of the two distributions, 0 to 1.")
    median_drift: float = Field(description="Change of the median.")
    iqr_drift: float = Field(description="Change of the interquartile range, as a share.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def bands(self) -> dict[str, str]:
        """Each measure in a word: excellent, good, acceptable or poor."""
        return {name: find_band(name, getattr(self, name)) for name in BANDS}


class LabelOut(Out):
    """One label that had enough scores."""

    label: str
    samples: int
    underflow: int = Field(description="Scores below 0; they are among the samples.")
    overflow: int = Field(description="Scores above 1.")
    p5: float
    p95: float
    range: float
    median: float
    iqr: float
    mean: float
    deviation: float
    low: float = Field(description="The smallest score.")
    high: float = Field(description="The largest score.")


class HeadOut(Out):
    """One head in one run. Its own numbers are those of `label`."""

    id: int
    model_name: str
    head_name: str
    head_version: str
    version: int
    file_count: int
    timestamp: Moment
    label: str
    p5: float
    p95: float
    range: float
    reference_version: int | None = Field(description="The run it was compared with.")
    is_stable: bool
    drift: DriftOut | None
    reference_updated: bool = Field(description="Whether this run is the reference from then on.")
    labels: list[LabelOut]
    skipped: list[str] = Field(description="Labels with too few scores; they have no span.")


class RunOut(Out):
    """One run over all heads."""

    version: int
    global_version: str = Field(description="Twelve hex digits made of the run's spans.")
    file_count: int
    min_samples: int
    finished_at: Moment
    stable_heads: int
    unstable_heads: int
    heads: list[HeadOut]
    files: dict[str, PathText] = Field(description="`model:head` -> the JSON file of this run.")


class LibraryOut(Out):
    """How much of a library was tagged with the calibration in force."""

    library_id: int
    library_name: str
    total_files: int
    current_count: int
    outdated_count: int
    percentage: float


class StatusOut(Out):
    """What is in force."""

    enabled: bool = Field(description="Whether runs are allowed.")
    global_version: str | None = Field(description="None before the first run.")
    last_run: Moment | None
    libraries: list[LibraryOut]


class HistoryOut(Out):
    """What runs found of the heads, newest first."""

    items: list[HeadOut]


class HistogramOut(Out):
    """The scores of one label as a run counted them."""

    model_name: str
    head_name: str
    version: int
    bins: int
    counts: list[tuple[int, int]] = Field(
        description="[bin, count] of every bin that is not empty; bin i starts at i / bins."
    )
    calibration: LabelOut


@router.get("", dependencies=READ)
def read_status(app: AppDep) -> StatusOut:
    """Which calibration is in force, and how many files were tagged with it."""
    status = app.calibrations.status()
    facts: dict[str, Any] = {name: getattr(status, name) for name in status.__slots__}
    return StatusOut.model_validate({"enabled": app.settings.calibration.enabled, **facts})


@router.post("/run", status_code=202, dependencies=WRITE)
def run(app: AppDep, response: Response) -> Accepted:
    """Measure all stored scores anew. No audio is read, and no file is touched."""
    return accept(response, app.calibrations.run())


@router.get("/run", dependencies=READ)
def read_run(app: AppDep, version: VersionQuery = None) -> RunOut:
    """A run with everything it found."""
    found = app.calibrations.read_run(version)
    if found is None:
        raise NotFound(
            "There is no such calibration run.",
            asset="calibration" if version is None else f"calibration {version}",
            remedy="Ask for one: POST /api/v2/tagging/calibration/run.",
        )
    return RunOut.model_validate(found)


@router.get("/history", dependencies=READ)
def list_history(
    app: AppDep,
    model: NameQuery | None = None,
    head: NameQuery | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> HistoryOut:
    """What runs found of the heads; of one network or one head when named."""
    found = app.calibrations.list_history(model, head, limit)
    return HistoryOut(items=[HeadOut.model_validate(one) for one in found])


@router.get("/histogram", dependencies=READ)
def read_histogram(
    app: AppDep, model: NameQuery, head: NameQuery, label: NameQuery, version: VersionQuery = None
) -> HistogramOut:
    """The distribution of one label's scores. Kept for the newest run and for references."""
    found = app.calibrations.read_histogram(model, head, label, version)
    return HistogramOut.model_validate(found)
