"""Telling moved files from added ones, after a scan: on the server's side.

`settle` decides at once what inodes, sizes and times can tell. Where a new file has the size of a
missing one whose fingerprint is known, a job of kind `match` reads the new file first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.library.libraries import LibraryEntry, OnChanged, no_jobs, read_library
from mediant.library.moves import (
    Candidate,
    Move,
    OnMoved,
    content_key,
    list_missing,
    list_new,
    make_present,
    no_moves,
    pair_moves,
    repoint,
    stat_key,
    store_fingerprints,
)
from mediant.settings.model import LibrarySettings

MATCH = "match"
PAGE = 500


@dataclass(slots=True)
class Settled:
    """What `settle` decided."""

    moved: list[int] = field(default_factory=list)
    """Ids of rows that were missing and now stand at their new place."""
    added: list[int] = field(default_factory=list)
    lost_at: list[float] = field(default_factory=list)
    """Since when each moved row had been missing."""
    is_open: bool = False
    """Whether new rows remain that only their content can tell, or that were beyond the limit."""

    @property
    def ids(self) -> list[int]:
        """All files that are the library's own from now on."""
        return self.moved + self.added


def match_job(library_id: int, ids: tuple[int, int]) -> NewJob:
    """The job that looks at the contents of new files with ids in `(low, high]`."""
    low, high = ids
    payload = {"library_id": library_id, "low": low, "high": high}
    return NewJob(MATCH, payload, dedup_key=f"{library_id}:{low}:{high}")


def settle(
    tx: Connection,
    entry: LibraryEntry,
    ids: tuple[int, int],
    limit: int,
    on_moved: OnMoved = no_moves,
) -> Settled:
    """Decide about up to `limit` new rows of a library by what the file system says."""
    settled = Settled()
    low, high = ids
    for _ in range(0, limit, PAGE):
        page = list_new(tx, entry.id, (low, high), PAGE)
        if not page:
            return settled
        missing = list_missing(tx, (row.size for row in page))
        moves = pair_moves(page, missing, stat_key)
        taken_old, taken_new = _ends(moves)
        asked = _sizes_to_read(row for row in missing if row.id not in taken_old)
        rest = [row for row in page if row.id not in taken_new]
        _apply(tx, entry, settled, moves, [row for row in rest if row.size not in asked])
        on_moved(tx, moves)
        settled.is_open = settled.is_open or any(row.size in asked for row in rest)
        low = page[-1].id
    settled.is_open = settled.is_open or bool(list_new(tx, entry.id, (low, high), 1))
    return settled


def _ends(moves: Sequence[Move]) -> tuple[set[int], set[int]]:
    return {move.old.id for move in moves}, {move.new.id for move in moves}


def _sizes_to_read(missing: Iterable[Candidate]) -> set[int]:
    """Sizes at which reading a new file may show that it is a missing one."""
    return {row.size for row in missing if row.fingerprint is not None}


def _apply(
    tx: Connection,
    entry: LibraryEntry,
    settled: Settled,
    moves: Sequence[Move],
    added: Sequence[Candidate],
) -> None:
    settled.moved += repoint(tx, entry.id, moves)
    settled.lost_at += [move.old.missing_since or 0.0 for move in moves]
    ids = [row.id for row in added]
    make_present(tx, ids)
    settled.added += ids


@dataclass(frozen=True, slots=True)
class MatchJobs:
    """The functions of the kind `match`: one page of new files a job, until none is left."""

    settings: LibrarySettings
    on_changed: OnChanged = no_jobs
    on_moved: OnMoved = no_moves

    def kind(self) -> JobKind:
        """What the queue is told about matching."""
        return JobKind(
            MATCH,
            run="mediant.library.match:run",
            lane="io",
            prepare=self.prepare,
            commit=self.commit,
            failed=self.failed,
        )

    def prepare(self, tx: Connection, job: Job) -> Payload:
        """The worker's message: the files of the page whose content may tell something."""
        entry = read_library(tx, job.payload["library_id"])
        page = self._page(tx, job)
        asked = _sizes_to_read(list_missing(tx, (row.size for row in page)))
        files = [[row.id, row.path] for row in page if row.size in asked and not row.fingerprint]
        return {"root": str(entry.root_path), "files": files}

    def commit(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Decide about the page for good, and go on with the next one."""
        return self._decide(tx, job, dict(result["prints"]))

    def failed(self, tx: Connection, job: Job, _code: str, _text: str) -> Committed:
        """Unread files are added files; they must not wait for ever."""
        return self._decide(tx, job, {})

    def _page(self, tx: Connection, job: Job) -> list[Candidate]:
        payload = job.payload
        return list_new(tx, payload["library_id"], (payload["low"], payload["high"]), PAGE)

    def _decide(self, tx: Connection, job: Job, prints: dict[int, bytes]) -> Committed:
        page = self._page(tx, job)
        if not page:
            return Committed(summary={"moved": 0, "added": 0})
        entry = read_library(tx, job.payload["library_id"])
        store_fingerprints(tx, prints)
        read = [row._replace(fingerprint=prints.get(row.id, row.fingerprint)) for row in page]
        missing = list_missing(tx, (row.size for row in page))
        moves = pair_moves(read, missing, stat_key)
        taken_old, taken_new = _ends(moves)
        moves += pair_moves(
            [row for row in read if row.id not in taken_new],
            [row for row in missing if row.id not in taken_old],
            content_key,
        )
        taken_new = _ends(moves)[1]
        settled = Settled()
        _apply(tx, entry, settled, moves, [row for row in read if row.id not in taken_new])
        self.on_moved(tx, moves)
        return Committed(
            jobs=self._jobs(tx, entry, settled.ids, page[-1].id, job.payload["high"]),
            summary={"moved": len(settled.moved), "added": len(settled.added)},
        )

    def _jobs(
        self, tx: Connection, entry: LibraryEntry, ids: Sequence[int], low: int, high: int
    ) -> list[NewJob]:
        jobs = list(self.on_changed(tx, entry, ids)) if self.settings.auto_tag else []
        if list_new(tx, entry.id, (low, high), 1):
            jobs.append(match_job(entry.id, (low, high)))
        return jobs
