"""Workers that die, hang, or are taken away."""

import contextlib
import os
import signal
from functools import partial
from pathlib import Path

import psutil
import pytest

from mediant.errors import Refused
from mediant.jobs.crew import WorkerState
from mediant.jobs.job import Job, JobState, NewJob
from mediant.jobs.journal import Journal
from mediant.jobs.outcome import Outcome, Settler
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.pool.port import JobMessage, PoolEvent, WorkerGone
from mediant.kernel.clock import monotonic_s
from mediant.store import Database
from mediant.testing.dispatching import Dispatching, dispatching
from mediant.testing.jobs import make_kinds
from mediant.testing.processes import is_alive
from mediant.testing.waiting import PATIENCE_S, wait_until


def test_a_job_survives_the_death_of_its_worker(database: Database, gate: Path) -> None:
    with dispatching(database, workers=2) as jobs:
        pids = jobs.wait_ready(2)
        job_id = jobs.put("sleep", seconds=3600, until=str(gate))
        jobs.wait_running(job_id)
        jobs.queue.pause()  # else the other worker may have it before its turn to die comes
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        gate.touch()
        wait_until(lambda: set(jobs.wait_ready(2)).isdisjoint(pids))
        jobs.queue.resume()
        job = jobs.end_of(job_id)
        assert (job.state, job.deaths) == (JobState.DONE, 1)
        assert any("SIGKILL" in line.text for line in jobs.queue.list_log(job_id))
        assert jobs.states()[JobState.DONE] == 1


@pytest.mark.parametrize("kind", ["segfault", "crash"])
def test_the_third_death_is_poison(database: Database, kind: str) -> None:
    with dispatching(database) as jobs:
        job_id = jobs.put(kind)
        other = jobs.put("noop")
        job = jobs.end_of(job_id)
        assert (job.state, job.error_code) == (JobState.FAILED, "poison")
        assert (job.attempt, job.deaths, job.tries) == (3, 3, 0)
        assert ("SIGSEGV" if kind == "segfault" else "SIGKILL") in (job.error or "")
        assert jobs.end_of(other).deaths == 0


def test_poison_can_be_tried_again_by_hand(database: Database, tmp_path: Path) -> None:
    with dispatching(database) as jobs:
        job_id = jobs.put("crash", times=3, counter=str(tmp_path / "count"))
        assert jobs.end_of(job_id).error_code == "poison"
        assert jobs.queue.reset_stuck() == 1
        job = jobs.end_of(job_id)
        assert (job.state, job.attempt, job.deaths) == (JobState.DONE, 4, 0)
        with pytest.raises(Refused):
            jobs.queue.retry(job_id)


def test_a_hanging_job_is_killed(database: Database) -> None:
    with dispatching(database, kinds=make_kinds(hang_s=0.3)) as jobs:
        job = jobs.end_of(jobs.put("stubborn", seconds=600))
        assert (job.state, job.error_code) == (JobState.FAILED, "poison")
        assert "no sign of life" in (job.error or "")


def test_a_long_job_that_reports_is_not_killed(database: Database, gate: Path) -> None:
    with dispatching(database, kinds=make_kinds(hang_s=600.0)) as jobs:
        job_id = jobs.put("sleep", seconds=3600, until=str(gate))
        jobs.wait_running(job_id)
        ((_, slot),) = jobs.dispatcher._crew.slots()
        begin = monotonic_s()
        slot.heard_at = begin - 300.0  # as if it had said nothing for half of that time
        wait_until(lambda: slot.heard_at >= begin)
        gate.touch()
        assert jobs.end_of(job_id).deaths == 0


def test_a_cancelled_job_stops_by_itself(database: Database) -> None:
    with dispatching(database, kinds=make_kinds(cancel_s=PATIENCE_S)) as jobs:
        pids = jobs.wait_ready(1)
        job_id = jobs.put("sleep", seconds=3600)
        jobs.wait_running(job_id)
        assert jobs.queue.cancel(job_id) == 1
        assert jobs.end_of(job_id).state is JobState.CANCELLED
        assert jobs.end_of(jobs.put("noop")).state is JobState.DONE
        assert jobs.ready_pids() == pids
        assert jobs.queue.cancel(job_id) == 0


