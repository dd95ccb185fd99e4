"""The tagging room's face: what can be asked of it from the server's side."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from mediant.errors import Invalid, NotFound
from mediant.jobs.job import Enqueued, NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.library.libraries import LibraryEntry
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.models.suite import require_backbones
from mediant.settings.model import TaggingSettings
from mediant.store import Database
from mediant.store.reading import address_of
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import track
from mediant.tagging import rows, written
from mediant.tagging.report import TrackReport, read_report
from mediant.tagging.results import CONTENT_CODES, UNDO, UNTAG, Results, Rules, name_of
from mediant.tagging.retag import RetagWish, count_tagged, retag_job, retag_kind
from mediant.tagging.sweep import sweep_job, sweep_kind
from mediant.tagging.wish import (
    UNSUPPORTED,
    WAITS,
    WRITE_MODES,
    effective_mode,
    has_risen,
    new_job,
)

if TYPE_CHECKING:
    from mediant.tagging.plan import WritePlanned

ALIASES = {"native": "full"}
"""Another name of a write mode that requests may use."""
ASKED_FOR = 10
"""Priority of a wish for certain files: somebody waits, so it goes before whole libraries."""
DEFAULT_RULES = Rules()
NO_MODELS = (
    "No music model is installed, so that new music waits. Run `mediant models pull`, then scan."
)
BATCH = 1000
"""Files that are looked at and enqueued at once; a million rows are never in memory."""


class Tagging:
    """Everything that is known about the tracks of all libraries, and how more is found out."""

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        library: Library,
        models: Models,
        settings: TaggingSettings,
        *,
        rules: Rules = DEFAULT_RULES,
    ) -> None:
        """Nothing runs in this object: the work is done by jobs."""
        self._database = database
        self._queue = queue
        self._library = library
        self._models = models
        self._settings = settings
        self._rules = rules
        self._results = Results(settings, models.folder, lambda: models.suite().version, rules)

    def kinds(self) -> list[JobKind]:
        """The kinds of job of this room: `tag`, `untag`, `undo`, `tidy`, `sweep` and `retag`."""
        retag = retag_kind(self._results, address_of(self._database))
        return [*self._results.kinds(), sweep_kind(self._find_pending), retag]

    # Asking for work

    def tag_path(
        self,
        path: Path,
        *,
        force: bool = False,
        write_mode: str | None = None,
        priority: int = ASKED_FOR,
    ) -> list[Enqueued]:
        """Enqueue a file, or every audio file below a folder, in order.

        Without `write_mode` the library's own applies. Raises MediaError for a missing path,
        Forbidden for one outside all libraries, NotFound for a folder without audio, Invalid for
        an unknown write mode.
        """
        mode = check_mode(write_mode)
        enqueued: list[Enqueued] = []
        for batch in batches(self._library.list_audio(path)):
            wishes = [
                new_job(entry, entry.path, force=force, mode=mode, priority=priority)
                for entry in self._library.register_many(batch)
            ]
            enqueued += self._queue.enqueue_many(wishes)
        if not enqueued:
            raise NotFound("There is no audio file.", asset=str(path))
        return enqueued

    def tag_library(
        self, library_id: int, *, force: bool = False, write_mode: str | None = None
    ) -> int:
        """Enqueue the files of a library that need it (all with `force`); how many jobs are new.

        A file needs it when its analysis is missing or old, or when its tags are not in it in the
        wanted mode: without `write_mode` that is the library's own. Files whose content was found
        unusable are left out unless forced. ModelError while no network is installed.
        """
        mode = check_mode(write_mode)
        self._library.get_library(library_id)
        require_backbones(self._models.suite())
        pending = self._select_pending(force=force, mode=mode)
        return self._enqueue_pages(library_id, pending, force=force, mode=mode)

    def write_after_rise(self, before: LibraryEntry, after: LibraryEntry) -> int:
        """Enqueue the tagged files of a library whose write mode rose; how many jobs are new.

        Their stored tags are written; nothing is analysed that is current. A mode that fell, or
        stayed, changes no file.
        """
        modes = [effective_mode(one.write_mode, self._settings) for one in (before, after)]
        if not has_risen(*modes):
            return 0
        same = and_(track.c.size == file.c.size, track.c.mtime_ns == file.c.mtime_ns)
        pending = self._select_pending(force=False, mode=None).where(_is_tagged(same))
        return self._enqueue_pages(after.id, pending, force=False, mode=None)

    def _enqueue_pages(
        self, library_id: int, pending: Select[Any], *, force: bool, mode: str | None
    ) -> int:
        created = 0
        for low, high in self._pages(library_id):
            page = pending.where(is_of(library_id), file.c.id > low, file.c.id <= high)
            page = page.order_by(file.c.id)
            with self._database.read() as connection:
                wishes = [
                    new_job(row, Path(row.root_path, row.path), force=force, mode=mode)
                    for row in connection.execute(page)
                ]
            if wishes:
                created += sum(one.created for one in self._queue.enqueue_many(wishes))
        return created

    def _pages(self, library_id: int) -> Iterator[tuple[int, int]]:
        """A library's files as ranges of ids (low, high], `BATCH` files each."""
        low = 0
        while True:
            page = select(file.c.id).where(is_of(library_id), file.c.id > low)
            some = page.order_by(file.c.id).limit(BATCH).subquery()
            with self._database.read() as connection:
                high = connection.scalar(select(func.max(some.c.id)))
            if high is None:
                return
            yield low, high
            low = high

    def pending_jobs(
        self, tx: Connection, library_id: int, file_ids: Sequence[int]
    ) -> list[NewJob]:
        """Jobs for those of these files whose analysis is missing or of other content or models,
        or whose tags are not in them in the library's write mode.

        Told by the library after a scan, in its transaction. While no network is installed only
        the last ones, whose tags are stored: see `tell_hindrance`.
        """
        jobs: list[NewJob] = []
        for batch in batches(iter(file_ids)):
            query = self._select_pending(force=False, mode=None)
            query = query.where(is_of(library_id), file.c.id.in_(batch))
            jobs += self._in_background(tx, query)
        return jobs

    def _in_background(self, tx: Connection, query: Select[Any]) -> list[NewJob]:
        """Jobs that nobody asked for by name. Where a first calibration is awaited, they say so."""
        return [
            new_job(row, Path(row.root_path, row.path), background=self._rules.awaits_calibration)
            for row in tx.execute(query.order_by(file.c.id))
        ]

    def sweep_jobs(self, tx: Connection, library: LibraryEntry) -> list[NewJob]:
        """Told by the library when a scan of all of it ends: look for files without a track."""
        newest = tx.scalar(select(func.max(file.c.id)).where(is_of(library.id)))
        return [sweep_job(library.id, newest)] if newest else []

    def tell_hindrance(self) -> str | None:
        """Why a scan leaves files without an analysis, for its result; None when nothing does."""
        return None if self._models.suite().backbones else NO_MODELS

    def _find_pending(self, tx: Connection, library_id: int, ids: range) -> list[NewJob]:
        query = self._select_pending(force=False, mode=None, leaves_unwritten=True)
        query = query.where(is_of(library_id), file.c.id >= ids.start, file.c.id < ids.stop)
        if self._rules.is_awaiting(tx):
            waiting = select(track.c.file_id).where(
                track.c.file_id == file.c.id, track.c.write_error == WAITS
            )
            query = query.where(~waiting.correlate(file).exists())
        return self._in_background(tx, query)

    def _select_pending(
        self, *, force: bool, mode: str | None, leaves_unwritten: bool = False
    ) -> Select[Any]:
        """Files that are there, with their root; those with a current analysis are left out.

        `leaves_unwritten`: a file whose tags are not in it is left as it is (its write may have
        been undone), unless the write itself failed.
        """
        columns = select(file.c.id, file.c.path, file.c.size, file.c.mtime_ns, library.c.root_path)
        query = columns.join(library, library.c.id == file.c.library_id)
        query = query.where(file.c.state == "present")
        if force:
            return query
        same = and_(track.c.size == file.c.size, track.c.mtime_ns == file.c.mtime_ns)
        suite = self._models.suite()
        by_these = and_(track.c.suite == suite.version, track.c.preset == self._settings.preset)
        if not suite.backbones:  # nothing can be analysed, only what is known be written
            by_these = true()
            query = query.where(_is_tagged(same))
        is_unusable = and_(track.c.state != "tagged", track.c.error_code.in_(CONTENT_CODES))
        own = case(
            (library.c.write_mode != "none", library.c.write_mode), else_=self._settings.write_mode
        )
        wanted = own if mode is None else literal(mode)
        # Not written for a passing cause (a read-only mount): tried again. No place for tags: not.
        is_impossible = track.c.write_error == UNSUPPORTED
        is_done: ColumnElement[bool] = track.c.write_error.is_(None)
        if not leaves_unwritten:
            is_done = and_(is_done, track.c.written_mode == wanted)
        written = or_(wanted == "none", is_done, is_impossible)
        settled = or_(is_unusable, and_(track.c.state == "tagged", by_these, written))
        current = select(track.c.file_id).where(track.c.file_id == file.c.id, same, settled)
        return query.where(~current.correlate(file, library).exists())

    def undo(self, target: Path | int) -> Enqueued:
        """Enqueue taking back the newest write to a file; again for the one before it.

        NotFound when the file is unknown or nothing was written to it.
        """
        file_id = self._find_id(target)
        with self._database.read() as connection:
            found = rows.find_file(connection, file_id)
            writes = written.list_writes(connection, file_id, "applied", "prepared")
            undone_at = written.last_undone(connection, file_id)
        if found is None or not writes:
            raise NotFound(written.tell_nothing_left(undone_at), asset=str(target))
        path = str(Path(found.root_path, found.path))
        payload = {"file_id": file_id, "path": path}
        return self._queue.enqueue(NewJob(UNDO, payload, str(file_id), ASKED_FOR))

    def remove_tags(self, target: Path | int) -> Enqueued:
        """Enqueue taking our tags out of a file. What is stored about the track stays."""
        file_id = self._find_id(target)
        path = str(self._library.get_file(file_id).path)
        payload = {"file_id": file_id, "path": path, "remove": True}
        return self._queue.enqueue(NewJob(UNTAG, payload, str(file_id), ASKED_FOR))

    def retag_all(
        self, *, library_id: int | None = None, dry_run: bool = False, rewrite_all: bool = False
    ) -> RetagWish:
        """Enqueue new words for all stored scores, by the calibration in force; no audio is read.

        Files whose mood words change are written in their library's mode; with `rewrite_all` every
        file whose tags differ. `dry_run` counts and changes nothing. NotFound for a library that
        is not there; no tagged track at all is an answer, not an error.
        """
        if library_id is not None:
            self._library.get_library(library_id)
        with self._database.read() as connection:
            tracks = count_tagged(connection, library_id)
            name = name_of(self._rules.calibration(connection))
        wish = retag_job(library_id, name, dry_run=dry_run, rewrite_all=rewrite_all)
        return RetagWish(self._queue.enqueue(wish), tracks)

    # Asking what is known

    def read_own_tags(self, target: Path | int) -> dict[str, list[str]]:
        """Our tags in the file itself as it is now: what `remove_tags` would take out.

        NotFound for an unknown file, MediaError for one that is away or no sound file. A kind of
        file without a place for our tags has none.
        """
        # mutagen is not loaded at start
        from mediant.tagging.own_tags import read_own_tags  # noqa: PLC0415

        entry = self._library.get_file(self._find_id(target))
        with self._database.read() as connection:
            known = rows.find_track(connection, entry.id)
        is_sound = known is not None and known.state == "tagged"
        return read_own_tags(entry.path, self._settings.namespace, is_sound=is_sound)

    def plan_write(
        self, file_id: int, *, write_mode: str | None = None, force: bool = False
    ) -> "WritePlanned":
        """What `tag_path` with the same arguments would write into a file that was analysed.

        NotFound, MediaError for one that is away, Invalid for an unknown write mode.
        """
        from mediant.tagging.plan import plan_write  # noqa: PLC0415 (as above)

        mode = check_mode(write_mode)
        entry = self._library.get_file(file_id)
        home = self._library.get_library(entry.library_id)
        with self._database.read() as connection:
            known = rows.find_track(connection, file_id)
            tags = rows.list_tags(connection, file_id)
        if known is None:
            raise NotFound("This file was not analysed yet.", asset=str(entry.path))
        return plan_write(
            entry.path,
            mode or effective_mode(home.write_mode, self._settings),
            tags,
            known._asdict(),
            namespace=self._settings.namespace,
            force=force,
        )

    def show(self, path: Path | None = None, *, file_id: int | None = None) -> TrackReport:
        """Everything that is stored about a file, and why; NotFound when it is unknown."""
        if path is None and file_id is None:
            raise Invalid("A path or a file's id is needed.")
        wanted = file_id if file_id is not None else self._find_id(path or Path())
        with self._database.read() as connection:
            return read_report(connection, wanted)

    def count_tracks(self) -> dict[str, int]:
        """Tracks by state; `tagged`, `failed` and `skipped` are always there."""
        query = select(track.c.state, func.count().label("n")).group_by(track.c.state)
        with self._database.read() as connection:
            found = {row.state: row.n for row in connection.execute(query)}
        return {"tagged": 0, "failed": 0, "skipped": 0} | found

    def _find_id(self, target: Path | int) -> int:
        if isinstance(target, int):
            return target
        found = self._library.find_file(target)
        if found is None:
            remedy = "Run `mediant scan`, or `mediant tag` with the file."
            raise NotFound("This file is not known.", asset=str(target), remedy=remedy)
        return found.id


def is_of(library_id: int) -> ColumnElement[bool]:
    """The condition that a file is a library's, for rows that are sought by their ids.

    The sum keeps the databases from reading the whole library by its index for each page.
    """
    return file.c.library_id + 0 == library_id


def _is_tagged(same: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a file has an analysis, of the `same` content."""
    wanted = select(track.c.file_id).where(track.c.file_id == file.c.id, same)
    return wanted.where(track.c.state == "tagged").correlate(file, library).exists()


def check_mode(mode: str | None) -> str | None:
    """The write mode by its own name; Invalid for an unknown one. None stays None."""
    if mode is None:
        return None
    found = ALIASES.get(mode, mode)
    if found not in WRITE_MODES:
        raise Invalid(f"`{mode}` is no write mode.", remedy=f"Use one of {', '.join(WRITE_MODES)}.")
    return found


def batches(items: Iterator[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """The items in lists of at most `size`."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
