"""Lanes with an owner: how many seats, on which devices, how many jobs at once, when they rest."""

import os
import signal
from dataclasses import replace
from typing import get_args

import pytest

from mediant.api.v2.workers import Lane
from mediant.errors import Invalid
from mediant.jobs.crew import WorkerState
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.lane import LANES, LaneWish
from mediant.store import Database
from mediant.testing.dispatching import Dispatching, dispatching
from mediant.testing.waiting import PATIENCE_S, wait_until

LANE = "speech"


class Owner:
    """A wish for a lane that a test changes while it is in force."""

    def __init__(self, **wish) -> None:
        self.wish = replace(LaneWish(devices=(None,), is_lazy=True), **wish)

    def change(self, **wish) -> None:
        self.wish = replace(self.wish, **wish)

    def __call__(self):
        return {LANE: self.wish}


def find_fault(device: str) -> str | None:
    return None if device == "cuda:0" else f"There is no {device} here."


def owned(database: Database, owner: Owner):
    return dispatching(database, workers=0, lanes=owner, find_fault=find_fault)


def put(jobs: Dispatching, kind: str, **payload) -> int:
    return jobs.queue.enqueue(NewJob(kind, payload, lane=LANE)).job_id


def names(jobs: Dispatching) -> list[str]:
    return [one.name for one in jobs.dispatcher.list_workers()]


def n_running(jobs: Dispatching) -> int:
    return jobs.queue.count_jobs()[JobState.RUNNING]


def seat(jobs: Dispatching, name: str):
    return next(one for one in jobs.dispatcher.list_workers() if one.name == name)


def test_a_lazy_seat_has_no_process_before_its_first_job(database: Database) -> None:
    with owned(database, Owner()) as jobs:
        jobs.put("noop")  # of a lane without workers: it calls nobody
        before = seat(jobs, "speech-1")
        assert (before.state, before.pid) == (WorkerState.IDLE, None)
        done = jobs.end_of(put(jobs, "place"))
        assert done.result["device"] is None
        assert done.worker == "speech-1"
        assert seat(jobs, "speech-1").pid == done.result["pid"]


def test_a_lazy_process_ends_when_it_rests_and_comes_back(database: Database) -> None:
    with owned(database, Owner(rest_s=0.2)) as jobs:
        first = jobs.end_of(put(jobs, "place")).result["pid"]
        wait_until(lambda: seat(jobs, "speech-1").pid is None)
        assert seat(jobs, "speech-1").state == WorkerState.IDLE
        assert jobs.end_of(put(jobs, "place")).result["pid"] != first


def test_only_so_many_processes_start_as_jobs_wait(database: Database) -> None:
    with owned(database, Owner(devices=(None,) * 3)) as jobs:
        for _ in range(2):
            put(jobs, "sleep", seconds=3600)
        wait_until(lambda: n_running(jobs) == 2)
        assert sum(one.pid is not None for one in jobs.dispatcher.list_workers()) == 2


def test_a_cap_holds_over_all_seats_and_changes_live(database: Database) -> None:
    owner = Owner(devices=(None,) * 3, running=1)
    with owned(database, owner) as jobs:
        for _ in range(3):
            put(jobs, "sleep", seconds=3600)
        wait_until(lambda: n_running(jobs) == 1)
        later = put(jobs, "noop")
        assert not jobs.queue.wait(later, 1.0).state.is_ended
        assert n_running(jobs) == 1
        owner.change(running=2)
        wait_until(lambda: n_running(jobs) == 2)


def test_seats_follow_the_wish_and_names_take_the_smallest_number(database: Database) -> None:
    owner = Owner(devices=("cuda:0", None, None))
    with owned(database, owner) as jobs:
        assert names(jobs) == ["speech-gpu-1", "speech-1", "speech-2"]
        assert jobs.dispatcher.add_worker(LANE) == "speech-3"
        jobs.dispatcher.remove_worker("speech-1", 0.0)
        wait_until(lambda: "speech-1" not in names(jobs))
        assert jobs.dispatcher.add_worker(LANE) == "speech-1"
        owner.change(devices=(None,))
        wait_until(lambda: "speech-gpu-1" not in names(jobs))
        # The one that is left of the plan, and both that were added by hand.
        assert sorted(names(jobs)) == ["speech-1", "speech-2", "speech-3"]
        owner.change(devices=(None, None))
        wait_until(lambda: len(names(jobs)) == 4)


