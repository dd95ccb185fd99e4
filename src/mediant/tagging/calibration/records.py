"""What is known of calibrations, as values."""

from dataclasses import dataclass, field
from pathlib import Path

from mediant.tagging.calibration.drift import Drift


@dataclass(frozen=True, slots=True)
class LabelCalibration:
    """One label of one head in one run."""

    label: str
    samples: int
    underflow: int
    """How many scores were below 0, and `overflow` above 1; they are among the samples."""
    overflow: int
    p5: float
    p95: float
    median: float
    iqr: float
    mean: float
    """`mean` and `deviation` are those of the histogram, so within 1e-4 of the scores' own."""
    deviation: float
    low: float
    """The smallest and the largest score, as they were stored."""
    high: float

    @property
    def range(self) -> float:
        """The width of the span."""
        return self.p95 - self.p5


@dataclass(frozen=True, slots=True)
class HeadCalibration:
    """One head in one run. Its own p5, p95 and drift are those of `label`."""

    id: int
    model_name: str
    head_name: str
    head_version: str
    """Which version of the network was measured."""
    version: int
    """The run."""
    global_version: str
    file_count: int
    timestamp: float
    """When the run ended, epoch seconds."""
    label: str
    """The positive label of a pair; of many labels the one that moved most."""
    p5: float
    p95: float
    range: float
    reference_version: int | None
    """The run it was compared with; None when there was no reference."""
    is_stable: bool
    drift: Drift | None
    """None without a reference."""
    reference_updated: bool
    """Whether this run is the head's reference from then on."""
    labels: list[LabelCalibration] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Labels with too few scores; they have no span."""


@dataclass(frozen=True, slots=True)
class CalibrationRun:
    """One run over all heads."""

    version: int
    global_version: str
    """Twelve hex digits made of the run's spans."""
    file_count: int
    """Tagged files that were there."""
    min_samples: int
    finished_at: float
    heads: list[HeadCalibration]
    files: dict[str, Path] = field(default_factory=dict)
    """`model:head` -> the JSON file of this run, where it is there."""

    @property
    def stable_heads(self) -> int:
        """How many heads are as their references are."""
        return sum(head.is_stable for head in self.heads)

    @property
    def unstable_heads(self) -> int:
        """How many heads are not, or had no reference."""
        return len(self.heads) - self.stable_heads


@dataclass(frozen=True, slots=True)
class LibraryCalibrationStatus:
    """How much of a library was tagged with the calibration in force."""

    library_id: int
    library_name: str
    total_files: int
    """Tagged files that are there."""
    current_count: int
    outdated_count: int
    percentage: float
    """Share of current files, in per cent to one decimal; 100 where there is no file."""


@dataclass(frozen=True, slots=True)
class CalibrationStatus:
    """What is in force, since when, and what was tagged with it."""

    global_version: str | None
    last_run: float | None
    """When the newest run ended, epoch seconds."""
    libraries: list[LibraryCalibrationStatus] = field(default_factory=list)
    """Empty until a calibration is in force."""


@dataclass(frozen=True, slots=True)
class LabelHistogram:
    """The stored histogram of one label: counts of its non-empty bins."""

    model_name: str
    head_name: str
    version: int
    bins: int
    counts: list[tuple[int, int]]
    """(bin, count); bin i starts at i / bins."""
    calibration: LabelCalibration
