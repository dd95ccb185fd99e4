"""What `nomarr-v1` says of calibrations, at its documented keys and types."""

from pydantic import BaseModel


class DriftOut(BaseModel):
    """How far a calibration is from its reference; all null without one."""

    apd_p5: float | None
    apd_p95: float | None
    srd: float | None
    jsd: float | None
    median_drift: float | None
    iqr_drift: float | None


class HeadRunOut(BaseModel):
    """One head of a new calibration."""

    model_name: str
    head_name: str
    version: int
    file_count: int
    is_stable: bool
    drift: DriftOut
    reference_updated: bool


class CalibrationOut(BaseModel):
    """A new calibration; `version` is null when there was nothing to calibrate by."""

    version: int | None
    heads_processed: int
    stable_heads: int
    unstable_heads: int
    heads: list[HeadRunOut]


class HistoryRowOut(BaseModel):
    """One head of a calibration that was made. `timestamp`: seconds since 1970."""

    id: int
    model_name: str
    head_name: str
    version: int
    file_count: int
    timestamp: float
    p5: float | None
    p95: float | None
    range: float | None
    reference_version: int | None
    is_stable: bool
    drift: DriftOut


class HistoryOut(BaseModel):
    """Calibrations that were made, newest first."""

    runs: list[HistoryRowOut]


class RetagOut(BaseModel):
    """How many files are looked at."""

    enqueued: int
    message: str
