"""Retagging through the real dispatcher and real worker processes, with deaths and cancelling."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from mediant.events.history import EventHistory
from mediant.jobs.job import Job, JobState
from mediant.jobs.kind import Committed, JobKind
from mediant.library import Library
from mediant.models.models import Models
from mediant.settings.model import LibrarySettings, TaggingSettings
from mediant.store import Database
from mediant.store.schema_library import file
from mediant.store.schema_tagging import head, score, tag_value, track
from mediant.tagging import Tagging
from mediant.tagging.results import Rules
from mediant.tagging.write import read_own
from mediant.testing.dispatching import Dispatching, dispatching
from mediant.testing.media import MediaFactory
from mediant.testing.waiting import wait_until

COPIES = 1_200
HAPPY_IS_LOW = {"version": "a" * 12, "spans": [["msd-musicnn", "mood_happy", "happy", 0.999, 2.0]]}


@dataclass
class Works:
    """A tagging room with workers, and the calibration that the test sets."""

    dispatching: Dispatching
    library: Library
    tagging: Tagging
    told: Mapping[str, Any] | None = None
    stops: bool = False
    """Whether a worker is to be stopped at the next part of a retagging that it sends."""
    stopped: list[int] = field(default_factory=list)
    """The pid of the worker that was stopped so."""

    def stop_after_part(self, kind: JobKind) -> JobKind:
        """The kind, whose worker is stopped while it waits for a part to be stored."""

        def absorb(tx: Connection, job: Job, part: Mapping[str, Any]) -> Committed:
            if self.stops:
                self.stops = False
                workers = self.dispatching.dispatcher.list_workers()
                self.stopped += [w.pid for w in workers if w.job_id == job.id and w.pid is not None]
                os.kill(self.stopped[0], signal.SIGSTOP)
            return kind.absorb(tx, job, part)

        return replace(kind, absorb=absorb)

    def end(self, job_id: int) -> Job:
        return self.dispatching.end_of(job_id)


@contextmanager
def opened(database: Database, models: Path) -> Iterator[Works]:
    kinds: dict[str, JobKind] = {}
    with dispatching(database, kinds=kinds, settings={"io_workers": 1}) as parts:
        library = Library(
            database, parts.queue, LibrarySettings(), EventHistory(database), parts.bus
        )
        found: list[Works] = []

        def current(_tx: Connection) -> Mapping[str, Any] | None:
            return found[0].told

        tagging = Tagging(
            database,
            parts.queue,
            library,
            Models(models),
            TaggingSettings(),
            rules=Rules(calibration=current),
        )
        kinds.update((kind.name, kind) for kind in tagging.kinds())
        found.append(Works(parts, library, tagging))
        kinds["retag"] = found[0].stop_after_part(kinds["retag"])
        yield found[0]


def multiply(database: Database, copies: int) -> None:
    """The one track that is there, again and again under other names; the files do not exist."""
    with database.write() as tx:
        origin = tx.execute(select(file)).one()._asdict()
        rows = {
            table: [dict(row._mapping) for row in tx.execute(select(table))]
            for table in (track, score, tag_value)
        }
        first = origin["id"] + 1
        ids = range(first, first + copies)
        tx.execute(insert(file), [{**origin, "id": n, "path": f"copy/{n}"} for n in ids])
        tx.execute(update(file).where(file.c.id >= first).values(state="missing"))
        for table, found in rows.items():
            tx.execute(insert(table), [{**row, "file_id": n} for n in ids for row in found])


def count_by(database: Database, calibration: str) -> int:
    query = select(func.count()).select_from(track).where(track.c.calibration == calibration)
    with database.read() as connection:
        return int(connection.scalar(query) or 0)


@pytest.mark.slow
def test_exactly_the_files_whose_moods_changed_are_written(
    database: Database, small_models: Path, media: MediaFactory
) -> None:
    paths = [media.song(f"song.{suffix}", 12) for suffix in ("mp3", "flac", "ogg", "m4a")]
    with opened(database, small_models) as works:
        works.library.add_library("Music", media.folder, write_mode="full")
        for wish in works.tagging.tag_path(media.folder):
            assert works.end(wish.job_id).state is JobState.DONE
        before = {path: path.read_bytes() for path in paths}
        with database.write() as tx:  # one track is not happy: nothing can change for it
            quiet = works.tagging.show(paths[1]).file_id
            wanted = (score.c.file_id == quiet) & score.c.head_id.in_(_heads(tx, "mood_happy"))
            stats = tx.scalars(select(score.c.stats).where(wanted)).one()
            tx.execute(update(score).where(wanted).values(stats=bytes(len(stats))))
        works.told = None
        works.end(works.tagging.retag_all().enqueued.job_id)
        before[paths[1]] = paths[1].read_bytes()

        works.told = HAPPY_IS_LOW
        dry = works.end(works.tagging.retag_all(dry_run=True).enqueued.job_id)
        assert dry.result is not None
        assert (dry.result["moods_changed"], dry.result["files_to_write"]) == (3, 3)
        assert {path: path.read_bytes() for path in paths} == before
        done = works.end(works.tagging.retag_all().enqueued.job_id)
        assert (done.state, done.children_failed) == (JobState.DONE, 0)
        changed = [path for path in paths if path.read_bytes() != before[path]]
        assert changed == [paths[0], *paths[2:]]
        assert all("happy" not in read_own(path, "nom")["mood-loose"] for path in changed)
        assert count_by(database, "a" * 12) == 4
        for path in changed:
            works.end(works.tagging.undo(path).job_id)
        assert {path: path.read_bytes() for path in paths} == before


def _heads(tx: Connection, name: str) -> list[int]:
    return list(tx.scalars(select(head.c.id).where(head.c.name == name)))


@pytest.mark.slow
@pytest.mark.parametrize("blow", ["kill", "cancel"])
def test_a_retagging_that_is_stopped_half_way_is_finished_later(
    database: Database, small_models: Path, media: MediaFactory, blow: str
) -> None:
    path = media.song("song.flac", 12)
    with opened(database, small_models) as works:
        works.library.add_library("Music", media.folder, write_mode="full")
        works.end(works.tagging.tag_path(path)[0].job_id)
        multiply(database, COPIES)
        works.told, works.stops = HAPPY_IS_LOW, True
        job_id = works.tagging.retag_all().enqueued.job_id
        wait_until(lambda: count_by(database, "a" * 12) > 0)
        (pid,) = works.stopped
        if blow == "cancel":
            works.dispatching.queue.cancel(job_id)
            os.kill(pid, signal.SIGCONT)
            assert works.end(job_id).state is JobState.CANCELLED
            assert 0 < count_by(database, "a" * 12) < COPIES + 1
            job_id = works.tagging.retag_all().enqueued.job_id
        else:
            os.kill(pid, signal.SIGKILL)
        assert works.end(job_id).state is JobState.DONE
        assert count_by(database, "a" * 12) == COPIES + 1
        assert "happy" not in read_own(path, "nom")["mood-loose"]
        last = works.end(works.tagging.retag_all().enqueued.job_id)
        assert last.result is not None
        assert (last.result["tags_changed"], last.result["files_to_write"]) == (0, 0)
