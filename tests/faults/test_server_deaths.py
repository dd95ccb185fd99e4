"""Whom the death of a server is charged to: really killed processes, on both databases."""

from functools import partial
from pathlib import Path

import pytest
from tests.faults.servers import Server, serving, wait_unowned

from mediant.events.bus import EventBus
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.queue import JobQueue
from mediant.jobs.suspicion import LEAVING
from mediant.store import Database
from mediant.testing.dispatching import dispatching
from mediant.testing.jobs import make_kinds
from mediant.testing.waiting import PATIENCE_S, wait_until


def _queue(database: Database) -> JobQueue:
    return JobQueue(database, EventBus(), make_kinds(), lambda: None)


def _runs(queue: JobQueue, n_jobs: int) -> bool:
    return queue.count_jobs("sleep")[JobState.RUNNING] == n_jobs


def _is_over(queue: JobQueue, job_id: int, server: Server) -> bool:
    return queue.get_job(job_id).state.is_ended or server.is_dead()


def test_a_server_that_dies_of_a_job_three_times_gives_it_up(
    database: Database, database_url: str
) -> None:
    queue = _queue(database)
    job_id = queue.enqueue(NewJob("mourned", {"seconds": 3600})).job_id
    for _ in range(3):
        with serving(database_url, 1) as server:
            server.wait_ready()
            wait_until(lambda: queue.get_job(job_id).state is JobState.RUNNING)
        wait_unowned(database)
    with dispatching(database):
        job = queue.wait(job_id, PATIENCE_S)
    assert (job.state, job.error_code, job.deaths) == (JobState.FAILED, "poison", 3)
    (noted,) = queue.list_jobs(kind="noop")
    assert noted.payload == {"mourns": job_id, "code": "poison"}


@pytest.mark.slow
def test_three_deaths_of_the_server_poison_no_bystander(
    database: Database, database_url: str, gate: Path
) -> None:
    """Killed from outside three times, while two jobs ran that have nothing to do with it."""
    queue = _queue(database)
    wish = NewJob("sleep", {"seconds": 3600, "until": str(gate)})
    ids = [queue.enqueue(wish).job_id for _ in range(2)]
    for n_running in (2, 2, 1):
        with serving(database_url) as server:
            server.wait_ready()
            wait_until(partial(_runs, queue, n_running))
        wait_unowned(database)
    gate.touch()
    with serving(database_url) as server:
        server.wait_ready()
        first, second = [queue.wait(job_id, PATIENCE_S) for job_id in ids]
    assert [job.state for job in (first, second)] == [JobState.DONE] * 2
    assert [(job.deaths, job.server_deaths) for job in (first, second)] == [(1, 2), (0, 2)]
    assert first.finished_at is not None
    assert second.started_at is not None
    assert first.finished_at <= second.started_at
    assert "Nothing else runs now" in queue.list_log(first.id)[0].text


@pytest.mark.slow
def test_a_job_that_fells_its_server_is_found_among_many(
    database: Database, database_url: str
) -> None:
    queue = _queue(database)
    before = queue.enqueue(NewJob("sleep", {"seconds": 0.3})).job_id
    guilty = queue.enqueue(NewJob("fell")).job_id
    others = [queue.enqueue(NewJob("sleep", {"seconds": 0.3})).job_id for _ in range(4)]
    deaths = 0
    while not queue.get_job(guilty).state.is_ended:
        with serving(database_url, 3) as server:
            wait_until(partial(_is_over, queue, guilty, server))
            deaths += server.is_dead()
        wait_unowned(database)
        assert deaths <= 5
    job = queue.get_job(guilty)
    assert (job.error_code, job.deaths, job.server_deaths) == ("poison", 3, 2)
    with dispatching(database, workers=3) as jobs:
        innocent = [jobs.end_of(job_id) for job_id in (before, *others)]
        jobs.states()
    assert {(job.state, job.deaths) for job in innocent} == {(JobState.DONE, 0)}
    assert all(job.server_deaths <= 2 for job in innocent)


def test_a_server_killed_while_it_stops_blames_no_job(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """As a container does, when jobs take longer than it grants."""
    queue = _queue(database)
    begun = tmp_path / "begun"
    job_id = queue.enqueue(NewJob("stubborn", {"seconds": 600, "begun": str(begun)})).job_id
    for _ in range(3):
        with serving(database_url, 1, drain_s=600) as server:
            wait_until(begun.exists)  # a worker that has not begun would leave without the job
            begun.unlink()
            server.begin_stop()
            wait_until(lambda: _owner_of(database, job_id).endswith(LEAVING))
            server.process.kill()
            server.process.wait()
        wait_unowned(database)
    with dispatching(database, workers=0):
        wait_until(lambda: queue.get_job(job_id).state is JobState.QUEUED)
    job = queue.get_job(job_id)
    assert (job.attempt, job.deaths, job.server_deaths) == (3, 0, 0)


def _owner_of(database: Database, job_id: int) -> str:
    with database.read() as connection:
        found = connection.exec_driver_sql(f"SELECT owner FROM job WHERE id = {int(job_id)}")
        return str(found.scalar())
