"""The life of jobs, with real workers, on both databases."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from mediant.errors import Invalid, NotFound, Refused
from mediant.events.bus import Subscription
from mediant.jobs.job import ENDED, JobState, NewJob
from mediant.jobs.outcome import RETRY_S
from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.store.schema_jobs import job_pause
from mediant.testing.dispatching import build, dispatching
from mediant.testing.waiting import PATIENCE_S, wait_until


def test_a_job_is_done_and_tells_its_story(database: Database) -> None:
    with dispatching(database) as jobs, jobs.bus.subscribe(["job.*"]) as events:
        job_id = jobs.put("stamp")
        job = jobs.end_of(job_id)
        assert job.state is JobState.DONE
        assert job.result is not None
        assert job.result["pid"] != os.getpid()
        assert (job.attempt, job.tries, job.deaths, job.progress) == (1, 0, 0, 1.0)
        assert job.root_id == job_id
        story = ["job.queued", "job.started", "job.done"]
        kept = jobs.queue.journal.history.after(0, ["job.*"])
        assert [(e.topic, e.payload["job_id"]) for e in kept] == [(t, job_id) for t in story]
        # Whoever enqueues and the dispatcher publish each in its own thread.
        told = [events.get(PATIENCE_S) for _ in story]
        assert sorted((e.id, e.topic) for e in told if e) == [(e.id, e.topic) for e in kept]
        assert jobs.states()[JobState.DONE] == 1


def test_priority_goes_before_age(database: Database) -> None:
    with dispatching(database) as jobs:
        jobs.queue.pause()
        low, high, mid = (
            jobs.queue.enqueue(NewJob("stamp", priority=priority)).job_id for priority in (0, 9, 5)
        )
        jobs.queue.resume()
        began = {job_id: (jobs.end_of(job_id).result or {})["tick"] for job_id in (low, mid, high)}
        assert sorted(began, key=began.__getitem__) == [high, mid, low]


def test_the_same_work_is_live_once(database: Database) -> None:
    with dispatching(database, workers=0) as jobs:
        first = jobs.queue.enqueue(NewJob("noop", dedup_key="song"))
        twin = jobs.queue.enqueue(NewJob("noop", dedup_key="song"))
        assert first.created
        assert not twin.created
        assert twin.job_id == first.job_id
        many = jobs.queue.enqueue_many([NewJob("noop", dedup_key=f"{n % 7}") for n in range(25)])
        assert len({answer.job_id for answer in many}) == 7
        assert sum(answer.created for answer in many) == 7
        jobs.dispatcher.add_worker("cpu")
        jobs.end_of(first.job_id)
        assert jobs.queue.enqueue(NewJob("noop", dedup_key="song")).created


def test_a_delayed_job_waits_for_its_moment(database: Database) -> None:
    with dispatching(database) as jobs:
        due = now_s() + 0.7
        delayed = jobs.queue.enqueue(NewJob("stamp", run_at=due)).job_id
        result = jobs.end_of(delayed).result
        assert result is not None
        assert result["at"] >= due


def test_progress_stage_and_log_are_seen(database: Database, tmp_path: Path) -> None:
    with dispatching(database) as jobs:
        job_id = jobs.put("sleep", seconds=3600)
        jobs.wait_running(job_id)
        wait_until(lambda: jobs.queue.get_job(job_id).stage == "sleep")
        assert jobs.queue.get_job(job_id).eta_s is not None
        jobs.queue.cancel(job_id)
        jobs.end_of(job_id)
        failed = jobs.put("fail", how="bug")
        jobs.end_of(failed)
        lines = jobs.queue.list_log(failed)
        assert lines[0].text == "about to fail: bug"
        assert "ZeroDivisionError" in lines[1].text
        assert jobs.queue.list_log(failed, after_seq=lines[0].seq) == lines[1:]


def test_children_hold_their_parent_until_the_last_one(database: Database) -> None:
    with dispatching(database, workers=2) as jobs:
        children = [{"kind": "noop"}] * 30 + [{"kind": "fail", "payload": {"how": "media"}}]
        parent = jobs.end_of(jobs.put("plan", children=children))
        assert parent.state is JobState.DONE
        assert (parent.children_left, parent.children_failed) == (0, 1)
        assert parent.result == {"planned": 31}
        listed = jobs.queue.list_jobs(parent_id=parent.id)
        assert all(child.state.is_ended and child.root_id == parent.id for child in listed)
        assert (parent.finished_at or 0) >= max(child.finished_at or 0 for child in listed)
        assert jobs.states()[JobState.DONE] == 31


def test_trees_grow_and_end_level_by_level(database: Database) -> None:
    with dispatching(database, workers=2) as jobs:
        inner = {"kind": "plan", "payload": {"children": [{"kind": "noop"}] * 3}}
        top = jobs.end_of(jobs.put("plan", children=[inner, inner, {"kind": "noop"}]))
        assert top.state is JobState.DONE
        assert jobs.states()[JobState.DONE] == 1 + 3 + 6


def test_a_planner_without_children_is_done(database: Database) -> None:
    with dispatching(database) as jobs:
        assert jobs.end_of(jobs.put("plan", children=[])).state is JobState.DONE


def test_parts_are_committed_one_by_one(database: Database) -> None:
    with dispatching(database) as jobs:
        parent = jobs.end_of(jobs.put("emit_children", parts=5, size=300_000))
        assert parent.state is JobState.DONE
        assert len(jobs.queue.list_jobs(parent_id=parent.id)) == 5


def test_a_retried_child_reopens_its_parent(database: Database, tmp_path: Path) -> None:
    payload = {"how": "media", "times": 1, "counter": str(tmp_path / "count")}
    with dispatching(database) as jobs:
        parent_id = jobs.put("plan", children=[{"kind": "fail", "payload": payload}])
        assert jobs.end_of(parent_id).children_failed == 1
        (child,) = jobs.queue.list_jobs(parent_id=parent_id)
        jobs.queue.pause()
        assert jobs.queue.retry(child.id).state is JobState.QUEUED
        parent = jobs.queue.get_job(parent_id)
        assert parent.state is JobState.RUNNING
        assert (parent.children_left, parent.children_failed) == (1, 0)
        jobs.queue.resume()
        parent = jobs.end_of(parent_id)
        assert (parent.state, parent.children_failed) == (JobState.DONE, 0)
        assert jobs.states()[JobState.DONE] == 2


def test_errors_keep_code_sentence_and_asset(database: Database) -> None:
    with dispatching(database) as jobs:
        media = jobs.end_of(jobs.put("fail", how="media"))
        assert (media.state, media.error_code) == (JobState.FAILED, "corrupt")
        assert media.error == "song.mp3: This is no music. Replace it."
        bug = jobs.end_of(jobs.put("fail", how="bug"))
        assert (bug.error_code, bug.tries) == ("internal", 1)
        assert bug.error == "Unexpected ZeroDivisionError: division by zero"
        lost = jobs.end_of(jobs.put("nowhere"))
        assert lost.error_code == "internal"
        unprepared = jobs.end_of(jobs.put("unprepared"))
        assert unprepared.error_code == "missing"
        unkept = jobs.end_of(jobs.put("unkept"))
        assert (unkept.state, unkept.error_code) == (JobState.FAILED, "internal")
        refused = jobs.end_of(jobs.put("emit_refused", parts=3))
        assert (refused.state, refused.error_code) == (JobState.FAILED, "corrupt")
        assert jobs.end_of(jobs.put("noop")).state is JobState.DONE
        assert jobs.states()[JobState.FAILED] == 6


def test_a_passing_error_is_tried_again_later(database: Database, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with dispatching(database) as jobs:
        job_id = jobs.put("fail", how="passing", until=str(gate))
        wait_until(lambda: jobs.queue.get_job(job_id).state is JobState.RUNNING)
        jobs.queue.pause()
        gate.touch()
        wait_until(lambda: jobs.queue.get_job(job_id).tries == 1)
        job = jobs.queue.get_job(job_id)
        assert (job.state, job.error_code) == (JobState.QUEUED, "passing")
        assert job.run_at >= (job.started_at or 0) + RETRY_S


def test_tools_stay_between_jobs(database: Database) -> None:
    with dispatching(database) as jobs:
        used = [(jobs.end_of(jobs.put("count_tools")).result or {})["used"] for _ in range(3)]
        assert used == [1, 2, 3]


def test_a_refresh_closes_what_workers_keep(database: Database) -> None:
    def use_tool() -> int:
        return int((jobs.end_of(jobs.put("count_tools")).result or {})["used"])

    with dispatching(database) as jobs:
        assert [use_tool(), use_tool()] == [1, 2]
        (pid,) = jobs.wait_ready(1)
        jobs.dispatcher.refresh_workers()
        wait_until(lambda: use_tool() == 1)
        assert jobs.ready_pids() == [pid]


def test_a_pause_stops_claiming_and_nothing_else(database: Database, tmp_path: Path) -> None:
    with dispatching(database, workers=2) as jobs:
        gate = tmp_path / "gate"
        running = jobs.put("sleep", seconds=3600, until=str(gate))
        jobs.wait_running(running)
        jobs.queue.pause()
        gate.touch()
        waiting = jobs.put("noop")
        assert jobs.end_of(running).state is JobState.DONE
        assert jobs.queue.wait(waiting, 0.6).state is JobState.QUEUED
        jobs.queue.pause("kind:noop")
        jobs.queue.resume()
        assert jobs.queue.list_pauses() == ["kind:noop"]
        assert jobs.end_of(jobs.put("stamp")).state is JobState.DONE
        assert jobs.queue.get_job(waiting).state is JobState.QUEUED
        jobs.queue.resume("kind:noop")
        assert jobs.end_of(waiting).state is JobState.DONE
        jobs.queue.pause("lane:cpu")
        waiting = jobs.put("noop")
        assert jobs.queue.wait(waiting, 0.6).state is JobState.QUEUED
        jobs.queue.resume("lane:cpu")
        assert jobs.end_of(waiting).state is JobState.DONE


def test_a_pause_is_for_what_there_is(database: Database) -> None:
    with dispatching(database) as jobs:
        for scope in ("everything", "kind:", "kind:nope", "lane:bogus", "lane:noop", "kind:cpu"):
            with pytest.raises(Invalid):
                jobs.queue.pause(scope)
            with pytest.raises(Invalid):
                jobs.queue.resume(scope)
        with pytest.raises(Invalid, match=r"Known are: .*noop.*stamp"):
            jobs.queue.pause("kind:nope")
        with pytest.raises(Invalid, match=r"Known are: cpu, detect, io, speech\."):
            jobs.queue.pause("lane:bogus")
        assert jobs.queue.list_pauses() == []


def test_a_pause_of_a_kind_that_is_gone_can_be_taken_back(database: Database) -> None:
    with database.write() as tx:
        tx.execute(insert(job_pause).values(scope="kind:bygone", since=now_s()))
    with dispatching(database) as jobs:
        assert jobs.queue.list_pauses() == ["kind:bygone"]
        jobs.queue.resume("kind:bygone")
        assert jobs.queue.list_pauses() == []


def test_jobs_are_listed_counted_and_removed(database: Database) -> None:
    with dispatching(database) as jobs:
        done = [jobs.put("noop") for _ in range(3)]
        for job_id in done:
            jobs.end_of(job_id)
        jobs.queue.pause()
        queued = [jobs.put("stamp", key=str(n)) for n in range(4)]
        assert [job.id for job in jobs.queue.list_jobs(limit=2)] == queued[:1:-1]
        page = jobs.queue.list_jobs(before_id=queued[2], limit=2)
        assert [job.id for job in page] == queued[1::-1]
        assert len(jobs.queue.list_jobs(states=[JobState.DONE])) == 3
        assert jobs.queue.count_jobs("stamp")[JobState.QUEUED] == 4
        jobs.queue.remove(queued[0])
        assert jobs.queue.flush([JobState.QUEUED], kind="stamp") == 3
        assert jobs.queue.remove_ended(states=ENDED, older_than_s=3600) == 0
        assert jobs.queue.count_removable(states=ENDED, older_than_s=3600) == 0
        assert jobs.queue.count_removable(states=ENDED) == 3
        assert jobs.queue.remove_ended(states=ENDED) == 3
        assert not any(jobs.states().values())
        with pytest.raises(NotFound):
            jobs.queue.get_job(done[0])
        with pytest.raises(Refused):
            jobs.queue.flush([JobState.RUNNING])
        with pytest.raises(Invalid):
            jobs.queue.remove_ended(states=[JobState.QUEUED])
        with pytest.raises(Invalid):
            jobs.queue.count_removable(states=[JobState.QUEUED])
        with pytest.raises(Invalid):
            jobs.put("no such kind")


def test_removed_jobs_are_told(database: Database) -> None:
    """Each by its id; many at once as one event with their count."""
    jobs = build(database)
    jobs.queue.pause()
    one, *rest = [jobs.put("noop", key=str(n)) for n in range(4)]
    parent = jobs.put("plan")
    children = [NewJob("stamp", dedup_key=str(n), parent_id=parent) for n in range(2)]
    below = [each.job_id for each in jobs.queue.enqueue_many(children)]
    with jobs.bus.subscribe(["job.removed"]) as told:
        jobs.queue.remove(one)
        assert _removed(told) == [{"job_id": one, "kind": "noop"}]
        jobs.queue.remove(parent)
        kinds = {parent: "plan", **dict.fromkeys(below, "stamp")}
        removed = [{"job_id": job_id, "kind": kind} for job_id, kind in kinds.items()]
        assert sorted(_removed(told), key=lambda each: each["job_id"]) == removed
        for job_id in rest:
            jobs.queue.cancel(job_id)
        jobs.queue.remove_ended(states=ENDED)
        assert [each["job_id"] for each in _removed(told)] == rest
        jobs.queue.enqueue_many([NewJob("stamp", dedup_key=f"many {n}") for n in range(30)])
        jobs.queue.flush([JobState.QUEUED])
        assert _removed(told) == [{"kind": "stamp", "count": 30}]
        with pytest.raises(NotFound):
            jobs.queue.remove(one)
        assert _removed(told) == []
    kept = jobs.queue.journal.history.after(0, limit=100)
    assert sum(event.topic == "job.removed" for event in kept) == 1 + 3 + 3 + 1


def _removed(told: Subscription) -> list[Mapping[str, Any]]:
    found = []
    while (event := told.get(0)) is not None:
        found.append(event.payload)
    return found


def test_waiting_does_not_hold_the_loop(database: Database) -> None:
    with dispatching(database, workers=2) as jobs:

        async def wait_for_both() -> list[JobState]:
            ids = [jobs.put("sleep", seconds=0.2), jobs.put("noop")]
            ended = await asyncio.gather(*(jobs.queue.wait_async(i, PATIENCE_S) for i in ids))
            return [job.state for job in ended]

        assert asyncio.run(wait_for_both()) == [JobState.DONE, JobState.DONE]
        slow = jobs.put("sleep", seconds=3600)
        assert not asyncio.run(jobs.queue.wait_async(slow, 0.05)).state.is_ended


def test_a_forecast_comes_from_what_ended(database: Database) -> None:
    with dispatching(database) as jobs:
        for job_id in [jobs.put("noop") for _ in range(5)]:
            jobs.end_of(job_id)
        jobs.queue.pause()
        jobs.queue.enqueue_many([NewJob("noop") for _ in range(10)])
        seen = jobs.queue.forecast("noop")
        assert seen.left == 10
        assert seen.rate_per_s is not None
        assert seen.eta_s == pytest.approx(10 / seen.rate_per_s)


def test_a_forecast_counts_failed_jobs_and_no_idle_time(database: Database) -> None:
    jobs = build(database)
    ids = [jobs.put("noop") for _ in range(6)]
    now = now_s()
    with database.write() as tx:
        for n, state in enumerate(("done", "failed", "done", "failed", "cancelled")):
            started = now - 60 + n * 2
            tx.exec_driver_sql(
                f"UPDATE job SET state='{state}', started_at={started}, finished_at={started + 2} "
                f"WHERE id={ids[n]}"
            )
    seen = jobs.queue.forecast("noop")
    assert seen.rate_per_s == pytest.approx(4 / 8, rel=1e-6)
    assert seen.average_s == pytest.approx(2.0, rel=1e-6)


def test_what_ended_is_counted_from_a_moment_on(database: Database) -> None:
    with dispatching(database) as jobs:
        assert jobs.end_of(jobs.put("noop")).state is JobState.DONE
        since = now_s()
        for kind in ("noop", "noop", "fail"):
            jobs.end_of(jobs.put(kind))
        jobs.queue.pause()
        jobs.queue.cancel(jobs.put("noop"))
        noop = {JobState.DONE: 2, JobState.FAILED: 0, JobState.CANCELLED: 1}
        assert jobs.queue.count_ended("noop", since) == noop
        assert jobs.queue.count_ended("fail", since)[JobState.FAILED] == 1
        assert sum(jobs.queue.count_ended("noop", since, since).values()) == 0


def test_brief_jobs_all_end_once_and_in_order(database: Database) -> None:
    with dispatching(database, workers=2) as jobs:
        jobs.queue.pause()
        ids = [e.job_id for e in jobs.queue.enqueue_many([NewJob("brief_stamp")] * 300)]
        jobs.queue.resume()
        ended = [jobs.end_of(job_id) for job_id in ids]
        assert all(job.state is JobState.DONE and job.attempt == 1 for job in ended)
        by_worker: dict[str | None, list[float]] = {}
        for job in ended:
            by_worker.setdefault(job.worker, []).append((job.result or {})["tick"])
        assert all(moments == sorted(moments) for moments in by_worker.values())


def test_workers_come_and_go(database: Database) -> None:
    with dispatching(database) as jobs:
        jobs.wait_ready(1)
        name = jobs.dispatcher.add_worker("io")
        jobs.wait_ready(2)
        info = next(w for w in jobs.dispatcher.list_workers() if w.name == name)
        assert (info.lane, info.device, info.state) == ("io", None, "idle")
        jobs.dispatcher.remove_worker(name, 5.0)
        wait_until(lambda: len(jobs.dispatcher.list_workers()) == 1)
        with pytest.raises(NotFound):
            jobs.dispatcher.remove_worker(name, 5.0)
