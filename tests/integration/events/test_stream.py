"""The unbroken line: replay, then live."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

from mediant.events import Event, EventBus, EventHistory, open_stream
from mediant.events.stream import EventStream
from mediant.events.topics import GAP
from mediant.store import Database


class House:
    """A bus and a history, with a writer as the rooms are: rows first, then the bus."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bus = EventBus()
        self.history = EventHistory(database)

    def tell(self, *events: Event) -> list[Event]:
        with self.database.write() as tx:
            stored = self.history.append(tx, events)
        self.bus.publish(stored)
        return stored

    def open(
        self, last_id: int | None = None, *topics: str, limit: int = 1000
    ) -> Awaitable[EventStream]:
        return open_stream(
            self.bus, self.history, last_id=last_id, topics=topics or ("*",), limit=limit
        )


def job(n: int = 0, topic: str = "job.done") -> Event:
    return Event(topic, {"n": n})


async def drain(stream: EventStream) -> list[Event]:
    found = []
    while (event := await stream.get(0)) is not None:
        found.append(event)
    return found


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(120):
            await test()

    asyncio.run(limited())


def test_without_a_last_id_it_begins_now(database: Database) -> None:
    house = House(database)
    house.tell(job(1))

    async def test() -> None:
        async with await house.open() as stream:
            stored = await asyncio.to_thread(house.tell, job(2), job(3))
            assert await drain(stream) == stored

    run(test)


def test_what_was_missed_comes_first_and_once(database: Database) -> None:
    house = House(database)
    stored = house.tell(*(job(n) for n in range(1200)))

    async def test() -> None:
        async with await house.open(stored[99].id) as stream:
            more = await asyncio.to_thread(house.tell, job(1200), job(1201))
            assert await drain(stream) == [*stored[100:], *more]
            assert await stream.get(0) is None

    run(test)


def test_topics_are_kept_apart_and_passing_events_come_along(database: Database) -> None:
    house = House(database)
    first = house.tell(job(1), Event("scan.finished", {"n": 2}))

    async def test() -> None:
        async with await house.open(0, "job.*") as stream:
            progress = job(3, "job.progress")
            assert await stream.get(0) == first[0]
            house.bus.publish([progress, Event("system.degraded")])
            last = await asyncio.to_thread(house.tell, Event("scan.finished"), job(4))
            assert await drain(stream) == [progress, last[1]]

    run(test)


def test_a_publisher_that_is_overtaken_loses_nothing(database: Database) -> None:
    house = House(database)

    async def test() -> None:
        async with await house.open() as stream:
            with database.write() as tx:
                early = house.history.append(tx, [job(1)])
            late = await asyncio.to_thread(house.tell, job(2))
            house.bus.publish(early)
            assert await drain(stream) == [*early, *late]

    run(test)


def test_a_rolled_back_id_does_not_stop_the_line(database: Database) -> None:
    house = House(database)

    async def test() -> None:
        async with await house.open() as stream:
            with database.engine.connect() as connection, connection.begin() as tx:
                house.history.append(connection, [job(1)])
                tx.rollback()
            stored = await asyncio.to_thread(house.tell, job(2))
            assert await drain(stream) == stored

    run(test)


def test_a_slow_listener_is_caught_up_from_the_history(database: Database) -> None:
    house = House(database)

    async def test() -> None:
        async with await house.open(limit=10) as stream:
            stored = []
            for n in range(50):
                stored += await asyncio.to_thread(house.tell, job(n), job(n))
            assert await drain(stream) == stored
            more = await asyncio.to_thread(house.tell, job(99))
            assert await drain(stream) == more

    run(test)


def test_a_gap_is_said(database: Database) -> None:
    house = House(database)
    stored = house.tell(*(job(n) for n in range(10)))
    with database.write() as tx:
        tx.exec_driver_sql(f"DELETE FROM event WHERE id <= {stored[4].id}")

    async def test() -> None:
        async with await house.open(stored[1].id) as stream:
            found = await drain(stream)
            assert (found[0].topic, found[1:]) == (GAP, stored[5:])
        async with await house.open(stored[4].id) as stream:
            assert await drain(stream) == stored[5:]
        async with await house.open(10_000_000) as stream:
            found = await drain(stream)
            assert (found[0].topic, found[1:]) == (GAP, stored[5:])

    run(test)


def test_it_ends_with_the_bus(database: Database) -> None:
    house = House(database)

    async def test() -> None:
        async with await house.open() as stream:
            stored = await asyncio.to_thread(house.tell, job(1))
            house.bus.close()
            assert [event async for event in stream] == stored
            assert stream.is_closed

    run(test)


def test_a_cancelled_wait_loses_nothing(database: Database) -> None:
    house = House(database)
    stored = house.tell(*(job(n) for n in range(600)))

    async def test() -> None:
        async with await house.open(0) as stream:
            found: list[Event] = []
            while len(found) < len(stored):
                waiting = asyncio.create_task(stream.get())
                await asyncio.sleep(0)
                if not waiting.done():
                    waiting.cancel()
                    await asyncio.gather(waiting, return_exceptions=True)
                    waiting = asyncio.create_task(stream.get(30))
                event = await waiting
                assert event is not None
                found.append(event)
            assert found == stored

    run(test)


def test_many_publishers_and_late_listeners(database: Database) -> None:
    """Listeners that join at any moment, some of them slow, all see the same line once."""
    house, total = House(database), 4 * 60

    def publish(start: int) -> None:
        for n in range(60):
            house.tell(job(start + n))
            house.bus.publish([job(n, "job.progress")])

    async def follow(last_id: int, limit: int, until: int = total) -> list[int]:
        ids: list[int] = []
        async with await house.open(last_id, "job.done", limit=limit) as stream:
            while len(ids) < until - last_id:
                event = await stream.get(60)
                assert event is not None
                ids.append(event.id or 0)
            assert until < total or await drain(stream) == []
        return ids

    async def test() -> None:
        threads = [threading.Thread(target=publish, args=(1000 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        followers = [asyncio.create_task(follow(0, limit)) for limit in (1, 5, 1000)]
        assert len(await follow(0, 1000, 30)) == 30
        followers += [asyncio.create_task(follow(last, 20)) for last in (0, 10, 30)]
        lines = await asyncio.gather(*followers)
        for thread in threads:
            thread.join(120)
        whole = list(range(1, total + 1))
        assert lines == [whole, whole, whole, whole, whole[10:], whole[30:]]

    run(test)
