"""A tagging room on a real database, whose jobs run in this process, one after the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import msgpack
from sqlalchemy import Connection, select, update

from mediant.errors import MediantError
from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.job import Job, JobState
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.jobs.toolbox import IdleToolbox
from mediant.kernel.clock import now_s
from mediant.library import Library
from mediant.library.scan import scan_root
from mediant.library.walk import ListFolder
from mediant.models.models import Models
from mediant.settings.model import LibrarySettings, TaggingSettings
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_library import file
from mediant.store.schema_tagging import tag_write
from mediant.tagging import Tagging
from mediant.tagging.results import Rules
from mediant.tagging.rows import keep_moved

PLAIN_RULES = Rules()
T = TypeVar("T")


class PowerCut(BaseException):
    """Stands for a process that is gone."""


@dataclass
class DirectWatch:
    """A worker's line to the server, without the pipe: values still pass through msgpack.

    `cut_at` names the moment of a power cut: `prepared` (the undo record is committed, the file
    is not yet replaced).
    """

    house: "House"
    kind: JobKind
    job: Job
    cut_at: str | None = None
    stages: list[str] = field(default_factory=list)

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        assert 0.0 <= fraction <= 1.0
        if stage not in self.stages:
            self.stages.append(stage)

    def log(self, level: str, text: str) -> None:
        text.encode()

    def stop_if_cancelled(self) -> None:
        """Nobody cancels here."""

    def emit(self, part: Mapping[str, Any]) -> None:
        carried = msgpack.unpackb(msgpack.packb(dict(part)))
        with self.house.database.write() as tx:
            committed = self.kind.absorb(tx, self.job, carried)
        self.house.queue.enqueue_many([*committed.jobs, *committed.children])
        if self.cut_at == "prepared" and "undo" in carried:
            raise PowerCut


@dataclass
class House:
    """The room and what it stands on."""

    database: Database
    queue: JobQueue
    library: Library
    tagging: Tagging
    kinds: dict[str, JobKind]
    tools: IdleToolbox
    events: list[Event] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)

    def tag(self, path: Path, *, cut_at: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Tag one file as dispatcher and worker would; the job's summary."""
        return self.run(self.tagging.tag_path(path, **arguments)[0].job_id, cut_at=cut_at)

    def undo(self, path: Path) -> dict[str, Any]:
        """Take the newest write back; the job's summary."""
        return self.run(self.tagging.undo(path).job_id)

    def scan(self, library_id: int, lister: ListFolder | None = None) -> dict[str, Any]:
        """Scan a library, and do what follows from it; the scan's summary."""
        summary = self.run(self.library.scan(library_id).job_id, lister=lister)
        while waiting := self.queue.list_jobs(states=[JobState.QUEUED], limit=1000):
            self.run(waiting[-1].id)
        return summary

    def run(
        self, job_id: int, *, cut_at: str | None = None, lister: ListFolder | None = None
    ) -> dict[str, Any]:
        """Run one job. A power cut leaves everything as it is at that moment."""
        row = self.queue.get_job(job_id)
        job = replace(row, state=JobState.RUNNING, attempt=1, started_at=now_s())
        kind = self.kinds[job.kind]
        watch = DirectWatch(self, kind, job, cut_at)
        try:
            with self.database.write() as tx:
                payload = msgpack.unpackb(msgpack.packb(dict(kind.prepare(tx, job))))
            if lister is not None:
                result = scan_root(payload, watch, lister)
            else:
                module, _, name = kind.run.partition(":")
                result = getattr(import_module(module), name)(payload, watch, self.tools)
            carried = msgpack.unpackb(msgpack.packb(result))
            if cut_at == "applied":
                raise PowerCut
            with self.database.write() as tx:
                committed = kind.commit(tx, job, carried)
        except MediantError as error:
            with self.database.write() as tx:
                self.events += kind.failed(tx, job, error.code, str(error)).events
            self._end(job, JobState.FAILED)
            raise
        except PowerCut:
            self._end(job, JobState.FAILED)
            raise
        self.stages = watch.stages
        self._end(job, JobState.DONE)
        self.events += committed.events
        self.queue.enqueue_many(list(committed.jobs))
        return dict(committed.summary or {})

    def _end(self, job: Job, state: JobState) -> None:
        with self.database.write() as tx:
            tx.execute(update(job_table).where(job_table.c.id == job.id).values(state=state.value))

    def read(self, question: Callable[[Connection], T]) -> T:
        """Ask the database."""
        with self.database.read() as connection:
            return question(connection)

    def write_states(self) -> list[str]:
        """The states of all writes, oldest first."""
        query = select(tag_write.c.state).order_by(tag_write.c.id)
        return self.read(lambda connection: list(connection.scalars(query)))

    def matches_disk(self, path: Path) -> bool:
        """Whether the file's row says what the disk says, so that a scan sees no change."""
        entry = self.library.find_file(path)
        assert entry is not None
        row = self.read(lambda c: c.execute(select(file).where(file.c.id == entry.id)).one())
        seen = path.stat()
        return (row.size, row.mtime_ns, row.inode) == (seen.st_size, seen.st_mtime_ns, seen.st_ino)


def make_house(
    database: Database, models: Path, rules: Rules = PLAIN_RULES, **settings: Any
) -> House:
    """A house with these tagging settings."""
    bus, history = EventBus(), EventHistory(database)
    kinds: dict[str, JobKind] = {}
    queue = JobQueue(database, bus, kinds, lambda: None)
    library = Library(database, queue, LibrarySettings(), history, bus)
    wanted = TaggingSettings(**settings)
    tagging = Tagging(database, queue, library, Models(models), wanted, rules=rules)
    kinds.update(
        (kind.name, kind) for kind in [*tagging.kinds(), *library.kinds(on_moved=keep_moved)]
    )
    return House(database, queue, library, tagging, kinds, IdleToolbox())
