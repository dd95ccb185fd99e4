"""Tables of calibration: calibration_run, calibration_head, calibration_label."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from mediant.store.schema import metadata
from mediant.store.types import Id, Moment

calibration_run = Table(
    "calibration_run",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("global_version", Text, nullable=False),
    Column("file_count", Integer, nullable=False),
    Column("min_samples", Integer, nullable=False),
    Column("finished_at", Moment, nullable=False),
)
"""One measurement of all heads; `version` counts from 1. `global_version` is made of its spans."""

calibration_head = Table(
    "calibration_head",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column(
        "run", Integer, ForeignKey("calibration_run.version", ondelete="CASCADE"), nullable=False
    ),
    Column("model", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("head_version", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("file_count", Integer, nullable=False),
    Column("reference_run", Integer),
    Column("is_stable", Integer, nullable=False),
    Column("reference_updated", Integer, nullable=False),
    Column("apd_p5", Double),
    Column("apd_p95", Double),
    Column("srd", Double),
    Column("jsd", Double),
    Column("median_drift", Double),
    Column("iqr_drift", Double),
    UniqueConstraint("run", "model", "head"),
)
"""What a run found of one head. `labels` is the JSON list of all of them, calibrated or not;
`label` is the one that stands for the head, and the drift is its. `reference_run` is the version it
was compared with, `reference_updated` whether this run is the head's reference from now on."""

Index("calibration_head_name", calibration_head.c.model, calibration_head.c.head)

calibration_label = Table(
    "calibration_label",
    metadata,
    Column("head_id", Id, ForeignKey("calibration_head.id", ondelete="CASCADE"), primary_key=True),
    Column("label", Text, primary_key=True),
    Column("samples", Integer, nullable=False),
    Column("underflow", Integer, nullable=False),
    Column("overflow", Integer, nullable=False),
    Column("p5", Double, nullable=False),
    Column("p95", Double, nullable=False),
    Column("median", Double, nullable=False),
    Column("iqr", Double, nullable=False),
    Column("mean", Double, nullable=False),
    Column("deviation", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("histogram", LargeBinary),
)
"""The measured scores of a label that had enough of them. `histogram` is kept for the newest run
and for references only; the numbers beside it stay for ever."""
