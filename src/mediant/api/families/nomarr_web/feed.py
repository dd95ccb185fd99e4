"""The live feed: one task reads the events for all clients, each of which has only a place in it.

What happened (`queue:jobs`) is made from the history, so that every client can go on where it
stopped. How things stand (`queue:status`, workers, health) is read once a change, however many
listen, and told again to whoever comes back.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT
from sqlalchemy.exc import SQLAlchemyError

from mediant.api.families.nomarr_web.board import Board
from mediant.api.families.nomarr_web.live import JOBS, RING, JobStates, Ring, wants, write_frame
from mediant.api.stream import KEEPALIVE_S, LOST, RECONNECT_MS
from mediant.app import App
from mediant.errors import MediantError
from mediant.events import Event
from mediant.events.stream import EventStream, open_stream
from mediant.events.topics import GAP

log = logging.getLogger(__name__)

REPLAYED = 1000
"""So many events of before the feed began can be told again."""
LOOK_S = 0.25
"""How things stand is read at most so often."""
REST_S = 1.0
"""And at least so often: workers come and go without an event."""
LINGER_S = 30.0
"""The feed goes on so long without clients, for those that come back."""
BATCH = 200
TOPICS = ("job.*", "queue.*", "worker.*", "system.*", "models.changed")
COUNTED = "queue:tag:status"


class Feed:
    """Frames for all clients of one server. Lives in the server's event loop."""

    def __init__(self, app: App, stopping: asyncio.Event, size: int = RING) -> None:
        """Nothing runs before the first client. `size`: so many frames a client may be behind."""
        self._app = app
        self._stopping = stopping
        self._size = size
        self._board = Board(app)
        self._ring = Ring(0)
        self._jobs = JobStates()
        self._states: Mapping[str, Mapping[str, Any]] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._begun: asyncio.Future[bool] | None = None
        self._clients = 0

    async def frames(self, patterns: Sequence[str], last_id: int | None) -> AsyncIterator[bytes]:
        """What one client gets: how things stand, what it missed, then what happens.

        It ends with the feed, also when the database is lost: clients come back by themselves,
        and miss nothing.
        """
        self._clients += 1
        try:
            yield f"retry: {RECONNECT_MS}\n\n".encode()
            if not await self._ensure():
                yield LOST
                return
            ring, number, place = self._ring, self._ring.number, self._ring.position
            yield self._welcome(patterns, last_id)
            while not self._has_ended():
                if not await self._wait(ring, number):
                    yield KEEPALIVE_COMMENT
                    continue
                # While this client did not read, the feed may have begun anew, with another ring.
                found = ring.after(number) if ring is self._ring else None
                last_id, place = place, self._ring.position
                ring, number = self._ring, self._ring.number
                if found is None:
                    yield self._welcome(patterns, last_id)
                elif wanted := [one.text for one in found if wants(patterns, one.topic)]:
                    yield b"".join(wanted)
        finally:
            self._clients -= 1

    def _welcome(self, patterns: Sequence[str], last_id: int | None) -> bytes:
        """How things stand; then the jobs: what was missed, or else the newest as they are."""
        missed = None if last_id is None else self._ring.events_after(last_id)
        position = self._ring.position if missed is None or last_id is None else last_id
        parts = [
            write_frame(topic, data, position)
            for topic, data in self._states.items()
            if wants(patterns, topic)
        ]
        if missed is not None:
            parts += [one.text for one in missed if wants(patterns, one.topic)]
        elif wants(patterns, JOBS):
            parts += [write_frame(JOBS, data, position) for data in self._jobs]
        # A client that wanted nothing of all this has to know its place, too.
        return b"".join(parts) + f"id: {self._ring.position}\n\n".encode()

    async def _wait(self, ring: Ring, number: int) -> bool:
        """Until there is more than this, or the feed ends; False after `KEEPALIVE_S` without."""
        try:
            async with asyncio.timeout(KEEPALIVE_S):
                while (self._ring, self._ring.number) == (ring, number) and not self._has_ended():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _has_ended(self) -> bool:
        return self._stopping.is_set() or self._task is None or self._task.done()

    # The one task

    async def _ensure(self) -> bool:
        """Begin, unless it goes on; whether there is something to tell."""
        if self._task is None or self._task.done():
            self._begun = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._begun))
        assert self._begun is not None
        return await asyncio.shield(self._begun)

    async def _run(self, begun: "asyncio.Future[bool]") -> None:
        try:
            ring, jobs = await asyncio.to_thread(self._begin)
            async with await open_stream(
                self._app.bus, self._app.history, last_id=ring.position, topics=TOPICS
            ) as events:
                states = await asyncio.to_thread(self._board.states)
                self._ring, self._jobs, self._states = ring, jobs, {}
                self._publish(states)
                begun.set_result(True)
                await self._follow(events)
        except (MediantError, SQLAlchemyError) as lost:
            log.warning("The live feed ends, and begins anew for those who come back: %s", lost)
        finally:
            if not begun.done():
                begun.set_result(False)
            self._tell()

    def _begin(self) -> tuple[Ring, JobStates]:
        """Read what was, up to the position from which on events are followed."""
        history = self._app.history
        newest, oldest = history.newest_id(), history.oldest_id()
        start = max(newest - REPLAYED, oldest - 1, 0)
        ring, jobs = Ring(start, self._size), JobStates()
        jobs.replace(self._board.begin())
        missed = history.after(start, limit=2 * REPLAYED)
        for topic, data, event_id in self._board.read(missed):
            ring.add(topic, data, event_id)
            # The rows were read after these events: only later ones tell something new of them.
            if topic == JOBS and event_id > newest:
                jobs.note(data)
        ring.position = missed[-1].id or start if missed else start
        return ring, jobs

    async def _follow(self, events: EventStream) -> None:
        loop = asyncio.get_running_loop()
        looked_at = heard_at = loop.time()
        is_stale = False
        while not self._stopping.is_set() and not events.is_closed:
            wait_s = LOOK_S if is_stale else REST_S
            batch = await _take(events, wait_s)
            if any(event.topic == GAP for event in batch):
                return  # the clients come back, and get a fresh snapshot
            if batch:
                self._publish_events(await asyncio.to_thread(self._board.read, batch), batch)
            now = loop.time()
            is_stale = is_stale or bool(batch)
            if now - looked_at >= (LOOK_S if is_stale else REST_S):
                await self._look(has_moved=is_stale)
                looked_at, is_stale = now, False
            heard_at = now if self._clients else heard_at
            if now - heard_at > LINGER_S:
                return

    async def _look(self, *, has_moved: bool) -> None:
        """Read how things stand. Jobs that were removed, or moved in bulk, have no event each: a
        snapshot must not show them as they were."""
        states = await asyncio.to_thread(self._board.states)
        if has_moved or states[COUNTED] != self._states.get(COUNTED):
            self._jobs.replace(await asyncio.to_thread(self._board.read_jobs))
        self._publish(states)

    def _publish_events(
        self, told: Sequence[tuple[str, Mapping[str, Any], int]], batch: Sequence[Event]
    ) -> None:
        for topic, data, event_id in told:
            self._ring.add(topic, data, event_id)
            if topic == JOBS:
                self._jobs.note(data)
        self._ring.position = max(self._ring.position, *(event.id or 0 for event in batch))
        if told:
            self._tell()

    def _publish(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        """Tell what stands otherwise than before."""
        changed = [topic for topic in states if states[topic] != self._states.get(topic)]
        for topic in changed:
            self._ring.add(topic, states[topic], self._ring.position)
        self._states = {t: data for t, data in states.items() if data.get("status") != "dead"}
        if changed:
            self._tell()

    def _tell(self) -> None:
        """Wake all clients."""
        self._changed.set()
        self._changed = asyncio.Event()


async def _take(events: EventStream, wait_s: float) -> list[Event]:
    """The next events, as many as are there; none after `wait_s` seconds without."""
    batch: list[Event] = []
    event = await events.get(wait_s)
    while event is not None:
        if event.id is not None or event.topic == GAP:
            batch.append(event)
        if len(batch) >= BATCH:
            break
        event = await events.get(0)
    return batch
