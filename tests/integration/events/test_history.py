"""Events kept with the rows."""

import threading

import pytest
import time_machine
from sqlalchemy import func, select

from mediant.errors import MediantError
from mediant.events import Event, EventHistory
from mediant.store import Database
from mediant.store.schema_events import event as event_table


def job(n: int, topic: str = "job.done") -> Event:
    return Event(topic, {"n": n})


def append(database: Database, *events: Event) -> list[Event]:
    with database.write() as tx:
        return EventHistory(database).append(tx, events)


def test_events_come_back_as_they_were_with_growing_ids(database: Database) -> None:
    history = EventHistory(database)
    stored = append(database, Event("job.done", {"name": "Ünï \udc80 \0", "n": 1.5}), job(2))
    stored += append(database, job(3))
    assert [event.topic for event in stored] == ["job.done"] * 3
    ids = [event.id or 0 for event in stored]
    assert ids == sorted(set(ids))
    assert history.after(0) == stored
    assert history.after(ids[0]) == stored[1:]
    assert (history.oldest_id(), history.newest_id()) == (ids[0], ids[-1])


def test_an_empty_history(database: Database) -> None:
    history = EventHistory(database)
    assert append(database) == []
    assert history.after(0) == []
    assert (history.oldest_id(), history.newest_id()) == (0, 0)


def test_what_is_rolled_back_never_happened(database: Database) -> None:
    def break_off() -> None:
        with database.write() as tx:
            EventHistory(database).append(tx, [job(1)])
            raise MediantError

    with pytest.raises(MediantError):
        break_off()
    assert EventHistory(database).after(0) == []


def test_topics_and_the_limit_hold_over_pages(database: Database) -> None:
    topics = ["job.done", "job.progress", "scan.finished"]
    stored = append(database, *(job(n, topics[n % 3]) for n in range(2500)))
    history = EventHistory(database)
    scans = [event for event in stored if event.topic == "scan.finished"]
    assert history.after(0, ["scan.*"], 5000) == scans
    assert history.after(0, ["scan.*"], 700) == scans[:700]
    assert history.after(0, limit=10) == stored[:10]


def test_the_old_ones_go_and_ids_still_grow(database: Database) -> None:
    history = EventHistory(database)
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        append(database, *(job(n) for n in range(5100)))
    with time_machine.travel("2026-01-02T12:00:00Z", tick=False):
        recent = append(database, job(1), job(2))
        assert history.prune() == 5100
        assert history.after(0) == recent
    with time_machine.travel("2026-02-01T00:00:00Z", tick=False):
        assert history.prune() == 1
        assert history.newest_id() == recent[-1].id
        (later,) = append(database, job(3))
        assert (later.id or 0) > (recent[-1].id or 0)


def test_whoever_sees_an_id_sees_every_smaller_one(database: Database) -> None:
    """Readers that follow the newest id meet no hole that is filled later."""
    history, writers = EventHistory(database), 4
    seen = list[int]()

    def write() -> None:
        for n in range(15):
            append(database, job(n), job(n))

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    position = 0
    while any(thread.is_alive() for thread in threads) or history.newest_id() > position:
        threads[0].join(0.001)
        page = history.after(position, limit=7)
        seen += [event.id or 0 for event in page]
        position = seen[-1] if seen else 0
    with database.read() as connection:
        total = connection.execute(select(func.count()).select_from(event_table)).scalar_one()
    assert len(seen) == len(set(seen)) == total == writers * 30