def test_a_job_learns_its_device(database: Database) -> None:
    with owned(database, Owner(devices=("cuda:0",))) as jobs:
        done = jobs.end_of(put(jobs, "place"))
        assert (done.result["device"], done.device) == ("cuda:0", "cuda:0")


def test_a_device_that_is_not_there_is_said_and_gets_no_process(database: Database) -> None:
    with owned(database, Owner(devices=())) as jobs:
        name = jobs.dispatcher.add_worker(LANE, "cuda:7")
        waiting = put(jobs, "noop")
        assert not jobs.queue.wait(waiting, 1.0).state.is_ended
        broken = seat(jobs, name)
        assert broken.state == WorkerState.ERROR
        assert broken.fault == "There is no cuda:7 here."
        assert broken.pid is None
        jobs.dispatcher.remove_worker(name)
        wait_until(lambda: name not in names(jobs))


def test_an_unknown_lane_is_refused(database: Database) -> None:
    with owned(database, Owner()) as jobs, pytest.raises(Invalid, match="cpu, io, speech"):
        jobs.dispatcher.add_worker("nonsense")


def test_a_dead_worker_stays_dead_where_that_is_wished(database: Database) -> None:
    owner = Owner(restarts=False)
    with owned(database, owner) as jobs:
        pid = jobs.end_of(put(jobs, "place")).result["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: seat(jobs, "speech-1").state == WorkerState.ERROR)
        assert "SIGKILL" in (seat(jobs, "speech-1").fault or "")
        waiting = put(jobs, "place")
        assert not jobs.queue.wait(waiting, 1.0).state.is_ended
        owner.change(restarts=True)
        assert jobs.end_of(waiting).result["pid"] != pid
        assert seat(jobs, "speech-1").fault is None


def test_an_idle_worker_that_does_not_answer_is_replaced(database: Database) -> None:
    owner = Owner(check_s=0.2, answer_s=PATIENCE_S)
    with owned(database, owner) as jobs:
        pid = jobs.end_of(put(jobs, "place")).result["pid"]
        seen = seat(jobs, "speech-1").seen_at
        wait_until(lambda: seat(jobs, "speech-1").seen_at > seen + 0.5)  # it answers
        assert seat(jobs, "speech-1").pid == pid
        os.kill(pid, signal.SIGSTOP)
        owner.change(answer_s=0.5)
        wait_until(lambda: seat(jobs, "speech-1").pid != pid)
        owner.change(check_s=None)
        assert jobs.end_of(put(jobs, "place")).result["pid"] != pid


def test_a_paused_lane_calls_nobody(database: Database) -> None:
    with owned(database, Owner()) as jobs:
        jobs.queue.pause(f"lane:{LANE}")
        waiting = put(jobs, "noop")
        assert not jobs.queue.wait(waiting, 1.0).state.is_ended
        assert seat(jobs, "speech-1").pid is None
        jobs.queue.resume(f"lane:{LANE}")
        assert jobs.end_of(waiting).state is JobState.DONE


def test_a_job_that_must_fail_never_runs(database: Database) -> None:
    with owned(database, Owner()) as jobs:
        wish = NewJob("noop", {}, dedup_key="x")
        for _ in range(20):  # while a dispatcher looks for work all the time
            doomed = jobs.queue.enqueue_failed(wish, "missing", "File not found: /x")
            ended = jobs.queue.get_job(doomed.job_id)
            assert (ended.state, ended.attempt) == (JobState.FAILED, 0)
            assert (ended.error_code, ended.error) == ("missing", "File not found: /x")
        assert jobs.states()[JobState.FAILED] == 20
        jobs.queue.pause("all")
        assert jobs.queue.retry(doomed.job_id).state is JobState.QUEUED
        twin = jobs.queue.enqueue_failed(wish, "missing", "File not found: /x")
        assert (twin.job_id, twin.created) == (doomed.job_id, False)
        assert jobs.queue.get_job(doomed.job_id).state is JobState.QUEUED


def test_the_api_knows_every_lane() -> None:
    assert get_args(Lane) == LANES
