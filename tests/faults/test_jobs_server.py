"""The server killed, doubled, or left without disk, database or turn."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.servers import serving, wait_unowned

from mediant.errors import AlreadyOwned
from mediant.events.bus import EventBus
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import monotonic_s
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.owner import own
from mediant.testing.dispatching import dispatching
from mediant.testing.jobs import make_kinds
from mediant.testing.postgres import temporary_postgres
from mediant.testing.processes import is_alive
from mediant.testing.waiting import PATIENCE_S, wait_until

OWNER_KEY = 0x6D65_6469_616E_7400
"""The owner's advisory lock."""


def _queue(database: Database) -> JobQueue:
    return JobQueue(database, EventBus(), make_kinds(), lambda: None)


def test_a_killed_server_leaves_no_orphan_and_loses_no_job(
    database: Database, database_url: str, gate: Path
) -> None:
    queue = _queue(database)
    wish = NewJob("sleep", {"seconds": 3600, "until": str(gate)})
    with serving(database_url) as server:
        workers = server.wait_ready()
        before = queue.enqueue(NewJob("noop")).job_id
        assert queue.wait(before, PATIENCE_S).state is JobState.DONE
        ids = [queue.enqueue(wish).job_id for _ in range(3)]
        wait_until(lambda: queue.count_jobs("sleep")[JobState.RUNNING] == 2)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not any(map(is_alive, workers)))
    assert queue.count_jobs("sleep")[JobState.RUNNING] == 2
    gate.touch()
    with serving(database_url) as server:
        server.wait_ready()
        ended = [queue.wait(job_id, PATIENCE_S) for job_id in ids]
        assert [job.state for job in ended] == [JobState.DONE] * 3
        assert [job.deaths for job in ended] == [0, 0, 0]
        assert sorted(job.server_deaths for job in ended) == [0, 1, 1]
        assert queue.get_job(before).attempt == 1


def test_a_cancel_outlives_the_server(database: Database, database_url: str) -> None:
    queue = _queue(database)
    job_id = queue.enqueue(NewJob("stubborn", {"seconds": 600})).job_id
    with serving(database_url, 1) as server:
        server.wait_ready()
        wait_until(lambda: queue.get_job(job_id).state is JobState.RUNNING)
        server.process.kill()
    queue.cancel(job_id)
    with dispatching(database) as jobs:
        assert jobs.end_of(job_id).state is JobState.CANCELLED


def test_a_terminated_worker_group_drains(
    database: Database, database_url: str, gate: Path
) -> None:
    queue = _queue(database)
    with serving(database_url, 1) as server:
        (worker,) = server.wait_ready()
        wish = NewJob("sleep", {"seconds": 3600, "until": str(gate)})
        job_id = queue.enqueue(wish).job_id
        wait_until(lambda: queue.get_job(job_id).state is JobState.RUNNING)
        os.kill(worker, signal.SIGTERM)
        os.kill(worker, signal.SIGINT)
        gate.touch()
        job = queue.wait(job_id, PATIENCE_S)
        assert (job.state, job.attempt) == (JobState.DONE, 1)


def test_a_second_server_is_refused(database: Database, database_url: str) -> None:
    with serving(database_url, 1) as server:
        server.wait_ready()
        with pytest.raises(AlreadyOwned):
            own(database)
        with serving(database_url, 1) as second:
            _, said = second.process.communicate(timeout=PATIENCE_S)
            assert b"owns this database" in said
    wait_unowned(database)
    with own(database) as lock:
        assert lock.still_owned()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "mediant.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


def test_a_full_disk_stops_claiming_until_there_is_space(sqlite_url: str, gate: Path) -> None:
    database = open_database(sqlite_url)
    with dispatching(database) as jobs, jobs.bus.subscribe(["system.*"]) as told:
        job_id = jobs.put("sleep", seconds=3600, until=str(gate))
        jobs.wait_running(job_id)
        _limit_pages(database, full=True)
        gate.touch()
        degraded = told.get(PATIENCE_S)
        assert degraded is not None
        assert (degraded.topic, degraded.payload["cause"]) == ("system.degraded", "disk_full")
        # It looks every other moment whether it is well again.
        wait_until(lambda: "disk_full" in jobs.dispatcher.troubles)
        assert jobs.queue.get_job(job_id).state is JobState.RUNNING
        _limit_pages(database, full=False)
        job = jobs.end_of(job_id)
        assert (job.state, job.attempt) == (JobState.DONE, 1)
        recovered = told.get(PATIENCE_S)
        assert recovered is not None
        assert recovered.topic == "system.recovered"
        wait_until(lambda: not jobs.dispatcher.troubles)
        with database.read() as connection:
            check = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        assert check == "ok"
        jobs.states()
    database.close()


def _limit_pages(database: Database, *, full: bool) -> None:
    """Make every insert and most updates fail for want of pages, or let them work again."""
    with database.write() as tx:
        if full:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            # Use up what is free inside the pages that exist.
            tx.exec_driver_sql("PRAGMA freelist_count")
        else:
            tx.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    if full:
        _fill(database)


