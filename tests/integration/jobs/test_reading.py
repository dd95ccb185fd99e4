"""What lists and forecasts read, and how."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event

from mediant.jobs.job import JobState, NewJob
from mediant.store import Database
from mediant.testing.dispatching import Dispatching, build

Read = Callable[[Dispatching], object]


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda jobs: jobs.queue.list_jobs(states=[JobState.FAILED]), "job_state"),
        (lambda jobs: jobs.queue.forecast("noop"), "job_done"),
    ],
)
def test_long_tables_are_read_by_their_indexes(database: Database, read: Read, index: str) -> None:
    jobs = build(database)
    jobs.queue.enqueue_many([NewJob("noop") for _ in range(3000)])
    with database.write() as tx:
        tx.exec_driver_sql("UPDATE job SET state='done', finished_at=id, started_at=id")
        tx.exec_driver_sql("UPDATE job SET kind='brief' WHERE id > 20")
        tx.exec_driver_sql("UPDATE job SET state='failed' WHERE id BETWEEN 100 AND 110")
        tx.exec_driver_sql("ANALYZE job")
    plans = _plans(database, lambda: read(jobs))
    assert any(index in plan for plan in plans), plans


def _plans(database: Database, work: Callable[[], object]) -> list[str]:
    asked = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        if "FROM job \n" in statement:
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        work()
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    explain = "EXPLAIN" if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
    with database.read() as connection:
        return [
            str([row[-1] for row in connection.exec_driver_sql(f"{explain} {sql}", values)])
            for sql, values in asked
        ]


def test_what_was_cancelled_while_a_commit_was_lost_has_ended(database: Database) -> None:
    jobs = build(database)
    kept, cancelled = jobs.put("noop"), jobs.put("noop")
    with jobs.queue.journal.change() as change:
        change.tx.exec_driver_sql("UPDATE job SET state='running', worker='cpu-1', attempt=1")
        change.tx.exec_driver_sql(f"UPDATE job SET cancel=1 WHERE id={cancelled}")
        for _ in range(2):
            change.move("noop", JobState.QUEUED, JobState.RUNNING)
    with jobs.queue.journal.change() as change:
        jobs.dispatcher._recovery.reconcile(change, ())
    assert jobs.queue.get_job(kept).state is JobState.QUEUED
    ended = jobs.queue.get_job(cancelled)
    assert (ended.state, ended.finished_at is None) == (JobState.CANCELLED, False)
    jobs.states()
