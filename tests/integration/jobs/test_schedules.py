"""Schedules, fired by a real dispatcher."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from mediant.errors import Invalid, NotFound, Refused
from mediant.jobs.schedule import Schedules
from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.store.schema_jobs import schedule as schedule_table
from mediant.testing.dispatching import dispatching
from mediant.testing.jobs import make_kinds
from mediant.testing.waiting import wait_until

RARELY = "0 0 29 2 *"
"""Slots that no test meets: it fires only when a test moves its next one."""
YEAR_S = 365 * 86_400.0


def test_a_schedule_is_kept_and_checked(database: Database) -> None:
    schedules = Schedules(database, make_kinds())
    before = now_s()
    made = schedules.add("nightly", "noop", "30 3 * * *", "Europe/Berlin", {"full": True})
    assert made.next_run > before
    assert schedules.list_schedules() == [made]
    schedules.enable("nightly", False)
    assert not schedules.get("nightly").enabled
    with pytest.raises(Refused):
        schedules.add("nightly", "noop", "* * * * *")
    for cron, zone in (("61 * * * *", "UTC"), ("* * * * *", "Mars/Base"), ("0 0 30 2 *", "UTC")):
        with pytest.raises(Invalid):
            schedules.add("bad", "noop", cron, zone)
    with pytest.raises(Invalid):
        schedules.add("bad", "no such kind", "* * * * *")
    schedules.remove("nightly")
    with pytest.raises(NotFound):
        schedules.remove("nightly")


def test_missed_slots_collapse_to_one_job(database: Database) -> None:
    with dispatching(database) as jobs:
        jobs.schedules.add("often", "noop", RARELY)
        slot = now_s() - 30 * YEAR_S
        with database.write() as tx:
            tx.execute(update(schedule_table).values(next_run=slot))
        wait_until(lambda: jobs.queue.list_jobs(kind="noop"))
        wait_until(lambda: jobs.schedules.get("often").next_run > now_s())
        (job,) = jobs.queue.list_jobs(kind="noop")
        assert job.dedup_key == f"sched:{jobs.schedules.get('often').id}:{slot:.0f}"
        assert jobs.end_of(job.id).state == "done"
        assert jobs.schedules.get("often").last_run is not None


def test_a_schedule_that_is_off_does_nothing(database: Database) -> None:
    with dispatching(database) as jobs:
        jobs.schedules.add("off", "noop", RARELY)
        jobs.schedules.add("on", "stamp", RARELY)
        jobs.schedules.enable("off", False)
        with database.write() as tx:
            tx.execute(update(schedule_table).values(next_run=now_s() - 60.0))
        wait_until(lambda: jobs.queue.list_jobs(kind="stamp"))
        assert not jobs.queue.list_jobs(kind="noop")


def test_an_interval_counts_from_the_last_time_and_not_from_the_clock(database: Database) -> None:
    with dispatching(database) as jobs:
        before = now_s()
        made = jobs.schedules.add("every", "noop", "@every 90m")
        assert before + 5400 <= made.next_run <= now_s() + 5400
        again = now_s()
        with database.write() as tx:
            tx.execute(update(schedule_table).values(next_run=again - 60.0))
        wait_until(lambda: jobs.queue.list_jobs(kind="noop"))
        wait_until(lambda: jobs.schedules.get("every").next_run >= again + 5400)
        for line in ("@every 0m", "@every m", "@every 5", "@every -5m"):
            with pytest.raises(Invalid):
                jobs.schedules.add("bad", "noop", line)


def test_scheduled_jobs_of_a_kind_may_share_one_key(database: Database) -> None:
    kinds = make_kinds()
    kinds["noop"] = replace(kinds["noop"], scheduled_key="one")
    with dispatching(database, kinds=kinds, workers=0) as jobs:
        by_hand = jobs.put("noop", "one")
        jobs.schedules.add("often", "noop", "* * * * *")
        with database.write() as tx:
            tx.execute(update(schedule_table).values(next_run=now_s() - 60.0))
        wait_until(lambda: jobs.schedules.get("often").last_run is not None)
        assert [job.id for job in jobs.queue.list_jobs(kind="noop")] == [by_hand]