def test_a_deaf_job_is_killed(database: Database, tmp_path: Path) -> None:
    with dispatching(database) as jobs:
        pids = jobs.wait_ready(1)
        job_id = jobs.put("stubborn", seconds=600, begun=str(tmp_path / "begun"))
        wait_until((tmp_path / "begun").exists)  # else it may hear of its end before
        jobs.queue.cancel(job_id)
        job = jobs.end_of(job_id)
        assert (job.state, job.deaths) == (JobState.CANCELLED, 0)
        assert jobs.wait_ready(1) != pids


def test_a_tree_is_cancelled_whole(database: Database) -> None:
    with dispatching(database, workers=2) as jobs:
        kinds = ["stubborn", "sleep", "sleep", "stubborn", "sleep"]
        children = [{"kind": kind, "payload": {"seconds": 600}} for kind in kinds]
        top = jobs.put("plan", children=[{"kind": "plan", "payload": {"children": children}}])
        wait_until(lambda: jobs.queue.count_jobs("stubborn")[JobState.RUNNING])
        wait_until(lambda: jobs.queue.count_jobs("sleep")[JobState.RUNNING])
        outside = jobs.put("sleep", seconds=3600)
        assert jobs.queue.cancel(top) == 7
        tree = [job for job in jobs.queue.list_jobs() if job.root_id == top]
        assert len(tree) == 7
        assert all(jobs.end_of(job.id).state is JobState.CANCELLED for job in tree)
        assert not jobs.queue.get_job(outside).state.is_ended
        assert jobs.states()[JobState.CANCELLED] == 7


def test_a_branch_is_cancelled_and_its_parent_goes_on(database: Database) -> None:
    with dispatching(database) as jobs:
        jobs.queue.pause("kind:sleep")
        branch = {"kind": "plan", "payload": {"children": [{"kind": "sleep"}] * 3}}
        top = jobs.put("plan", children=[branch, {"kind": "noop"}])
        wait_until(lambda: jobs.queue.count_jobs("sleep")[JobState.QUEUED] == 3)
        (inner,) = jobs.queue.list_jobs(parent_id=top, kind="plan")
        assert jobs.queue.cancel(inner.id) == 4
        assert jobs.end_of(top).state is JobState.DONE
        assert jobs.states()[JobState.CANCELLED] == 4


def test_an_idle_worker_that_died_unseen_costs_no_try(database: Database) -> None:
    with dispatching(database, workers=3) as jobs:
        for n in range(9):
            victim = jobs.wait_ready(3)[n % 3]
            os.kill(victim, signal.SIGKILL)
            ids = [jobs.put("stamp") for _ in range(3)]
            ended = [jobs.end_of(job_id) for job_id in ids]
            assert all(job.state is JobState.DONE and job.deaths == 0 for job in ended)
            wait_until(partial(_has_left, jobs, victim))
        assert jobs.states()[JobState.DONE] == 27


