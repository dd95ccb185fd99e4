"""Trees of jobs that are too large for one transaction."""

from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update

from mediant.events.bus import EventBus
from mediant.jobs.cancel import CHUNK
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.queue import JobQueue
from mediant.jobs.removal import Removal
from mediant.kernel.clock import now_s
from mediant.kernel.ids import new_uuid
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_jobs import job_count
from mediant.testing.dispatching import dispatching
from mediant.testing.jobs import make_kinds

CHILDREN = 2 * CHUNK + 10


def _queue(database: Database) -> JobQueue:
    return JobQueue(database, EventBus(), make_kinds(), lambda: None)


def _make_tree(database: Database, queue: JobQueue) -> tuple[int, int]:
    """A job that waits for many queued ones and for one that waits for its own; both waiting."""
    root = queue.enqueue(NewJob("noop")).job_id
    middle = queue.enqueue(NewJob("noop")).job_id
    now = now_s()
    row = {"kind": "noop", "lane": "cpu", "run_at": now, "created_at": now, "state": "queued"}
    parents = [root] * (CHILDREN - 5) + [middle] * 5
    rows = [{**row, "uuid": new_uuid(), "parent_id": one, "root_id": root} for one in parents]
    with database.write() as tx:
        tx.execute(insert(job_table), rows)
        for one, above, left in ((root, None, CHILDREN - 4), (middle, root, 5)):
            values = {"state": "running", "children_left": left, "parent_id": above}
            tx.execute(update(job_table).where(job_table.c.id == one).values(**values))
        tx.execute(job_count.delete())
        for state, n in (("running", 2), ("queued", CHILDREN)):
            tx.execute(insert(job_count).values(state=state, kind="noop", n=n))
    return root, middle


def _states(database: Database) -> dict[str, int]:
    query = select(job_table.c.state, func.count()).group_by(job_table.c.state)
    with database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def test_all_of_a_large_tree_is_cancelled_and_counted(database: Database) -> None:
    queue = _queue(database)
    root, middle = _make_tree(database, queue)
    assert queue.cancel(root) == CHILDREN + 2
    assert _states(database) == {"cancelled": CHILDREN + 2}
    assert queue.count_jobs()[JobState.CANCELLED] == CHILDREN + 2
    assert queue.count_jobs()[JobState.QUEUED] == 0
    for job_id in (root, middle):
        job = queue.get_job(job_id)
        assert (job.state, job.error_code) == (JobState.CANCELLED, "cancelled")
    assert queue.cancel(root) == 0


def test_a_cancel_that_a_death_cut_off_is_finished_at_the_next_start(database: Database) -> None:
    queue = _queue(database)
    root, _ = _make_tree(database, queue)
    with database.write() as tx:  # as the first transactions leave it
        running = job_table.c.state == "running"
        tx.execute(update(job_table).where(running).values(cancel=1))
    with dispatching(database, workers=1) as jobs:
        assert jobs.end_of(root).state is JobState.CANCELLED
    states = _states(database)
    assert states == {"cancelled": CHILDREN + 2}
    assert queue.count_jobs()[JobState.CANCELLED] == CHILDREN + 2


def test_a_parent_that_was_asked_to_stop_is_not_done_when_its_last_child_ends(
    database: Database,
) -> None:
    queue = _queue(database)
    parent, child = (queue.enqueue(NewJob("noop")).job_id for _ in range(2))
    with database.write() as tx:
        here = job_table.c.id
        waiting = {"state": "running", "children_left": 1, "cancel": 1}
        tx.execute(update(job_table).where(here == parent).values(**waiting))
        tx.execute(update(job_table).where(here == child).values(parent_id=parent))
        tx.execute(job_count.delete())
    queue.cancel(child)
    assert queue.get_job(parent).state is JobState.CANCELLED


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_old_jobs_are_found_by_their_index(tmp_path: Path, state: str) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'jobs.db'}")
    upgrade(database, tmp_path)
    queue, seen = _queue(database), list[str]()
    with database.engine.connect() as connection:
        connection.connection.driver_connection.set_trace_callback(seen.append)  # type: ignore[union-attr]
    assert Removal(queue.journal, queue.ancestors).remove_ended([JobState(state)], 60.0) == 0
    (asked,) = (one for one in seen if one.startswith("SELECT job.id") and "finished_at" in one)
    with database.read() as connection:
        # The traced text has its values in it, which may be why a plan is good; bind them again.
        bound = asked.replace(f"job.state = '{state}'", "job.state = :state")
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {bound}"), {"state": state}).all()
    assert bound != asked
    assert any("job_ended (state=? AND finished_at<?)" in row[3] for row in plan), plan
    database.close()
