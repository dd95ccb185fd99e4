"""A second wish for work that is live: it is never silently weaker."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mediant.errors import Refused
from mediant.jobs.job import Enqueued, Job, JobState, NewJob
from mediant.jobs.lane import LaneWish
from mediant.store import Database
from mediant.testing.dispatching import Dispatching, build, dispatching
from mediant.testing.jobs import make_kinds, merge_longest
from mediant.testing.waiting import PATIENCE_S, wait_until


def ask(jobs: Dispatching, seconds: float, priority: int = 0, **more: str) -> Enqueued:
    """`more`: another kind than `merged`, and the file `until` that ends the job sooner."""
    kind = more.pop("kind", "merged")
    wish = NewJob(kind, {"seconds": seconds, **more}, dedup_key="song", priority=priority)
    return jobs.queue.enqueue(wish)


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file that ends the jobs `until` it, when a test makes it."""
    return tmp_path / "gate"


def follower_of(jobs: Dispatching, job: Job) -> Job:
    assert job.next_id is not None
    return jobs.end_of(job.next_id)


def test_a_queued_twin_takes_the_stronger_wish_up(database: Database) -> None:
    jobs = build(database)
    first = ask(jobs, 2)
    assert ask(jobs, 1) == Enqueued(first.job_id, False)
    assert ask(jobs, 3, priority=5) == Enqueued(first.job_id, False, raised=True)
    assert ask(jobs, 1, priority=7) == Enqueued(first.job_id, False, raised=True)
    job = jobs.queue.get_job(first.job_id)
    assert (job.payload, job.priority, job.state) == ({"seconds": 3}, 7, JobState.QUEUED)
    assert jobs.states()[JobState.QUEUED] == 1


def test_twins_within_one_call_become_one(database: Database) -> None:
    jobs = build(database)
    wishes = [NewJob("merged", {"seconds": n}, dedup_key="song") for n in (1, 3, 2)]
    answers = jobs.queue.enqueue_many(wishes)
    assert [(one.created, one.raised) for one in answers] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert jobs.queue.get_job(answers[0].job_id).payload == {"seconds": 3}


def test_a_kind_without_merging_keeps_its_twin_as_it_is(database: Database) -> None:
    jobs = build(database)
    first = ask(jobs, 1, kind="sleep")
    assert ask(jobs, 9, priority=9, kind="sleep") == Enqueued(first.job_id, False)
    job = jobs.queue.get_job(first.job_id)
    assert (job.payload, job.priority) == ({"seconds": 1}, 0)


def test_a_stronger_wish_follows_the_running_twin(database: Database, gate: Path) -> None:
    until = str(gate)
    with dispatching(database) as jobs:
        first = ask(jobs, 3605, until=until)
        jobs.wait_running(first.job_id)
        assert ask(jobs, 3604, until=until) == Enqueued(first.job_id, False)
        assert ask(jobs, 3606, priority=3, until=until) == Enqueued(first.job_id, False, True, True)
        assert ask(jobs, 3607, until=until) == Enqueued(first.job_id, False, True, True)
        assert ask(jobs, 3606, until=until) == Enqueued(first.job_id, False, False, True)
        gate.touch()
        ended = jobs.end_of(first.job_id)
        assert (ended.state, ended.payload["seconds"]) == (JobState.DONE, 3605)
        follower = follower_of(jobs, ended)
        assert (follower.state, follower.payload["seconds"]) == (JobState.DONE, 3607)
        assert (follower.priority, follower.parent_id, follower.next_id) == (3, None, None)
        assert jobs.states()[JobState.DONE] == 2


def test_news_are_not_done_by_what_began_before(database: Database) -> None:
    """Even if they ask for nothing more than what runs."""
    with dispatching(database) as jobs:
        news = NewJob("merged", {"seconds": 3600}, dedup_key="song", is_news=True)
        first = jobs.queue.enqueue(news)
        assert jobs.queue.enqueue(news) == Enqueued(first.job_id, False)
        jobs.wait_running(first.job_id)
        assert jobs.queue.enqueue(news) == Enqueued(first.job_id, False, True, True)
        assert jobs.queue.enqueue(news) == Enqueued(first.job_id, False, False, True)


def test_news_that_another_job_brings_are_news(database: Database, gate: Path) -> None:
    wish = {"seconds": 3600, "until": str(gate)}
    with dispatching(database, workers=2) as jobs:
        running = jobs.queue.enqueue(NewJob("merged", wish, dedup_key="song")).job_id
        jobs.wait_running(running)
        child = {"kind": "merged", "payload": wish, "dedup_key": "song", "is_news": True}
        assert jobs.end_of(jobs.put("plan", children=[child])).state is JobState.DONE
        gate.touch()
        assert follower_of(jobs, jobs.end_of(running)).payload == wish


