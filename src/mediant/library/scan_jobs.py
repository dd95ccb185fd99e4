"""The scan on the server's side: what the worker is told, and how its batches become rows."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mediant.events.topics import Event
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.kernel.clock import now_s
from mediant.library.diff import AWAY, Difference, Found, Known, Span, after, compare
from mediant.library.forget_jobs import forget_some
from mediant.library.libraries import (
    SCAN,
    LibraryEntry,
    OnChanged,
    OnScanned,
    TellHindrance,
    no_hindrance,
    no_jobs,
    no_sweep,
    read_library,
)
from mediant.library.match_jobs import Settled, match_job, settle
from mediant.library.moves import IS_MISSING, NEW, OnMoved, chunks, newest_file_id, no_moves
from mediant.library.walk import Rules
from mediant.settings.model import LibrarySettings
from mediant.store.schema_library import file, library

PAGE = 5_000
TALLIES = 100
SETTLE_AT_ONCE = 5_000
"""So many new files are checked for moves when a scan ends; a `match` job takes the others."""

_ROW = (
    file.c.id,
    file.c.path,
    file.c.size,
    file.c.mtime_ns,
    file.c.inode,
    file.c.state,
    file.c.changed_at,
)

_OF_THE_WALK = ("seen", "skipped", "unread", "unread_paths", "unsettled")


@dataclass(slots=True)
class ScanJobs:
    """The functions of the kind `scan`.

    A first scan of an empty library hands new files out at once. A later one keeps them as `new`
    until its end, because a missing file that they came from may be met last.
    """

    settings: LibrarySettings
    on_changed: OnChanged = no_jobs
    on_moved: OnMoved = no_moves
    on_scanned: OnScanned = no_sweep
    tell_hindrance: TellHindrance = no_hindrance
    tally: dict[int, dict[tuple[int, str], Counter[str]]] = field(default_factory=dict)
    """Counts of the last scans, by job, then by attempt and batch. They outlive an attempt, but
    not the server: after its restart a scan counts from there. They are not dropped by the commit,
    because it may be repeated after a lost connection."""

    def kind(self) -> JobKind:
        """What the queue is told about scans."""
        return JobKind(
            SCAN,
            run="mediant.library.scan:run",
            lane="io",
            prepare=self.prepare,
            cut=self.cut,
            absorb=self.absorb,
            commit=self.commit,
            failed=self.failed,
            merge=merge_scans,
        )

    def prepare(self, tx: Connection, job: Job) -> Payload:
        """The worker's message: the root, the rules, and how many files are known."""
        entry = read_library(tx, job.payload["library_id"])
        for old in sorted(self.tally)[:-TALLIES]:
            del self.tally[old]
        targets = job.payload.get("paths")
        here = file.c.library_id == entry.id
        is_there = (here, file.c.state.not_in(sorted(AWAY)))
        counted = select(func.count()).select_from(file).where(*is_there)
        # A scan of some paths only needs to know whether an empty root is suspicious.
        known = tx.scalar(counted if targets is None else select(exists().where(*is_there)))
        has_rows = tx.scalar(select(exists().where(here)))
        has_missing = tx.scalar(select(exists().where(IS_MISSING)))
        return {
            "library_id": entry.id,
            "root": str(entry.root_path),
            "ignore": list(self.settings.ignore),
            "targets": targets,
            "known": int(known or 0),
            "fresh": not has_rows and not has_missing,
            "force": bool(job.payload.get("force")),
            "settle_s": float(job.payload.get("settle_s", 0.0)),
        }

    def cut(self, connection: Connection, _job: Job, part: Result) -> list[Result]:
        """One stretch of paths as stretches of at most `PAGE` known rows each: a folder that is
        gone is a short message, and may be a million rows."""
        span = Span(*part["span"])
        starts = [span.start, *_page_starts(connection, part["library_id"], span)]
        paths = [entry[0] for entry in part["entries"]]
        bounds = [0, *(bisect_left(paths, start) for start in starts[1:]), len(paths)]
        stops = [*starts[1:], span.stop]
        return [
            {**part, "span": [start, stop], "entries": part["entries"][low:high]}
            for start, stop, (low, high) in zip(starts, stops, pairwise(bounds), strict=True)
        ]

    def absorb(self, tx: Connection, job: Job, part: Result) -> Committed:
        """Make the rows of one stretch of paths say what the worker found there."""
        entry = read_library(tx, part["library_id"])
        merge = _Merge(tx, entry, is_fresh=part["fresh"])
        untouched = [Span(*one) for one in part["untouched"]]
        found = [Found(*one) for one in part["entries"]]
        rules, root = Rules(self.settings.ignore), str(entry.root_path)
        for known, files in _pages(tx, entry.id, Span(*part["span"]), found):
            difference = compare(
                known, files, untouched, job.started_at, lambda path: rules.takes_path(root, path)
            )
            merge.write(difference, is_forced=part["force"])
        jobs = self._jobs(tx, entry, merge.ids)
        merge.counts["queued"] += len(jobs)
        # A batch may come twice (a lost connection); the larger count is the one that was written.
        batches, key = self.tally.setdefault(job.id, {}), (job.attempt, part["span"][0])
        batches[key] = batches.get(key, Counter()) | merge.counts
        return Committed(jobs=jobs)

    def count(self, job_id: int) -> Counter[str]:
        """What the batches of one of the last scans have told so far. Any thread may ask."""
        return sum(list(self.tally.get(job_id, {}).values()), Counter[str]())

    def commit(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Tell moved files from added ones, and close the scan."""
        entry = read_library(tx, job.payload["library_id"])
        ids = (0, newest_file_id(tx))
        counts = self.count(job.id)
        is_whole = job.payload.get("paths") is None
        # While a whole scan runs, a moved file's old row may not be missing yet: it settles all.
        settles = is_whole or (counts["added"] and entry.scan_state != "running")
        settled = Settled()
        if settles:
            settled = settle(tx, entry, ids, SETTLE_AT_ONCE, self.on_moved)
        jobs = self._jobs(tx, entry, settled.ids)
        counts["queued"] += len(jobs)
        summary = {"library_id": entry.id, **_sum_up(job, counts, settled)}
        summary |= {name: result[name] for name in _OF_THE_WALK}
        if self.settings.auto_tag and (hindrance := self.tell_hindrance()):
            summary["hindrance"] = hindrance
        if job.payload.get("clean_missing"):
            cleaned = _clean(tx, job, settled, has_unread=bool(result["unread"]))
            summary |= cleaned.summary or {}
            jobs += cleaned.jobs
        if is_whole:
            _note_scan(tx, entry.id, scan_state="done", scan_error=None, scanned_at=now_s())
        if settled.is_open:
            jobs.append(match_job(entry.id, ids))
        if is_whole and self.settings.auto_tag:
            jobs += self.on_scanned(tx, entry)
        event = Event("scan.finished", {"job_id": job.id, "state": "done", **summary})
        return Committed(events=[event], jobs=jobs, summary=summary)

    def failed(self, tx: Connection, job: Job, code: str, text: str) -> Committed:
        """Keep the reason with the library. What was compared before stays; it was true."""
        library_id = job.payload["library_id"]
        if job.payload.get("paths") is None:
            _note_scan(tx, library_id, scan_state="failed", scan_error=text)
        body = {"job_id": job.id, "library_id": library_id, "state": "failed", "code": code}
        return Committed(events=[Event("scan.finished", {**body, "error": text})])

    def _jobs(self, tx: Connection, entry: LibraryEntry, ids: Sequence[int]) -> list[NewJob]:
        if not ids or not self.settings.auto_tag:
            return []
        return list(self.on_changed(tx, entry, ids))


def merge_scans(old: Payload, new: Payload) -> Payload:
    """The scan that does what both wishes ask for: `force` and `clean_missing` if either does,
    and of two waits for files to come to rest the shorter one. Pure.

    Who asks for a scan now must not get the watcher's, which leaves young files alone.
    """
    merged = dict(old)
    merged |= {name: True for name in ("force", "clean_missing") if new.get(name)}
    settle_s = min(old.get("settle_s", 0.0), new.get("settle_s", 0.0))
    merged.pop("settle_s", None)
    return {**merged, "settle_s": settle_s} if settle_s else merged


def _sum_up(job: Job, counts: Mapping[str, int], settled: Settled) -> dict[str, Any]:
    """What became of the files. A moved one is neither added nor, if lost just now, missing."""
    fresh_losses = sum(1 for since in settled.lost_at if since >= job.created_at)
    return {
        "added": max(0, counts["added"] - len(settled.moved)),
        "moved": len(settled.moved),
        "missing": max(0, counts["missing"] - fresh_losses),
        **{name: counts[name] for name in ("changed", "returned", "ignored", "queued")},
    }


def _clean(tx: Connection, job: Job, settled: Settled, *, has_unread: bool) -> Committed:
    """Forget the missing files of the paths that this scan walked, but for those whose writes can
    be undone; the first of them now, the others by jobs.

    None of them while a new file may still turn out to be one of them, and where something could
    not be read only those that this very scan missed: the others were perhaps not looked at.
    """
    if settled.is_open:
        return Committed(summary={"removed": 0})
    since = (job.started_at or job.created_at) if has_unread else None
    wish = {"library_id": job.payload["library_id"], "paths": job.payload.get("paths")}
    return forget_some(tx, {**wish, "since": since, "until": now_s()})


def _note_scan(tx: Connection, library_id: int, **values: Any) -> None:
    tx.execute(update(library).where(library.c.id == library_id).values(**values))


def _pages(
    tx: Connection, library_id: int, span: Span, found: Sequence[Found]
) -> Iterator[tuple[list[Known], Sequence[Found]]]:
    """The span's rows in pages, each with the files of the same paths: memory stays flat even
    when a batch covers a million rows."""
    paths = [one.path for one in found]
    start, first = span.start, 0
    while True:
        rows = _read_rows(tx, library_id, Span(start, span.stop))
        if len(rows) < PAGE:
            yield rows, found[first:]
            return
        start = after(rows[-1][1])
        last = bisect_left(paths, start)
        yield rows, found[first:last]
        first = last


def _page_starts(connection: Connection, library_id: int, span: Span) -> Iterator[str]:
    """Where the second page of a span's rows begins, the third, and so on."""
    start = span.start
    while True:
        here = [file.c.library_id == library_id, file.c.path >= start]
        here += [] if span.stop is None else [file.c.path < span.stop]
        query = select(file.c.path).where(*here).order_by(file.c.path)
        last = connection.scalar(query.limit(1).offset(PAGE - 1))
        if last is None:
            return
        start = after(last)
        yield start


def _read_rows(tx: Connection, library_id: int, span: Span) -> list[Known]:
    query = select(*_ROW).where(file.c.library_id == library_id, file.c.path >= span.start)
    if span.stop is not None:
        query = query.where(file.c.path < span.stop)
    rows: Any = tx.execute(query.order_by(file.c.path).limit(PAGE)).all()
    return rows  # type: ignore[no-any-return]  # rows are tuples in the order of Known


@dataclass(slots=True)
class _Merge:
    """Writes differences and collects the ids whose analysis may be out of date."""

    tx: Connection
    entry: LibraryEntry
    is_fresh: bool
    counts: Counter[str] = field(default_factory=Counter)
    ids: list[int] = field(default_factory=list)

    def write(self, difference: Difference, *, is_forced: bool) -> None:
        """Write one difference; `is_forced` hands out unchanged files, too."""
        if difference.added:
            self._add(difference.added)
        if difference.changed:
            self._change(difference.changed)
        if difference.returned:
            self._bring_back(difference.returned)
        if difference.gone:
            self._lose(difference.gone)
        if difference.ignored:
            self._ignore(difference.ignored)
        if is_forced:
            self.ids += difference.same

    def _add(self, files: Sequence[Found]) -> None:
        now = now_s()
        state = "present" if self.is_fresh else NEW
        fixed = {"library_id": self.entry.id, "state": state, "added_at": now, "changed_at": now}
        dialect = sqlite if self.tx.dialect.name == "sqlite" else postgresql
        # A file that was registered by hand since the rows were read is no error.
        absent = dialect.insert(file).on_conflict_do_nothing()
        self.tx.execute(absent, [{**fixed, **one._asdict()} for one in files])
        self.counts["added"] += len(files)
        if self.is_fresh:
            self.ids += self._ids_of([one.path for one in files])

    def _ids_of(self, paths: Sequence[str]) -> list[int]:
        """Ids of a batch's files, in path order: read by its stretch, which is one index range."""
        wanted = set(paths)
        rows = self.tx.execute(
            select(file.c.id, file.c.path)
            .where(file.c.library_id == self.entry.id)
            .where(file.c.path >= paths[0], file.c.path <= paths[-1])
            .order_by(file.c.path)
        )
        return [row_id for row_id, path in rows if path in wanted]

    def _change(self, files: Sequence[tuple[int, Found]]) -> None:
        back = case((file.c.state == NEW, NEW), else_="present")
        self.tx.execute(
            update(file)
            .where(file.c.id == bindparam("row_id"))
            .values(
                size=bindparam("new_size"),
                mtime_ns=bindparam("new_mtime_ns"),
                inode=bindparam("new_inode"),
                fingerprint=None,
                state=back,
                missing_since=None,
                changed_at=now_s(),
            ),
            [
                {
                    "row_id": row_id,
                    "new_size": one.size,
                    "new_mtime_ns": one.mtime_ns,
                    "new_inode": one.inode,
                }
                for row_id, one in files
            ],
        )
        self.counts["changed"] += len(files)
        self.ids += [row_id for row_id, _ in files]

    def _bring_back(self, ids: Sequence[int]) -> None:
        for some in chunks(ids):
            values = {"state": "present", "missing_since": None}
            self.tx.execute(update(file).where(file.c.id.in_(some)).values(values))
        self.counts["returned"] += len(ids)
        self.ids += ids

    def _lose(self, ids: Sequence[int]) -> None:
        now = now_s()
        for some in chunks(ids):
            values = {"state": "missing", "missing_since": now}
            self.tx.execute(update(file).where(file.c.id.in_(some)).values(values))
        self.counts["missing"] += len(ids)

    def _ignore(self, ids: Sequence[int]) -> None:
        for some in chunks(ids):
            values = {"state": "ignored", "missing_since": None}
            self.tx.execute(update(file).where(file.c.id.in_(some)).values(values))
        self.counts["ignored"] += len(ids)
