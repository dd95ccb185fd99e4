"""Scans through the real queue, dispatcher and worker processes."""

import os
from collections.abc import Sequence

import pytest
from sqlalchemy import func, insert, select

from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.queue import JobQueue
from mediant.jobs.wake import Wake
from mediant.library import Library, read_fingerprint
from mediant.library.forget_jobs import AT_ONCE
from mediant.library.moves import store_fingerprints
from mediant.library.scan_jobs import PAGE
from mediant.settings.model import JobsSettings, LibrarySettings
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_library import file
from mediant.testing.jobs import make_kinds
from mediant.testing.waiting import PATIENCE_S


class Server:
    """The part of a server that scans."""

    def __init__(self, database):
        self.bus, self.wake = EventBus(), Wake()
        self.kinds = make_kinds()
        self.queue = JobQueue(database, self.bus, self.kinds, self.wake)
        history = EventHistory(database)
        self.library = Library(database, self.queue, LibrarySettings(), history, self.bus)
        self.kinds.update({kind.name: kind for kind in self.library.kinds(tag_each)})
        settings = JobsSettings(cpu_workers=0, io_workers=1, free_space_mb=0)
        self.dispatcher = Dispatcher(self.queue, LocalPool(), settings, self.wake)

    def scan(self, library_id):
        return self.queue.wait(self.library.scan(library_id).job_id, PATIENCE_S)


def tag_each(_tx, _entry, ids: Sequence[int]):
    """Stands for the tagging: one job a file."""
    return [NewJob("noop", {"file": row_id}, dedup_key=str(row_id)) for row_id in ids]


@pytest.fixture
def server(database):
    made = Server(database)
    made.dispatcher.start()
    yield made
    made.dispatcher.stop(0.0)
    made.bus.close()


def test_a_scan_is_a_job_that_waits_for_nobody(server, root, files, database):
    files.put(root, *(f"{n % 7}/{n}.mp3" for n in range(2_500)))
    music = server.library.add_library("Music", root).id
    with server.bus.subscribe(["scan.*"]) as heard:
        job = server.scan(music)
        assert job.state is JobState.DONE, job.error
        event = heard.get(PATIENCE_S)
    assert (job.result["added"], event.payload["added"]) == (2_500, 2_500)
    assert server.library.statistics(music).files == 2_500
    with database.read() as connection:
        noops = (job_table.c.kind == "noop", job_table.c.parent_id.is_(None))
        assert connection.scalar(select(func.count()).where(*noops)) == 2_500
    assert server.queue.count_jobs("noop")[JobState.QUEUED] == 2_500


def test_an_unmounted_root_is_a_failed_job_with_a_reason(server, root, files):
    files.put(root, "a.mp3")
    music = server.library.add_library("Music", root).id
    server.scan(music)
    root.rename(root.parent / "away")
    job = server.scan(music)
    assert job.state is JobState.FAILED
    assert "Nothing was changed" in job.error
    entry = server.library.get_library(music)
    assert (entry.scan_state, entry.scan_error) == ("failed", job.error)
    assert server.library.find_file(root / "a.mp3").state == "present"


def test_what_was_skipped_stands_in_the_job_s_log(server, root, files):
    files.put(root, "a.mp3")
    (root / "link.mp3").symlink_to(root / "a.mp3")
    job = server.scan(server.library.add_library("Music", root).id)
    assert job.result["skipped"] == 1
    assert any("link.mp3" in line.text for line in server.queue.list_log(job.id))


def test_a_copy_is_matched_by_a_job_of_its_own(server, root, files, database):
    files.put(root, "a.mp3", "stays.mp3", content=b"x" * 5_000)
    music = server.library.add_library("Music", root).id
    server.scan(music)
    entry = server.library.find_file(root / "a.mp3")
    with database.write() as tx:
        store_fingerprints(tx, {entry.id: read_fingerprint(entry.path)})
    (root / "a.mp3").unlink()
    files.put(root, "b.mp3", content=b"x" * 5_000)
    os.utime(root / "b.mp3", (1.0, 1.0))  # it may have got the inode, and the very time
    assert server.scan(music).state is JobState.DONE
    matches = server.queue.list_jobs(kind="match")
    assert len(matches) == 1
    assert server.queue.wait(matches[0].id, PATIENCE_S).result == {"moved": 1, "added": 0}
    assert server.library.get_file(entry.id).path == root / "b.mp3"