def test_a_wish_is_awaited_until_it_was_heeded(database: Database, gate: Path) -> None:
    with dispatching(database) as jobs:
        first = ask(jobs, 3600, until=str(gate))
        jobs.wait_running(first.job_id)
        second = ask(jobs, 3601, until=str(gate))
        opener = threading.Timer(0.3, gate.touch)
        opener.start()
        job = asyncio.run(jobs.queue.wait_heeded(second, PATIENCE_S))
        opener.join()
        assert (job.state, job.payload["seconds"]) == (JobState.DONE, 3601)
        assert job.id == jobs.queue.get_job(first.job_id).next_id
        assert asyncio.run(jobs.queue.wait_heeded(first, PATIENCE_S)).id == first.job_id


def test_a_job_that_failed_is_followed(database: Database, gate: Path) -> None:
    kinds = make_kinds()
    kinds["unkept"] = replace(kinds["unkept"], run=kinds["merged"].run, merge=merge_longest)
    with dispatching(database, kinds=kinds) as jobs:
        first = ask(jobs, 3600, kind="unkept", until=str(gate))
        jobs.wait_running(first.job_id)
        assert ask(jobs, 3601, kind="unkept", until=str(gate)).follows
        gate.touch()
        ended = jobs.end_of(first.job_id)
        assert ended.error_code == "internal"
        assert follower_of(jobs, ended).payload["seconds"] == 3601


def test_the_next_attempt_takes_the_wish_up(database: Database) -> None:
    with dispatching(database, workers=0) as jobs:
        name = jobs.dispatcher.add_worker("cpu")
        first = ask(jobs, 3600)
        jobs.wait_running(first.job_id)
        assert ask(jobs, 3601).follows
        jobs.dispatcher.remove_worker(name, 0.0)
        wait_until(lambda: jobs.queue.get_job(first.job_id).state is JobState.QUEUED)
        job = jobs.queue.get_job(first.job_id)
        assert (job.payload, job.next_id) == ({"seconds": 3601}, None)
        assert jobs.states()[JobState.QUEUED] == 1


def test_a_parent_that_waits_for_its_children_is_followed(database: Database) -> None:
    kinds = make_kinds()
    kinds["plan"] = replace(kinds["plan"], merge=lambda old, new: {**old, **new})
    with dispatching(database, kinds=kinds) as jobs:
        jobs.queue.pause("kind:noop")
        first = jobs.put("plan", key="all", children=[{"kind": "noop"}])
        wait_until(lambda: jobs.queue.get_job(first).children_left)
        wish = NewJob("plan", {"children": []}, dedup_key="all")
        assert jobs.queue.enqueue(wish) == Enqueued(first, False, True, True)
        jobs.queue.resume("kind:noop")
        ended = jobs.end_of(first)
        assert (ended.state, ended.children_failed) == (JobState.DONE, 0)
        assert follower_of(jobs, ended).payload == {"children": []}


def test_a_cancelled_child_lets_its_parents_follower_start(database: Database) -> None:
    kinds = make_kinds()
    kinds["plan"] = replace(kinds["plan"], merge=lambda old, new: {**old, **new})
    with dispatching(database, kinds=kinds) as jobs:
        jobs.queue.pause("kind:noop")
        first = jobs.put("plan", key="all", children=[{"kind": "noop"}])
        wait_until(lambda: jobs.queue.get_job(first).children_left)
        assert jobs.queue.enqueue(NewJob("plan", {"children": []}, dedup_key="all")).follows
        (child,) = jobs.queue.list_jobs(parent_id=first)
        jobs.queue.cancel(child.id)
        assert follower_of(jobs, jobs.end_of(first)).state is JobState.DONE


class Hold:
    """Nobody's wishes for lanes, and what holds the dispatcher up when it asks for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_held = threading.Event()

    def __call__(self) -> dict[str, LaneWish]:
        if not self._lock.acquire(blocking=False):
            self._is_held.set()
            self._lock.acquire()
        self._lock.release()
        return {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Once: the dispatcher stands still in the block."""
        with self._lock:
            assert self._is_held.wait(PATIENCE_S)
            yield


