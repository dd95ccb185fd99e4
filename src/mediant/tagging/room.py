"""The tagging room's face: what can be asked of it from the server's side."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from mediant.errors import Invalid, NotFound
from mediant.jobs.job import Enqueued, NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.settings.model import TaggingSettings
from mediant.store import Database
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import track
from mediant.tagging import rows
from mediant.tagging.report import TrackReport, read_report
from mediant.tagging.results import TAG, UNDO, UNTAG, Results
from mediant.tagging.wish import WRITE_MODES

ALIASES = {"native": "full"}
"""Another name of a write mode that requests may use."""
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
    ) -> None:
        """Nothing runs in this object: the work is done by jobs."""
        self._database = database
        self._queue = queue
        self._library = library
        self._models = models
        self._settings = settings
        self._results = Results(settings, models.folder, lambda: models.suite().version)

    def kinds(self) -> list[JobKind]:
        """The kinds of job of this room: `tag`, `untag`, `undo` and `tidy`."""
        return self._results.kinds()

    # Asking for work

    def tag_path(
        self,
        path: Path,
        *,
        force: bool = False,
        write_mode: str | None = None,
        priority: int = 0,
    ) -> list[Enqueued]:
        """Enqueue a file, or every audio file below a folder, in order.

        Without `write_mode` the library's own applies. Raises MediaError for a missing path,
        Forbidden for one outside all libraries, NotFound for a folder without audio, Invalid for
        an unknown write mode.
        """
        mode = check_mode(write_mode)
        enqueued: list[Enqueued] = []
        for batch in batches(self._library.list_audio(path)):
            entries = [self._library.register(found) for found in batch]
            wishes = [
                new_job(entry, entry.path, force=force, mode=mode, priority=priority)
                for entry in entries
            ]
            enqueued += self._queue.enqueue_many(wishes)
        if not enqueued:
            raise NotFound("There is no audio file.", asset=str(path))
        return enqueued

    def tag_library(
        self, library_id: int, *, force: bool = False, write_mode: str | None = None
    ) -> int:
        """Enqueue the files of a library that need it (all with `force`); how many jobs are new.

        Files whose content was found unusable are left out unless forced.
        """
        mode = check_mode(write_mode)
        self._library.get_library(library_id)
        created = 0
        pending = self._select_pending(force=force, mode=mode).order_by(file.c.id)
        for low, high in self._pages(library_id):
            page = pending.where(is_of(library_id), file.c.id > low, file.c.id <= high)
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
        """Jobs for those of these files whose analysis is missing or of other content or models.

        Told by the library after a scan, in its transaction.
        """
        jobs: list[NewJob] = []
        for batch in batches(iter(file_ids)):
            query = self._select_pending(force=False, mode=None)
            query = query.where(is_of(library_id), file.c.id.in_(batch))
            jobs += [
                new_job(row, Path(row.root_path, row.path))
                for row in tx.execute(query.order_by(file.c.id))
            ]
        return jobs

    def _select_pending(self, *, force: bool, mode: str | None) -> Select[Any]:
        """Files that are there, with their root; those with a current analysis are left out."""
        columns = select(file.c.id, file.c.path, file.c.size, file.c.mtime_ns, library.c.root_path)
        query = columns.join(library, library.c.id == file.c.library_id)
        query = query.where(file.c.state == "present")
        if force:
            return query
        same = and_(track.c.size == file.c.size, track.c.mtime_ns == file.c.mtime_ns)
        version = self._models.suite().version
        by_these = and_(track.c.suite == version, track.c.preset == self._settings.preset)
        settled = or_(track.c.state != "tagged", by_these)
        if mode is not None and mode != "none":
            written = track.c.written_mode == mode
            settled = or_(track.c.state != "tagged", and_(by_these, written))
        current = select(track.c.file_id).where(track.c.file_id == file.c.id, same, settled)
        return query.where(~current.exists())

    def undo(self, target: Path | int) -> Enqueued:
        """Enqueue taking back the newest write to a file; again for the one before it.

        NotFound when the file is unknown or nothing was written to it.
        """
        file_id = self._find_id(target)
        with self._database.read() as connection:
            found = rows.find_file(connection, file_id)
            writes = rows.list_writes(connection, file_id, "applied", "prepared")
        if found is None or not writes:
            raise NotFound("Nothing was written to this file.", asset=str(target))
        path = str(Path(found.root_path, found.path))
        payload = {"file_id": file_id, "path": path}
        return self._queue.enqueue(NewJob(UNDO, payload, dedup_key=str(file_id), priority=1))

    def remove_tags(self, target: Path | int) -> Enqueued:
        """Enqueue taking our tags out of a file. What is stored about the track stays."""
        file_id = self._find_id(target)
        path = str(self._library.get_file(file_id).path)
        payload = {"file_id": file_id, "path": path, "remove": True}
        return self._queue.enqueue(NewJob(UNTAG, payload, dedup_key=str(file_id), priority=1))

    # Asking what is known

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
            raise NotFound("This file is not known.", asset=str(target))
        return found.id


def is_of(library_id: int) -> ColumnElement[bool]:
    """The condition that a file is a library's, for rows that are sought by their ids.

    The sum keeps the databases from reading the whole library by its index for each page.
    """
    return file.c.library_id + 0 == library_id


def new_job(
    seen: Any, path: Path, *, force: bool = False, mode: str | None = None, priority: int = 0
) -> NewJob:
    """The wish to tag a file; live at most once a file. `seen`: its row, or its entry.

    Size and time of the file make the wish a new one when the file has changed meanwhile.
    """
    payload = {
        "file_id": seen.id,
        "path": str(path),
        "force": force,
        "write_mode": mode,
        "seen": f"{seen.size}:{seen.mtime_ns}",
    }
    return NewJob(TAG, payload, dedup_key=str(seen.id), priority=priority)


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
