"""What keeps jobs from starting is told, with figures and a remedy."""

from dataclasses import replace
from pathlib import Path

from mediant.jobs.hindrance import Hindrance, Hindrances
from mediant.jobs.job import NewJob
from mediant.jobs.lane import LaneWish
from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.testing.dispatching import Dispatching, build, dispatching
from mediant.testing.waiting import wait_until

HOUR_S = 3600.0


def ask(jobs: Dispatching, job_id: int) -> Hindrance | None:
    """What the job waits for."""
    found = Hindrances(jobs.database, jobs.queue, jobs.dispatcher)
    return found.of_job(jobs.queue.get_job(job_id))


def cause(jobs: Dispatching, job_id: int) -> str | None:
    found = ask(jobs, job_id)
    return None if found is None else found.cause


def test_pauses_are_named_with_the_way_to_end_them(database: Database) -> None:
    with dispatching(database) as jobs:
        for scope, text in (
            ("all", "all jobs are paused"),
            ("lane:cpu", "jobs of the lane cpu are paused"),
            ("kind:noop", "jobs of the kind noop are paused"),
        ):
            jobs.queue.pause(scope)
            job_id = jobs.put("noop")
            remedy = "mediant jobs resume" if scope == "all" else f"mediant jobs resume {scope}"
            assert ask(jobs, job_id) == Hindrance("paused", text, remedy)
            jobs.queue.resume(scope)
            jobs.end_of(job_id)
            assert ask(jobs, job_id) is None


def test_too_little_space_is_told_with_figures(database: Database, tmp_path: Path) -> None:
    free = [120 << 20]
    with dispatching(
        database, settings={"free_space_mb": 500}, folder=tmp_path, free_bytes=lambda _: free[0]
    ) as jobs:
        wait_until(lambda: jobs.dispatcher.troubles)
        job_id = jobs.put("noop")
        found = ask(jobs, job_id)
        assert found is not None
        assert found.text == f"only 120.0 MB free at {tmp_path}, 500.0 MB needed"
        assert "jobs.free_space_mb" in (found.remedy or "")
        # What anybody may read at /health names no folder.
        assert str(tmp_path) not in str(jobs.dispatcher.troubles)
        free[0] = 100 << 20
        wait_until(lambda: "100.0 MB" in getattr(ask(jobs, job_id), "text", ""))


def test_a_lane_without_workers_is_told(database: Database) -> None:
    with dispatching(database, workers=1) as jobs:
        found = ask(jobs, jobs.queue.enqueue(NewJob("noop", lane="io")).job_id)
        assert found == Hindrance(
            "worker", "there is no worker for jobs of the lane io", "set `jobs.io_workers`"
        )


def test_a_worker_that_cannot_be_says_why(database: Database) -> None:
    wish = LaneWish(devices=("cuda:3",), is_lazy=True)
    with dispatching(
        database, lanes=lambda: {"speech": wish}, find_fault=lambda device: f"No {device} here."
    ) as jobs:
        found = ask(jobs, jobs.queue.enqueue(NewJob("noop", lane="speech")).job_id)
        assert found is not None
        assert (found.cause, "No cuda:3 here." in found.text) == ("worker", True)


def test_jobs_before_another_are_counted(database: Database) -> None:
    with dispatching(database) as jobs:
        running = jobs.put("sleep", seconds=3600)
        jobs.wait_running(running)
        second, third = jobs.put("noop"), jobs.put("noop")
        assert ask(jobs, second) == Hindrance("turn", "1 job before it", before=1)
        assert ask(jobs, third) == Hindrance("turn", "2 jobs before it", before=2)
        urgent = jobs.queue.enqueue(NewJob("noop", priority=5)).job_id
        assert ask(jobs, urgent) == Hindrance("turn", "1 job before it", before=1)
        assert ask(jobs, running) is None


def test_a_job_of_tomorrow_waits_for_its_time(database: Database) -> None:
    with dispatching(database) as jobs:
        job_id = jobs.queue.enqueue(NewJob("noop", run_at=now_s() + HOUR_S)).job_id
        assert cause(jobs, job_id) == "time"


def test_a_job_that_runs_alone_holds_the_others(database: Database) -> None:
    with dispatching(database) as jobs:
        running = jobs.put("sleep", seconds=3600)
        jobs.wait_running(running)
        with database.write() as tx:
            tx.exec_driver_sql(f"UPDATE job SET server_deaths=2 WHERE id={running}")
        found = ask(jobs, jobs.put("noop"))
        assert found == Hindrance("alone", f"job {running} runs alone")


def test_a_job_waits_for_what_its_parts_wait_for(database: Database) -> None:
    with dispatching(database) as jobs:
        jobs.queue.pause("kind:noop")
        children = [{"kind": "noop"}, {"kind": "noop"}]
        parent = jobs.put("plan", children=children)
        wait_until(lambda: jobs.queue.list_jobs(parent_id=parent))
        wait_until(lambda: jobs.queue.get_job(parent).worker is None)
        assert cause(jobs, parent) == "paused"
        jobs.queue.resume("kind:noop")
        jobs.end_of(parent)
        assert ask(jobs, parent) is None


def test_without_a_server_nothing_starts(database: Database) -> None:
    jobs = build(database)
    job_id = jobs.put("noop")
    assert cause(jobs, job_id) == "server"
    everything = Hindrances(database, jobs.queue, jobs.dispatcher)
    assert replace(everything.of_kind() or Hindrance("turn", ""), text="").cause == "server"