def test_a_removed_library_fails_its_scan_only(server, root, files):
    files.put(root, "a.mp3")
    music = server.library.add_library("Music", root).id
    server.queue.pause()
    wish = server.library.scan(music)
    assert not server.library.scan(music).created
    server.library.remove_library(music)
    server.queue.resume()
    job = server.queue.wait(wish.job_id, PATIENCE_S)
    assert job.state is JobState.FAILED
    assert "no such library" in job.error


def _know(database, library_id, names, **more):
    """Rows of files that are not there."""
    fixed = {"library_id": library_id, "size": 1, "mtime_ns": 1, "inode": 1, "changed_at": 1.0}
    with database.write() as tx:
        rows = [{**fixed, "added_at": 1.0, "path": name, **more} for name in names]
        tx.execute(insert(file), rows)


def _count(database, **wanted):
    query = select(func.count()).select_from(file)
    query = query.where(*(file.c[name] == value for name, value in wanted.items()))
    with database.read() as connection:
        return connection.scalar(query)


def test_a_great_loss_is_written_in_pieces(server, root, files, database):
    files.put(root, "a/kept.mp3", "z/kept.mp3")
    music = server.library.add_library("Music", root).id
    server.scan(music)
    names = [f"m/{n:06}.mp3" for n in range(2 * PAGE + 7)]
    _know(database, music, names)
    kind = server.kinds["scan"]
    part = {
        "library_id": music,
        "span": ["", None],
        "entries": [["a/kept.mp3", 1, 1, 1], ["m/004999.mp3", 1, 1, 1], ["z/kept.mp3", 1, 1, 1]],
    }
    with database.read() as connection:
        pieces = kind.cut(connection, None, part)
    bounds = [one["span"] for one in pieces]
    assert [stop for _, stop in bounds[:-1]] == [start for start, _ in bounds[1:]]
    assert (bounds[0][0], bounds[-1][1], len(bounds)) == ("", None, 3)
    assert [entry for one in pieces for entry in one["entries"]] == part["entries"]
    for piece in pieces:
        start, stop = piece["span"]
        inside = [name for name in names if name >= start and (stop is None or name < stop)]
        assert len(inside) <= PAGE
        for path, *_ in piece["entries"]:
            assert path >= start
            assert stop is None or path < stop
    job = server.scan(music)
    assert (job.state, job.result["missing"]) == (JobState.DONE, len(names))
    assert (_count(database, state="missing"), _count(database, state="present")) == (len(names), 2)


def test_many_missing_files_are_forgotten_by_one_job_after_the_other(server, root, files, database):
    files.put(root, "a.mp3", "b.mp3")
    music = server.library.add_library("Music", root).id
    server.scan(music)
    gone = {"state": "missing", "missing_since": 1.0}
    _know(database, music, [f"m/{n:06}.mp3" for n in range(2 * AT_ONCE + 7)], **gone)
    (root / "b.mp3").unlink()
    first = server.library.scan(music, clean_missing=True).job_id
    job = server.queue.wait(first, PATIENCE_S)
    assert (job.result["removed"], job.result["goes_on"]) == (AT_ONCE, True)
    removed = AT_ONCE
    while job.result.get("goes_on"):
        # The next one may have ended by now, and asked for the one after it.
        next_id = min(one.id for one in server.queue.list_jobs(kind="forget") if one.id > job.id)
        job = server.queue.wait(next_id, PATIENCE_S)
        assert job.state is JobState.DONE, job.error
        removed += job.result["removed"]
    assert removed == 2 * AT_ONCE + 8
    assert _count(database, library_id=music) == 1
