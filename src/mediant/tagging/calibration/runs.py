"""The rows of calibrations. SQL for SQLite and PostgreSQL alike, in the caller's transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    insert,
    select,
    update,
)

from mediant.kernel.clock import now_s
from mediant.library.moves import chunks
from mediant.store.schema_calibration import (
    calibration_head,
    calibration_label,
    calibration_run,
)
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import track
from mediant.tagging.calibration.drift import Drift
from mediant.tagging.calibration.records import (
    CalibrationRun,
    HeadCalibration,
    LabelCalibration,
    LibraryCalibrationStatus,
)
from mediant.tagging.calibration.spans import LabelSpan, name_spans

_run, _head, _label = calibration_run.c, calibration_head.c, calibration_label.c
_DRIFT = ("apd_p5", "apd_p95", "srd", "jsd", "median_drift", "iqr_drift")
_NUMBERS = (
    "label", "samples", "underflow", "overflow", "p5", "p95", "median", "iqr", "mean",
    "deviation", "low", "high",
)  # fmt: skip
_HEAD_FACTS = ("model", "head", "head_version", "label", "file_count", "reference_run")

Measured = Mapping[str, Any]
"""A head as the worker describes it."""


def find_newest(tx: Connection) -> tuple[int, float] | None:
    """Version and end of the newest run, or None before the first."""
    found = tx.execute(
        select(_run.version, _run.finished_at).order_by(_run.version.desc()).limit(1)
    ).first()
    return None if found is None else (found.version, found.finished_at)


def store_run(
    tx: Connection, heads: Sequence[Measured], *, file_count: int, min_samples: int
) -> tuple[int, str]:
    """Insert a run with its heads; its version and the name of its spans.

    Histograms that nothing needs any more go.
    """
    newest = find_newest(tx)
    version = 1 if newest is None else newest[0] + 1
    name = name_spans(_spans_of(heads))
    values = {
        "version": version,
        "global_version": name,
        "file_count": file_count,
        "min_samples": min_samples,
        "finished_at": now_s(),
    }
    tx.execute(insert(calibration_run).values(values))
    for head in heads:
        _store_head(tx, version, head)
    _drop_histograms(tx, version)
    return version, name


def _spans_of(heads: Iterable[Measured]) -> list[LabelSpan]:
    return [
        LabelSpan(
            head["model"], head["head"], one["label"], head["head_version"], one["p5"], one["p95"]
        )
        for head in heads
        for one in head["measured"]
    ]


def _store_head(tx: Connection, version: int, head: Measured) -> None:
    values = {name: head[name] for name in _HEAD_FACTS} | {
        "run": version,
        "labels": json.dumps(head["labels"], ensure_ascii=False),
        "is_stable": int(head["is_stable"]),
        "reference_updated": int(not head["is_stable"]),
        **(head["drift"] or {}),
    }
    made = tx.execute(insert(calibration_head).values(values).returning(_head.id)).scalar_one()
    rows = [{"head_id": made, **label} for label in head["measured"]]
    tx.execute(insert(calibration_label), rows)


def _drop_histograms(tx: Connection, newest: int) -> None:
    """Keep the histograms of the newest run, and of what later runs are compared with."""
    references = select(func.max(_head.id)).where(_head.reference_updated == 1)
    references = references.group_by(_head.model, _head.head, _head.head_version)
    current = select(_head.id).where(_head.run == newest)
    is_needed = _label.head_id.in_(current.union(references))
    tx.execute(
        update(calibration_label)
        .where(_label.histogram.is_not(None), ~is_needed)
        .values(histogram=None)
    )


def list_spans(tx: Connection, *, newest: int | None) -> list[LabelSpan]:
    """The spans of the run `newest`; with None those of the references."""
    if newest is not None:
        wanted = _head.run == newest
    else:
        references = select(func.max(_head.id)).where(_head.reference_updated == 1)
        wanted = _head.id.in_(references.group_by(_head.model, _head.head))
    columns = (_head.model, _head.head, _label.label, _head.head_version, _label.p5, _label.p95)
    query = select(*columns).join(calibration_label, _label.head_id == _head.id).where(wanted)
    return [LabelSpan(*row) for row in tx.execute(query)]


def find_run(tx: Connection, version: int) -> CalibrationRun | None:
    """A run with its heads and their labels, or None."""
    found = tx.execute(select(calibration_run).where(_run.version == version)).first()
    if found is None:
        return None
    heads = _read_heads(tx, _select_heads().where(_head.run == version))
    return CalibrationRun(
        version=found.version,
        global_version=found.global_version,
        file_count=found.file_count,
        min_samples=found.min_samples,
        finished_at=found.finished_at,
        heads=heads,
    )


def list_heads(
    tx: Connection, *, model: str | None, head: str | None, limit: int
) -> list[HeadCalibration]:
    """Heads of all runs, newest run first; of one network or one head when named."""
    query = _select_heads()
    for column, name in ((_head.model, model), (_head.head, head)):
        query = query if name is None else query.where(column == name)
    return _read_heads(tx, query.limit(limit))


def _select_heads() -> Select[Any]:
    columns = (calibration_head, _run.global_version, _run.finished_at)
    query = select(*columns).join(calibration_run, _run.version == _head.run)
    return query.order_by(_head.run.desc(), _head.model, _head.head)


def _read_heads(tx: Connection, query: Select[Any]) -> list[HeadCalibration]:
    found = tx.execute(query).all()
    labels: dict[int, dict[str, LabelCalibration]] = {row.id: {} for row in found}
    for ids in chunks(list(labels)):
        columns = select(_label.head_id, *(calibration_label.c[name] for name in _NUMBERS))
        for head_id, *numbers in tx.execute(columns.where(_label.head_id.in_(ids))):
            labels[head_id][numbers[0]] = LabelCalibration(*numbers)
    return [_make_head(row, labels[row.id]) for row in found]


def _make_head(row: Row[Any], measured: Mapping[str, LabelCalibration]) -> HeadCalibration:
    names, shown = json.loads(row.labels), measured[row.label]
    drift = None if row.jsd is None else Drift(*(getattr(row, name) for name in _DRIFT))
    return HeadCalibration(
        id=row.id,
        model_name=row.model,
        head_name=row.head,
        head_version=row.head_version,
        version=row.run,
        global_version=row.global_version,
        file_count=row.file_count,
        timestamp=row.finished_at,
        label=row.label,
        p5=shown.p5,
        p95=shown.p95,
        range=shown.range,
        reference_version=row.reference_run,
        is_stable=bool(row.is_stable),
        drift=drift,
        reference_updated=bool(row.reference_updated),
        labels=[measured[name] for name in names if name in measured],
        skipped=[name for name in names if name not in measured],
    )


def find_histogram(
    tx: Connection, version: int, names: tuple[str, str, str]
) -> tuple[LabelCalibration, bytes | None] | None:
    """The numbers and the packed histogram of (model, head, label) in a run, or None."""
    model, head, label = names
    columns = select(*(calibration_label.c[name] for name in _NUMBERS), _label.histogram)
    found = tx.execute(
        columns.join(calibration_head, _head.id == _label.head_id).where(
            _head.run == version, _head.model == model, _head.head == head, _label.label == label
        )
    ).first()
    return None if found is None else (LabelCalibration(*found[:-1]), found[-1])


def count_current(tx: Connection, version: str) -> list[LibraryCalibrationStatus]:
    """How many tagged files of each library were tagged with the calibration `version`."""
    is_current = case((track.c.calibration == version, 1), else_=0)
    tagged = and_(track.c.file_id == file.c.id, track.c.state == "tagged")
    query = (
        select(library.c.id, library.c.name, func.count(track.c.file_id), func.sum(is_current))
        .outerjoin(file, and_(file.c.library_id == library.c.id, _is_present()))
        .outerjoin(track, tagged)
        .group_by(library.c.id, library.c.name)
        .order_by(library.c.id)
    )
    return [_make_status(*row) for row in tx.execute(query)]


def _is_present() -> ColumnElement[bool]:
    return file.c.state == "present"


def _make_status(library_id: int, name: str, total: int, current: int) -> LibraryCalibrationStatus:
    outdated = total - current
    share = round(100.0 * current / total, 1) if total else 100.0
    # Rounding must not say that all is done while a file waits.
    percentage = min(share, 99.9) if outdated else share
    return LibraryCalibrationStatus(library_id, name, total, current, outdated, percentage)
