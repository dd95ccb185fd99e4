"""The bus and its subscriptions."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.events import Event, EventBus
from mediant.events.pattern import TopicPattern
from mediant.testing.waiting import PATIENCE_S


def numbers(events: list[Event]) -> list[int]:
    return [event.payload["n"] for event in events]


def job(n: int) -> Event:
    return Event("job.done", {"n": n})


@pytest.mark.parametrize(
    ("wanted", "topic", "is_in"),
    [
        (["*"], "job.done", True),
        (["job.*"], "job.done", True),
        (["job.*"], "jobs.done", False),
        (["job.*"], "job", False),
        (["job.done"], "job.done", True),
        (["job.done"], "job.done.more", False),
        (["scan.finished", "job.*"], "job.failed", True),
        ([], "job.done", False),
    ],
)
def test_topics_are_matched(wanted: list[str], topic: str, is_in: bool) -> None:
    assert (topic in TopicPattern(wanted)) == is_in


def test_each_listener_gets_what_it_wants_in_order() -> None:
    bus = EventBus()
    with bus.subscribe(["job.*"]) as jobs, bus.subscribe() as everything:
        bus.publish([job(1), Event("scan.finished", {"n": 2})])
        bus.publish([job(3)])
        assert numbers(list(iter(lambda: jobs.get(0), None))) == [1, 3]
        assert numbers(list(iter(lambda: everything.get(0), None))) == [1, 2, 3]


def test_nothing_comes_before_or_after_the_subscription() -> None:
    bus = EventBus()
    bus.publish([job(1)])
    subscription = bus.subscribe()
    subscription.close()
    bus.publish([job(2)])
    assert subscription.get() is None
    assert subscription.is_closed


@given(st.lists(st.integers(1, 5), max_size=12), st.integers(1, 8))
def test_a_slow_listener_keeps_the_newest_and_knows_of_the_loss(
    batches: list[int], limit: int
) -> None:
    bus, published = EventBus(), 0
    with bus.subscribe(limit=limit) as slow:
        for size in batches:
            bus.publish([job(published + n) for n in range(size)])
            published += size
        assert slow.overflowed == (published > limit)
        kept = numbers(list(iter(lambda: slow.get(0), None)))
        assert kept == list(range(published))[-limit:]
        slow.restart()
        bus.publish([job(99)])
        assert not slow.overflowed
        assert numbers(list(iter(lambda: slow.get(0), None))) == [99]


def test_a_waiting_thread_is_woken_by_an_event_and_by_the_end() -> None:
    bus, got = EventBus(), list[Event | None]()
    subscription = bus.subscribe()

    def listen() -> None:
        got.append(subscription.get(PATIENCE_S))
        got.append(subscription.get(PATIENCE_S))

    thread = threading.Thread(target=listen)
    thread.start()
    bus.publish([job(1)])
    bus.close()
    thread.join(PATIENCE_S)
    assert got == [job(1), None]
    assert bus.subscribe().is_closed


def test_a_task_gets_what_threads_publish() -> None:
    bus, total = EventBus(), 4 * 250

    def publish(start: int) -> None:
        for n in range(250):
            bus.publish([job(start + n)])

    async def listen() -> list[int]:
        with bus.subscribe(limit=total) as subscription:
            threads = [threading.Thread(target=publish, args=(1000 * n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            found = []
            async for event in subscription:
                found.append(event)
                if len(found) == total:
                    break
            for thread in threads:
                thread.join(PATIENCE_S)
            return numbers(found)

    found = asyncio.run(asyncio.wait_for(listen(), PATIENCE_S))
    for start in range(0, 4000, 1000):
        assert [n for n in found if start <= n < start + 1000] == list(range(start, start + 250))


def test_a_task_waits_no_longer_than_asked_and_a_cancelled_wait_loses_nothing() -> None:
    bus = EventBus()

    async def listen() -> tuple[Event | None, Event | None]:
        with bus.subscribe() as subscription:
            nothing = await subscription.get_async(0.001)
            waiting = asyncio.create_task(subscription.get_async())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            bus.publish([job(1)])
            return nothing, await subscription.get_async(PATIENCE_S)

    assert asyncio.run(listen()) == (None, job(1))


def test_a_listener_whose_loop_ended_harms_nobody() -> None:
    bus = EventBus()
    left = bus.subscribe()
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(left.get_async())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    with bus.subscribe() as other:
        bus.publish([job(1)])
        assert other.get(0) == job(1)
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]
