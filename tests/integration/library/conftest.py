"""A library room on a real database, whose jobs are run in this process, one after the other."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import msgpack
import pytest
from sqlalchemy import Connection, select, update

from mediant.errors import Cancelled, MediantError
from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.job import Job, JobState, NewJob
from mediant.jobs.kind import Committed, JobKind
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import now_s
from mediant.library import Library, LibraryEntry
from mediant.library.scan import scan_root
from mediant.library.walk import ListFolder
from mediant.settings.model import LibrarySettings
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_library import file
from mediant.tagging.rows import keep_moved
from mediant.testing.waiting import wait_until


@dataclass
class DirectWatch:
    """A worker's line to the server, without the pipe: values still pass through msgpack."""

    house: "House"
    kind: JobKind
    job: Job
    cancel_after: int | None = None
    parts: int = 0
    lines: list[str] = field(default_factory=list)

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        assert 0.0 <= fraction <= 1.0

    def log(self, level: str, text: str) -> None:
        text.encode()
        self.lines.append(text)

    def stop_if_cancelled(self) -> None:
        if self.cancel_after is not None and self.parts >= self.cancel_after:
            raise Cancelled

    def emit(self, part: Any) -> None:
        carried = msgpack.unpackb(msgpack.packb(dict(part)))
        with self.house.database.read() as connection:
            pieces = self.kind.cut(connection, self.job, carried)
        for piece in pieces:
            with self.house.database.write() as tx:
                committed = self.kind.absorb(tx, self.job, piece)
            self.house.take(committed)
        self.parts += 1


@dataclass
class House:
    """The room, its queue, and what it asked to be analysed."""

    database: Database
    queue: JobQueue
    library: Library
    kinds: dict[str, JobKind]
    asked: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def scan(self, library_id: int, **arguments: Any) -> dict[str, Any]:
        """Scan, and do what follows from it; the scan's summary. Raises what the worker raised."""
        how = {key: arguments.pop(key) for key in ("lister", "cancel_after") if key in arguments}
        job_id = self.library.scan(library_id, **arguments).job_id
        summary = self.run(job_id, **how)
        self.run_waiting()
        return summary

    def run_waiting(self) -> None:
        """Run what is queued, oldest first, until nothing is."""
        while waiting := self.queue.list_jobs(states=[JobState.QUEUED], limit=1000):
            self.run(waiting[-1].id)

    def run(
        self, job_id: int, *, lister: ListFolder | None = None, cancel_after: int | None = None
    ) -> dict[str, Any]:
        """Run one job as dispatcher and worker would."""
        row = self.queue.get_job(job_id)
        job = replace(row, state=JobState.RUNNING, attempt=1, started_at=now_s())
        kind = self.kinds[job.kind]
        watch = DirectWatch(self, kind, job, cancel_after)
        try:
            with self.database.write() as tx:
                payload = msgpack.unpackb(msgpack.packb(dict(kind.prepare(tx, job))))
            result = self._handle(kind, payload, watch, lister)
            carried = msgpack.unpackb(msgpack.packb(result))
            with self.database.write() as tx:
                committed = kind.commit(tx, job, carried)
        except MediantError as error:
            self._end(job, JobState.CANCELLED if isinstance(error, Cancelled) else JobState.FAILED)
            if not isinstance(error, Cancelled):
                with self.database.write() as tx:
                    self.take(kind.failed(tx, job, error.code, str(error)))
            raise
        finally:
            self.lines += watch.lines
        self._end(job, JobState.DONE)
        self.take(committed)
        return dict(committed.summary or {})

    def _handle(
        self, kind: JobKind, payload: Any, watch: DirectWatch, lister: ListFolder | None
    ) -> Any:
        if lister is not None:
            return scan_root(payload, watch, lister)
        module, _, name = kind.run.partition(":")
        return getattr(import_module(module), name)(payload, watch, None)

    def take(self, committed: Committed) -> None:
        """Do what a commit wants besides its rows."""
        self.events += committed.events
        assert not committed.children
        self.queue.enqueue_many(list(committed.jobs))

    def _end(self, job: Job, state: JobState) -> None:
        with self.database.write() as tx:
            tx.execute(update(job_table).where(job_table.c.id == job.id).values(state=state.value))

    def rows(self, library_id: int) -> dict[str, tuple[int, str]]:
        """Relative path -> (id, state)."""
        with self.database.read() as connection:
            query = select(file).where(file.c.library_id == library_id)
            return {row.path: (row.id, row.state) for row in connection.execute(query)}

    def present(self, library_id: int) -> dict[str, tuple[int, int]]:
        """Relative path -> (size, mtime_ns) of what the database says is there."""
        with self.database.read() as connection:
            query = select(file).where(file.c.library_id == library_id, file.c.state == "present")
            return {row.path: (row.size, row.mtime_ns) for row in connection.execute(query)}

    def fresh_asked(self) -> list[int]:
        """Ids that were handed out since the last call."""
        asked, self.asked = self.asked, []
        return sorted(asked)


@pytest.fixture
def settings() -> LibrarySettings:
    """The room's settings; a test module may give its own."""
    return LibrarySettings(settle_s=0.2, poll_s=0.3)


@pytest.fixture
def house(database: Database, settings: LibrarySettings) -> Iterator[House]:
    """The library room on each of the two databases."""
    kinds: dict[str, JobKind] = {}
    bus = EventBus()
    queue = JobQueue(database, bus, kinds, lambda: None)
    library = Library(database, queue, settings, EventHistory(database), bus)
    made = House(database, queue, library, kinds)

    def on_changed(_tx: Connection, _entry: LibraryEntry, ids: Sequence[int]) -> Sequence[NewJob]:
        made.asked += ids
        return ()

    kinds.update({kind.name: kind for kind in library.kinds(on_changed, keep_moved)})
    yield made
    library.stop()
    wait_until(lambda: not [one for one in threading.enumerate() if one.name.startswith("watch")])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder for music."""
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
def music(house: House, root: Path) -> int:
    """The id of the library whose root that folder is."""
    return house.library.add_library("Music", root).id


def put(root: Path, *paths: str, content: bytes | None = None) -> None:
    """Make files; each holds its own path, or what is given."""
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(os.fsencode(path) if content is None else content)


def on_disk(root: Path) -> dict[str, tuple[int, int]]:
    """Relative path -> (size, mtime_ns) of the audio files that are there."""
    found = {}
    for path in root.rglob("*.mp3"):
        stat = path.stat()
        found[path.relative_to(root).as_posix()] = (stat.st_size, stat.st_mtime_ns)
    return found


@pytest.fixture
def files() -> Any:
    """`put` and `on_disk`, which tests cannot import from here."""

    class Files:
        put = staticmethod(put)
        on_disk = staticmethod(on_disk)

    return Files