def test_send_to_a_dead_worker_raises() -> None:
    pool = LocalPool()
    try:
        worker = pool.add("cpu")
        pid = _await(pool, "ready").body["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid))
        message = JobMessage(1, 1, "noop", "mediant.testing.handlers:noop", {})
        with pytest.raises(WorkerGone):
            pool.send(worker, message)
        assert _await(pool, "died").body["exit_code"] == -signal.SIGKILL
        assert pool.events(0.3) == []
        with pytest.raises(WorkerGone):
            pool.send(worker, message)
    finally:
        pool.close()


def test_the_late_outcome_of_a_lost_attempt_changes_nothing(database: Database) -> None:
    with dispatching(database) as jobs:
        old = _claimed(jobs, jobs.put("sleep", seconds=3600))
        os.kill(jobs.ready_pids()[0], signal.SIGKILL)
        wait_until(lambda: jobs.queue.get_job(old.id).attempt == 2)
        settler = Settler(
            database.engine.dialect,
            jobs.queue.kinds,
            jobs.queue.intake,
            jobs.queue.ancestors,
            jobs.queue.followers,
        )
        late = [Outcome(old, "done", {"late": True}), Outcome(old, "died", {"cause": "x"})]
        for outcome in late:
            with Journal(database, jobs.bus).change() as change:
                settler.settle(change, [outcome])
        job = jobs.queue.get_job(old.id)
        assert (job.state, job.attempt, job.deaths) == (JobState.RUNNING, 2, 1)
        assert job.result is None
        with Journal(database, jobs.bus).change() as change:
            assert not settler.absorb(change, old, {"n": 1})
        jobs.states()


def test_a_busy_worker_is_removed_without_losing_its_job(database: Database, gate: Path) -> None:
    with dispatching(database) as jobs:
        job_id = jobs.put("sleep", seconds=3600, until=str(gate))
        (name,) = (worker.name for worker in jobs.dispatcher.list_workers())
        jobs.wait_running(job_id)
        jobs.dispatcher.remove_worker(name, 0.1)
        wait_until(lambda: not jobs.dispatcher.list_workers())
        wait_until(lambda: jobs.queue.get_job(job_id).state is JobState.QUEUED)
        job = jobs.queue.get_job(job_id)
        assert (job.attempt, job.tries, job.deaths) == (1, 0, 0)
        name = jobs.dispatcher.add_worker("cpu")
        jobs.wait_running(job_id)
        jobs.dispatcher.remove_worker(name, PATIENCE_S)
        gate.touch()
        assert jobs.end_of(job_id).attempt == 2
        wait_until(lambda: not jobs.dispatcher.list_workers())


def test_brief_jobs_behind_a_crash_lose_no_try(database: Database, gate: Path) -> None:
    with dispatching(database) as jobs:
        pids = jobs.wait_ready(1)
        wishes = [NewJob("brief_sleep", {"seconds": 3600, "until": str(gate)})] * 6
        ids = [answer.job_id for answer in jobs.queue.enqueue_many(wishes)]
        jobs.wait_running(ids[0])
        os.kill(pids[0], signal.SIGKILL)
        gate.touch()
        ended = [jobs.end_of(job_id) for job_id in ids]
        assert [job.deaths for job in ended] == [1, 0, 0, 0, 0, 0]
        assert all(job.state is JobState.DONE for job in ended)


def test_a_graceful_stop_hands_jobs_back_uncounted(database: Database) -> None:
    with dispatching(database, workers=2) as jobs:
        jobs.wait_ready(2)
        long = jobs.put("sleep", seconds=3600)
        jobs.wait_running(long)
        pids = jobs.ready_pids()
        jobs.dispatcher.stop(0.3)
        job = jobs.queue.get_job(long)
        assert (job.state, job.tries, job.deaths, job.worker) == (JobState.QUEUED, 0, 0, None)
        assert not any(map(is_alive, pids))
        jobs.states()


def test_a_graceful_stop_lets_jobs_end(database: Database, gate: Path) -> None:
    with dispatching(database, workers=2) as jobs:
        ids = [jobs.put("sleep", seconds=3600, until=str(gate)) for _ in range(2)]
        for job_id in ids:
            jobs.wait_running(job_id)
        gate.touch()
        jobs.dispatcher.stop(PATIENCE_S)
        assert all(jobs.queue.get_job(job_id).state is JobState.DONE for job_id in ids)


def test_a_worker_that_cannot_start_is_not_started_in_a_loop(database: Database) -> None:
    """How long it waits, the unit tests of its seat say."""
    with dispatching(database, workers=0) as jobs:
        jobs.dispatcher.add_worker("cpu")

        def is_given_up() -> bool:
            for child in psutil.Process().children():
                with contextlib.suppress(psutil.NoSuchProcess):  # dead, and not buried yet
                    if "mediant.jobs.worker" in " ".join(child.cmdline()):
                        child.kill()
            (worker,) = jobs.dispatcher.list_workers()
            return worker.state is WorkerState.ERROR

        wait_until(is_given_up)
        assert len(jobs.wait_ready(1)) == 1


def _has_left(jobs: Dispatching, pid: int) -> bool:
    return pid not in jobs.ready_pids()


def _claimed(jobs: Dispatching, job_id: int) -> Job:
    return jobs.wait_running(job_id)


def _await(pool: LocalPool, kind: str) -> PoolEvent:
    deadline = monotonic_s() + PATIENCE_S
    while monotonic_s() < deadline:
        for event in pool.events(0.2):
            if event.type == kind:
                return event
    raise AssertionError(f"no {kind}")
