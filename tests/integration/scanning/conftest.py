"""The scanner on each of the two databases, its jobs run in this process, one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import msgpack
import pytest
from sqlalchemy import update

from mediant.errors import MediantError
from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.job import Job, JobState
from mediant.jobs.kind import Committed, JobKind
from mediant.jobs.queue import JobQueue
from mediant.jobs.schedule import Schedules
from mediant.kernel.clock import now_s
from mediant.settings.stored import StoredSettings
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.rule_store import RuleStore
from mediant.subtitles.scanning.scanner import Scanner
from mediant.subtitles.subtitle_settings import SubtitleSettings
from mediant.testing.videos import VideoFactory

SPEECH = ("transcribe", "detect_language")


class Tools:
    """A worker's tools."""

    device = None

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def get(self, name: str, make: Any, idle_s: float | None = None) -> Any:
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def close(self) -> None:
        for tool in self.made.values():
            tool.close()


@dataclass
class DirectWatch:
    """A worker's line to the server, without the pipe: values still pass through msgpack."""

    house: "House"
    kind: JobKind
    job: Job
    parts: list[dict[str, Any]] = field(default_factory=list)

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        assert 0.0 <= fraction <= 1.0

    def log(self, level: str, text: str) -> None:
        text.encode()
        self.house.lines.append(text)

    def stop_if_cancelled(self) -> None:
        pass

    def emit(self, part: Any) -> None:
        carried = msgpack.unpackb(msgpack.packb(dict(part)))
        self.parts.append(carried)
        self.house.absorb(self.kind, self.job, carried)


@dataclass
class House:
    """The scanner and what it stands on."""

    database: Database
    bus: EventBus
    queue: JobQueue
    stored: StoredSettings
    schedules: Schedules
    scanner: Scanner
    rules: RuleStore
    keys: SubtitleSettings
    kinds: dict[str, JobKind]
    tools: Tools
    lines: list[str] = field(default_factory=list)
    watches: list[DirectWatch] = field(default_factory=list)

    def set(self, **values: Any) -> None:
        """Change settings of subtitles."""
        self.stored.change({f"subtitles.{key}": value for key, value in values.items()})

    def scan(self, *paths: Path, **how: Any) -> Any:
        """Scan and do what follows from it; the scan."""
        job_id = self.scanner.scan(list(paths) or None, **how).job_id
        self.run_waiting()
        return self.scanner.read_scan(job_id)

    def run_waiting(self) -> None:
        """Run what is queued, oldest first, but no speech."""
        while waiting := self._waiting():
            self.run(waiting[-1].id)

    def _waiting(self) -> list[Job]:
        queued = self.queue.list_jobs(states=[JobState.QUEUED], limit=1000)
        return [job for job in queued if job.kind not in SPEECH]

    def run(self, job_id: int, attempt: int = 1) -> None:
        """Run one job as dispatcher and worker would.

        A wish of the watch's thread that comes while it runs waits behind it, and is not lost.
        """
        self._move(job_id, JobState.RUNNING)
        job = replace(self.queue.get_job(job_id), attempt=attempt, started_at=now_s())
        kind = self.kinds[job.kind]
        watch = DirectWatch(self, kind, job)
        self.watches.append(watch)
        with self.database.write() as tx:
            payload = msgpack.unpackb(msgpack.packb(dict(kind.prepare(tx, job))))
        module, _, name = kind.run.partition(":")
        try:
            result = getattr(import_module(module), name)(payload, watch, self.tools)
        except MediantError:
            self.end(job.id, JobState.FAILED)
            raise
        carried = msgpack.unpackb(msgpack.packb(result))
        self.end(job.id, JobState.DONE)
        with self.database.write() as tx:
            committed = kind.commit(tx, job, carried)
        self.take(committed)

    def absorb(self, kind: JobKind, job: Job, part: Any) -> None:
        """Take one part in."""
        with self.database.write() as tx:
            committed = kind.absorb(tx, job, part)
        self.take(committed)

    def take(self, committed: Committed) -> None:
        """Do what a commit wants besides its rows."""
        self.queue.enqueue_many([*committed.children, *committed.jobs])

    def end(self, job_id: int, state: JobState) -> None:
        """End a job, and queue what waits behind it."""
        self._move(job_id, state)

    def _move(self, job_id: int, state: JobState) -> None:
        with self.queue.journal.change() as change:
            mine = update(job_table).where(job_table.c.id == job_id)
            change.tx.execute(mine.values(state=state.value))
            change.followed += [job_id] if state.is_ended else []
            self.queue.followers.enqueue(change)

    def end_all(self) -> None:
        """End everything that is queued."""
        for job in self.queue.list_jobs(states=[JobState.QUEUED], limit=1000):
            self.end(job.id, JobState.DONE)

    def wanted(self, kind: str = "transcribe") -> dict[str, Job]:
        """Jobs of speech that are queued, by the name of their file."""
        jobs = self.queue.list_jobs(states=[JobState.QUEUED], kind=kind, limit=1000)
        return {Path(job.payload["path"]).name: job for job in jobs}


def make_house(database: Database) -> House:
    """The parts, wired as the product wires them; nothing is started."""
    kinds: dict[str, JobKind] = {
        name: JobKind(name, "mediant.testing.handlers:noop", lane="io") for name in SPEECH
    }
    bus, history = EventBus(), EventHistory(database)
    queue = JobQueue(database, bus, kinds, lambda: None)

    def record(tx: Any, names: Any) -> Any:
        events = history.append(tx, [Event("settings.changed", {"names": list(names)})])
        return partial(bus.publish, events)

    stored = StoredSettings(database, None, record)
    schedules = Schedules(database, kinds)
    scanner = Scanner(database, queue, stored, schedules, bus)
    kinds.update({kind.name: kind for kind in scanner.kinds()})
    keys = SubtitleSettings(database, stored)
    rules = RuleStore(database)
    return House(database, bus, queue, stored, schedules, scanner, rules, keys, kinds, Tools())


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """The scanner's house."""
    made = make_house(database)
    yield made
    made.scanner.stop()
    made.bus.close()
    made.tools.close()


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """An empty folder for videos."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def videos(media: Path) -> VideoFactory:
    """Makes videos in that folder."""
    return VideoFactory(media)