def _fill(database: Database) -> None:
    size = 100_000
    while size > 10:
        try:
            with database.write() as tx:
                tx.exec_driver_sql(
                    "INSERT INTO event (ts, topic, payload) VALUES (0, 'x', ?)", ("x" * size,)
                )
        except Exception as error:
            if "full" not in str(error):
                raise
            size //= 2


def test_too_little_free_space_stops_claiming(database: Database, tmp_path: Path) -> None:
    free = [0]
    with dispatching(
        database,
        settings={"free_space_mb": 1},
        folder=tmp_path,
        free_bytes=lambda folder: free[0],
    ) as jobs:
        wait_until(lambda: "no_space" in jobs.dispatcher.troubles)
        job_id = jobs.put("noop")
        assert jobs.queue.wait(job_id, 0.6).state is JobState.QUEUED
        free[0] = 1 << 30
        assert jobs.end_of(job_id).state is JobState.DONE


def test_a_foreign_write_lock_delays_and_loses_nothing(sqlite_url: str, gate: Path) -> None:
    database = open_database(sqlite_url)
    with dispatching(database) as jobs:
        job_id = jobs.put("sleep", seconds=3600, until=str(gate))
        jobs.wait_running(job_id)
        foreign = sqlite3.connect(database.path or "", PATIENCE_S, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        gate.touch()
        held = monotonic_s()
        time.sleep(3.0)
        assert jobs.queue.get_job(job_id).state is JobState.RUNNING
        foreign.execute("COMMIT")
        foreign.close()
        job = jobs.end_of(job_id)
        assert (job.state, job.attempt) == (JobState.DONE, 1)
        assert monotonic_s() - held > 3.0
        assert jobs.end_of(jobs.put("noop")).state is JobState.DONE
    database.close()


def test_postgres_stopped_and_started_again(tmp_path: Path, gate: Path) -> None:
    with temporary_postgres(fsync=False) as server:
        url = server.new_database()
        database = open_database(url)
        upgrade(database, tmp_path)
        lock = own(database)
        with dispatching(database, workers=2, lock=lock) as jobs:
            job_id = jobs.put("sleep", seconds=3600, until=str(gate))
            jobs.wait_running(job_id)
            pids = jobs.wait_ready(2)
            server.stop()
            wait_until(lambda: "database" in jobs.dispatcher.troubles)
            gate.touch()
            assert jobs.ready_pids() == pids
            server.start()
            job = jobs.end_of(job_id)
            assert (job.state, job.attempt, job.deaths) == (JobState.DONE, 1, 0)
            assert jobs.end_of(jobs.put("noop")).state is JobState.DONE
            wait_until(lambda: not jobs.dispatcher.troubles)
            with pytest.raises(AlreadyOwned):
                own(database)
            jobs.states()
        lock.release()
        database.close()


def test_a_server_that_lost_the_database_stands_by(tmp_path: Path) -> None:
    with temporary_postgres(fsync=False) as server:
        url = server.new_database()
        database = open_database(url)
        upgrade(database, tmp_path)
        with dispatching(database, lock=own(database)) as jobs:
            job_id = jobs.put("stubborn", seconds=600)
            wait_until(lambda: jobs.queue.get_job(job_id).state is JobState.RUNNING)
            pids = jobs.ready_pids()
            with _thief(database):
                wait_until(lambda: "standby" in jobs.dispatcher.troubles)
                wait_until(lambda: not any(map(is_alive, pids)))
                assert jobs.queue.get_job(job_id).state is JobState.RUNNING
            wait_until(lambda: not jobs.dispatcher.troubles)
            wait_until(lambda: jobs.queue.get_job(job_id).attempt == 2)
            job = jobs.queue.get_job(job_id)
            assert (job.deaths, job.server_deaths) == (0, 0)
            jobs.queue.cancel(job_id)
            jobs.end_of(job_id)
        database.close()


@contextmanager
def _thief(database: Database) -> Iterator[None]:
    """Another server stands in line for the lock, and gets it when the holder's connection
    breaks."""
    mine = (
        "locktype = 'advisory' AND objsubid = 1 "
        f"AND classid = {OWNER_KEY >> 32} AND objid = {OWNER_KEY & 0xFFFF_FFFF}"
    )
    waiting = f"SELECT count(*) FROM pg_locks WHERE {mine} AND NOT granted"
    with database.engine.connect() as thief, database.engine.connect() as other:
        line = threading.Thread(
            target=thief.exec_driver_sql, args=(f"SELECT pg_advisory_lock({OWNER_KEY})",)
        )
        line.start()
        wait_until(lambda: other.exec_driver_sql(waiting).scalar())
        holder = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {mine} AND granted"
        other.exec_driver_sql(holder)
        line.join()
        other.rollback()
        try:
            yield
        finally:
            thief.exec_driver_sql(f"SELECT pg_advisory_unlock({OWNER_KEY})")
