"""The live feed of `nomarr-web` in process: clients that sleep, and come back too late."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from mediant.api.families.nomarr_web.feed import Feed
from mediant.api.families.nomarr_web.live import SHOWN_JOBS
from mediant.app import App, open_app
from mediant.jobs.job import NewJob
from mediant.testing.waiting import PATIENCE_S

JOBS_TOLD = ["queue:jobs"]
SIZE = 40


def _move(app: App, number: int) -> int:
    payload = {"path": f"/music/{number}.mp3", "file_id": number}
    return app.queue.enqueue(NewJob("tag", payload, dedup_key=str(number))).job_id


async def _welcome(frames: AsyncIterator[bytes]) -> bytes:
    """All up to the lone id that ends the welcome."""
    told = b""
    while not told.rpartition(b"\n\nid: ")[2].rstrip().isdigit():
        told += await anext(frames)
    return told


async def _end(feed: Feed, path: Path) -> None:
    """Let the feed end: its database is away for a moment."""
    listening = feed.frames([], None)
    with sqlite3.connect(path, PATIENCE_S, isolation_level=None) as database:
        database.execute("ALTER TABLE job_count RENAME TO away")
        try:
            async for _ in listening:
                pass
        finally:
            database.execute("ALTER TABLE away RENAME TO job_count")


def _jobs(told: bytes) -> list[int]:
    lines = told.decode().splitlines()
    return [json.loads(line[6:])["id"] for line in lines if line.startswith("data: ")]


async def _sleeper(app: App, path: Path) -> tuple[list[int], list[int]]:
    """What a client hears that slept while the feed ended and began anew, and what happened."""
    feed, moved = Feed(app, asyncio.Event()), []
    asleep = feed.frames(JOBS_TOLD, None)
    await _welcome(asleep)
    moved += [await asyncio.to_thread(_move, app, number) for number in range(30)]
    await _end(feed, path)
    moved += [await asyncio.to_thread(_move, app, number) for number in range(30, 33)]
    other = feed.frames(JOBS_TOLD, None)
    await _welcome(other)
    told = b""
    async with asyncio.timeout(PATIENCE_S):
        while len(_jobs(told)) < len(moved):
            told += await anext(asleep)
    return _jobs(told), moved


def test_a_client_that_slept_while_the_feed_began_anew_misses_nothing(tmp_path: Path) -> None:
    with open_app({"config_dir": tmp_path}, works=False) as app:
        heard, moved = asyncio.run(_sleeper(app, tmp_path / "mediant.db"))
    assert heard == moved


async def _late(app: App) -> tuple[list[bytes], list[int], list[int]]:
    """Two welcomes (of a client that slept through more than the ring holds, and of one that comes
    back with a place from before), what the first one hears next, and what happened then."""
    feed = Feed(app, asyncio.Event(), SIZE)
    asleep, awake = feed.frames(JOBS_TOLD, None), feed.frames(JOBS_TOLD, None)
    await _welcome(asleep)
    await _welcome(awake)
    last = 0
    for start in range(0, SIZE + 10, 10):
        ids = [await asyncio.to_thread(_move, app, start + number) for number in range(10)]
        while last < ids[-1]:
            last = max([last, *_jobs(await anext(awake))])
    welcomes = [await _welcome(asleep), await _welcome(feed.frames(JOBS_TOLD, 1))]
    moved = [await asyncio.to_thread(_move, app, 1000 + number) for number in range(3)]
    heard: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(heard) < len(moved):
            heard += _jobs(await anext(asleep))
    return welcomes, heard, moved


def test_who_comes_too_late_gets_a_snapshot_and_then_each_event_once(tmp_path: Path) -> None:
    with open_app({"config_dir": tmp_path}, works=False) as app:
        welcomes, heard, moved = asyncio.run(_late(app))
        newest = [job.id for job in app.queue.list_jobs(kind="tag", limit=100) if job.id < moved[0]]
    for welcome in welcomes:
        assert _jobs(welcome) == sorted(newest[:SHOWN_JOBS])
        places = {line for line in welcome.decode().splitlines() if line.startswith("id: ")}
        assert len(places) == 1
    assert heard == moved


async def _removed(app: App) -> tuple[list[int], set[int]]:
    """What the welcomes show right after jobs were told of that came and went; and those jobs.

    The feed, in this very loop, reads of them when they are gone.
    """
    feed, gone = Feed(app, asyncio.Event()), set[int]()
    awake, shown = feed.frames(JOBS_TOLD, None), list[int]()
    await _welcome(awake)
    for number in range(5):
        job_id = _move(app, number)
        app.queue.remove(job_id)
        gone.add(job_id)
        async with asyncio.timeout(PATIENCE_S):
            while job_id not in _jobs(await anext(awake)):
                pass
        shown += _jobs(await _welcome(feed.frames(JOBS_TOLD, None)))
    return shown, gone


def test_a_job_that_came_and_went_is_in_no_snapshot(tmp_path: Path) -> None:
    """However soon after its event somebody comes."""
    with open_app({"config_dir": tmp_path}, works=False) as app:
        shown, gone = asyncio.run(_removed(app))
    assert not gone.intersection(shown)