def test_a_cancel_drops_the_wishes_before_it_and_keeps_those_after(database: Database) -> None:
    kinds, hold = make_kinds(), Hold()
    kinds["stubborn"] = replace(kinds["stubborn"], merge=merge_longest)
    with dispatching(database, kinds=kinds, lanes=hold) as jobs:
        first = ask(jobs, 3600)
        jobs.wait_running(first.job_id)
        assert ask(jobs, 3601).follows
        jobs.queue.cancel(first.job_id)
        ended = jobs.end_of(first.job_id)
        assert (ended.state, ended.next_id) == (JobState.CANCELLED, None)

        deaf = ask(jobs, 600, kind="stubborn")
        wait_until(lambda: jobs.queue.get_job(deaf.job_id).state is JobState.RUNNING)
        with hold.held():  # else it may be killed and ended before the next wish comes
            jobs.queue.cancel(deaf.job_id)
            assert ask(jobs, 0.01, kind="stubborn") == Enqueued(deaf.job_id, False, True, True)
        ended = jobs.end_of(deaf.job_id)
        assert ended.state is JobState.CANCELLED
        follower = follower_of(jobs, ended)
        assert (follower.state, follower.payload) == (JobState.DONE, {"seconds": 0.01})


def test_wishes_survive_the_server(database: Database) -> None:
    """What runs when the server goes away takes the wish up in its next attempt."""
    jobs = build(database)
    first = ask(jobs, 1)
    _pretend_running(database, first.job_id, deaths=0)
    assert ask(jobs, 2).follows
    with dispatching(database, workers=0):
        wait_until(lambda: jobs.queue.get_job(first.job_id).state is JobState.QUEUED)
        assert jobs.queue.get_job(first.job_id).payload == {"seconds": 2}


def test_news_take_nothing_from_the_next_attempt(database: Database) -> None:
    jobs = build(database)
    first = ask(jobs, 2)
    _pretend_running(database, first.job_id, deaths=0)
    news = NewJob("merged", {"seconds": 1}, dedup_key="song", is_news=True)
    assert jobs.queue.enqueue(news).follows
    with dispatching(database, workers=0):
        wait_until(lambda: jobs.queue.get_job(first.job_id).state is JobState.QUEUED)
        assert jobs.queue.get_job(first.job_id).payload == {"seconds": 2}


def test_poison_is_followed_after_a_restart_too(database: Database) -> None:
    jobs = build(database)
    first = ask(jobs, 1)
    _pretend_running(database, first.job_id, deaths=2)
    assert ask(jobs, 2).follows
    with dispatching(database, workers=0):
        wait_until(lambda: jobs.queue.get_job(first.job_id).state is JobState.FAILED)
        job = jobs.queue.get_job(first.job_id)
        assert (job.error_code, job.payload) == ("poison", {"seconds": 1})
        assert job.next_id is not None
        follower = jobs.queue.get_job(job.next_id)
        assert (follower.state, follower.payload) == (JobState.QUEUED, {"seconds": 2})
        with pytest.raises(Refused):
            jobs.queue.retry(first.job_id)


def test_no_wish_is_lost_whenever_it_comes(database: Database) -> None:
    """Ever stronger wishes from several threads, while workers take them up and end: the last
    and strongest is always heeded, and the wishes end at exactly one chain of jobs."""
    with dispatching(database, workers=2) as jobs:
        strongest = 0.06

        def wish(start: int) -> None:
            for n in range(start, 40, 4):
                ask(jobs, 0.001 * n + 0.02 if n < 39 else strongest)

        threads = [threading.Thread(target=wish, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        wait_until(lambda: not _live(jobs))
        done = jobs.queue.list_jobs(states=[JobState.DONE], limit=1000)
        assert max(job.payload["seconds"] for job in done) == strongest
        assert jobs.states()[JobState.DONE] == len(done)


def _live(jobs: Dispatching) -> int:
    counts = jobs.queue.count_jobs("merged")
    return counts[JobState.QUEUED] + counts[JobState.RUNNING]


def _pretend_running(database: Database, job_id: int, deaths: int) -> None:
    """The rows that a server leaves which was killed at this job."""
    with database.write() as tx:
        tx.exec_driver_sql(
            "UPDATE job SET state = 'running', attempt = 1, worker = 'cpu-1', owner = 'gone', "
            f"deaths = {deaths} WHERE id = {job_id}"
        )
        tx.exec_driver_sql("UPDATE job_count SET n = 0 WHERE state = 'queued'")
        tx.exec_driver_sql("INSERT INTO job_count (state, kind, n) VALUES ('running','merged',1)")
