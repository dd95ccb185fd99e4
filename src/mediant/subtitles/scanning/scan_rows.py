"""The rows of scans: what was asked, what was walked, and the counts.

A part that comes twice, or again in a later attempt, counts once: the row remembers the attempt
and how many of its parts are counted. What a later attempt looks at is counted anew; jobs that an
earlier one made stay counted, for they were made.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from mediant.errors import NotFound
from mediant.kernel.clock import now_s
from mediant.store.schema_subtitles import subtitle_scan

WATCH = "watch"
PASSING = (WATCH, "hook")
"""Origins of scans of single new files: they do not count as scans."""
KEPT_PASSING = 1000
"""They may come often; older ones are forgotten."""

_scan = subtitle_scan.c


@dataclass(frozen=True, slots=True)
class Scan:
    """One look through folders. Times are UTC epoch seconds; `skipped` had a rule, but a reason
    against it."""

    job_id: int
    origin: str
    paths: tuple[str, ...]
    missing: tuple[str, ...]
    scanned: int
    matched: int
    created: int
    skipped: int
    attempt: int
    parts: int
    waiting: int
    is_walked: bool
    started_at: float
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What one part adds."""

    scanned: int = 0
    matched: int = 0
    created: int = 0
    skipped: int = 0


def begin(tx: Connection, job_id: int, origin: str) -> None:
    """Make the row of a scan that starts; one that was begun before keeps its own."""
    if tx.execute(select(_scan.job_id).where(_scan.job_id == job_id)).first() is not None:
        return
    zero = dict.fromkeys(
        ("scanned", "matched", "created", "skipped", "attempt", "parts", "waiting", "is_walked"), 0
    )
    row = {"job_id": job_id, "origin": origin, "paths": "[]", "missing": "[]", **zero}
    tx.execute(insert(subtitle_scan).values(**row, started_at=now_s()))
    if origin in PASSING:
        _forget_old(tx)


def takes(tx: Connection, job_id: int, attempt: int, part: int) -> bool:
    """Whether this part of this attempt is not counted yet; it is from now on."""
    scan = read(tx, job_id)
    if attempt < scan.attempt or (attempt == scan.attempt and part <= scan.parts):
        return False
    fresh = {} if attempt == scan.attempt else {"scanned": 0, "matched": 0, "skipped": 0}
    waiting = {} if attempt == scan.attempt else {"waiting": 0}
    _change(tx, job_id, attempt=attempt, parts=part, **fresh, **waiting)
    return True


def add(tx: Connection, job_id: int, counts: Counts, *, waiting: int = 0) -> None:
    """Add what a part found; `waiting` files more (or less) are still being inspected."""
    _change(
        tx,
        job_id,
        scanned=_scan.scanned + counts.scanned,
        matched=_scan.matched + counts.matched,
        created=_scan.created + counts.created,
        skipped=_scan.skipped + counts.skipped,
        waiting=_scan.waiting + waiting,
    )
    if waiting < 0:
        finish(tx, job_id)


def end_walk(tx: Connection, job_id: int, paths: Sequence[str], missing: Sequence[str]) -> None:
    """The walk is over."""
    told = {"paths": json.dumps(list(paths)), "missing": json.dumps(list(missing))}
    _change(tx, job_id, **told, is_walked=1)
    finish(tx, job_id)


def finish(tx: Connection, job_id: int) -> None:
    """The scan is over, if nothing of it waits any more."""
    open_scan = (_scan.job_id == job_id, _scan.finished_at.is_(None))
    is_over = (_scan.is_walked == 1, _scan.waiting <= 0)
    tx.execute(update(subtitle_scan).where(*open_scan, *is_over).values(finished_at=now_s()))


def read(connection: Connection, job_id: int) -> Scan:
    """One scan; NotFound."""
    row = connection.execute(select(subtitle_scan).where(_scan.job_id == job_id)).first()
    if row is None:
        raise NotFound("There is no such scan.", asset=f"job {job_id}")
    return _to_scan(row)


def count_scans(connection: Connection) -> tuple[int, float | None]:
    """How many scans there were, without those of single new files, and when the last one began."""
    query = select(func.count(), func.max(_scan.started_at)).where(_scan.origin.not_in(PASSING))
    n, last = connection.execute(query).one()
    return int(n), last


def _change(tx: Connection, job_id: int, **values: Any) -> None:
    tx.execute(update(subtitle_scan).where(_scan.job_id == job_id).values(**values))


def _forget_old(tx: Connection) -> None:
    kept = (
        select(_scan.job_id)
        .where(_scan.origin.in_(PASSING))
        .order_by(_scan.job_id.desc())
        .offset(KEPT_PASSING)
        .limit(1)
    )
    oldest = tx.execute(kept).scalar()
    if oldest is not None:
        gone = (_scan.origin.in_(PASSING), _scan.job_id <= oldest)
        tx.execute(delete(subtitle_scan).where(*gone))


def _to_scan(row: Row[Any]) -> Scan:
    values = dict(row._mapping)
    values["paths"] = tuple(json.loads(values["paths"]))
    values["missing"] = tuple(json.loads(values["missing"]))
    values["is_walked"] = bool(values["is_walked"])
    return Scan(**values)
