"""New words for stored scores, without audio: the wish, its message, and the rows that it changes.

The worker reads the database itself (`retag_work`) and hands over what differs, a hundred tracks
at a time. A part only ever replaces what the worker saw: a track that was analysed, or tagged by
another calibration, in the meantime stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mediant.jobs.job import Enqueued, Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import tag_value, track
from mediant.tagging.results import Results
from mediant.tagging.rows import find_number, store_digests
from mediant.tagging.wish import new_job

RETAG = "retag"
ASKED_FOR = 10
"""Priority: a few minutes of counting go before the analysis of whole libraries."""

Change = Mapping[str, Any]
"""One track of a part: {file_id, seen: [analysed_at, size, mtime_ns, calibration], differs,
calibration, explanation, drop: [[key, value]], add: [[key, value]], digest: [form, numbers],
writes}."""


@dataclass(frozen=True, slots=True)
class RetagWish:
    """The job that does it, and how many tagged tracks it looks at."""

    enqueued: Enqueued
    tracks: int


def count_tagged(connection: Connection, library_id: int | None) -> int:
    """Tagged tracks, of one library or of all."""
    query = select(func.count()).select_from(track).where(track.c.state == "tagged")
    if library_id is not None:
        query = query.join(file, file.c.id == track.c.file_id)
        query = query.where(file.c.library_id == library_id)
    return int(connection.scalar(query) or 0)


def retag_job(
    library_id: int | None, calibration: str, *, dry_run: bool, rewrite_all: bool
) -> NewJob:
    """The wish. By another calibration it is another one, which waits for the one that runs."""
    payload = {
        "library_id": library_id,
        "dry_run": dry_run,
        "all": rewrite_all,
        "calibration": calibration,
    }
    key = f"{'dry ' if dry_run else ''}{'all' if library_id is None else library_id}"
    return NewJob(RETAG, payload, key, ASKED_FOR)


def merge_retags(old: Payload, new: Payload) -> Payload:
    """The wish that does what both ask for."""
    return {**old, **new, "all": bool(old.get("all") or new.get("all"))}


def retag_kind(results: Results, address: str) -> JobKind:
    """The kind `retag`. `address`: the database, as a worker finds it."""

    def prepare(tx: Connection, job: Job) -> Payload:
        return {
            **job.payload,
            "database": address,
            "settings": results.settings.model_dump(mode="json"),
            "models": str(results.models_folder),
            "calibration": results.rules.calibration(tx),
            "tracks": count_tagged(tx, job.payload.get("library_id")),
        }

    return JobKind(
        RETAG,
        "mediant.tagging.retag_work:retag",
        prepare=prepare,
        absorb=absorb,
        commit=commit,
        merge=merge_retags,
    )


def absorb(tx: Connection, _job: Job, part: Result) -> Committed:
    """Write the changes of tracks that still are what the worker saw; enqueue their writes.

    A write is a child of the job, so that the job ends when the files are written.
    """
    changes: list[Change] = part["tracks"]
    now = _read_standing(tx, [change["file_id"] for change in changes])
    valid = [c for c in changes if c["file_id"] in now and _is_as_seen(now[c["file_id"]], c)]
    _store(tx, [change for change in valid if change["differs"]])
    files = [now[change["file_id"]] for change in valid if change["writes"]]
    children = [
        new_job(row, Path(row.root_path, row.path), rewrite=True)
        for row in files
        if row.file_state == "present"
    ]
    return Committed(children=children)


def commit(_tx: Connection, _job: Job, result: Result) -> Committed:
    """The counts; everything else is stored already."""
    return Committed(summary=dict(result))


def _read_standing(tx: Connection, file_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The tracks as they are now, held until the end of the transaction."""
    columns: Select[Any] = select(
        track.c.file_id.label("id"), track.c.analysed_at, track.c.size, track.c.mtime_ns,
        track.c.calibration, file.c.path, file.c.size.label("file_size"),
        file.c.mtime_ns.label("file_mtime_ns"), file.c.state.label("file_state"),
        library.c.root_path,
    )  # fmt: skip
    query = columns.join(file, file.c.id == track.c.file_id)
    query = query.join(library, library.c.id == file.c.library_id)
    query = query.where(track.c.file_id.in_(file_ids), track.c.state == "tagged")
    found = tx.execute(query.order_by(track.c.file_id).with_for_update(of=track))
    return {row.id: row for row in found}


def _is_as_seen(row: Row[Any], change: Change) -> bool:
    seen = [row.analysed_at, row.size, row.mtime_ns, row.calibration]
    same_content = (row.size, row.mtime_ns) == (row.file_size, row.file_mtime_ns)
    return same_content and seen == list(change["seen"])


def _store(tx: Connection, changes: Sequence[Change]) -> None:
    """New tags, calibration and explanations. Doing it again does no harm."""
    if not changes:
        return
    tx.execute(
        update(track)
        .where(track.c.file_id == bindparam("row_id"))
        .values(calibration=bindparam("new_calibration"), explanation=bindparam("told")),
        [
            {"row_id": c["file_id"], "new_calibration": c["calibration"], "told": c["explanation"]}
            for c in changes
        ],
    )
    drops = [
        {"row_id": c["file_id"], "row_key": key, "row_value": value}
        for c in changes
        for key, value in c["drop"]
    ]
    if drops:
        this = and_(
            tag_value.c.file_id == bindparam("row_id"),
            tag_value.c.key == bindparam("row_key"),
            tag_value.c.value == bindparam("row_value"),
        )
        tx.execute(delete(tag_value).where(this), drops)
    adds = [
        {"file_id": c["file_id"], "key": key, "value": value, "number": find_number(value)}
        for c in changes
        for key, value in c["add"]
    ]
    if adds:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(dialect.insert(tag_value).on_conflict_do_nothing(), adds)
    store_digests(tx, [(c["file_id"], *c["digest"]) for c in changes])
