"""What has had its time is removed."""

from sqlalchemy import update

from mediant.events.bus import EventBus
from mediant.jobs.housekeeping import Housekeeping
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.store.schema_events import event as event_table
from mediant.store.schema_jobs import job as job_table
from mediant.testing.jobs import make_kinds

DAY_S = 86_400.0


def test_old_jobs_and_events_go_and_young_ones_stay(database: Database) -> None:
    queue = JobQueue(database, EventBus(), make_kinds(), lambda: None)
    ids = [e.job_id for e in queue.enqueue_many([NewJob("noop")] * 30)]
    for job_id in ids[:20]:
        queue.cancel(job_id)
    with database.write() as tx:
        old = now_s() - 8 * DAY_S
        first = job_table.c.id.in_(ids[:15])
        tx.execute(update(job_table).where(first).values(finished_at=old))
        tx.execute(update(event_table).values(ts=old))
    queue.cancel(ids[20])
    kept = queue.journal.history.newest_id()
    jobs, events = Housekeeping(queue, queue.journal.history, 7 * DAY_S).tidy()
    assert (jobs, events > 0) == (15, True)
    assert queue.count_jobs()[JobState.CANCELLED] == 6
    assert len(queue.list_jobs(limit=100)) == 15
    newest, *removed = queue.journal.history.after(0)
    assert newest.id == kept
    assert sorted(event.payload["job_id"] for event in removed) == ids[:15]
    assert {event.topic for event in removed} == {"job.removed"}
