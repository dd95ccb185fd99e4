"""One unbroken line of events: what was missed, then what happens."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Self

from mediant.events.bus import LIMIT, EventBus, Subscription
from mediant.events.history import EventHistory
from mediant.events.pattern import ALL, TopicPattern
from mediant.events.topics import GAP, Event

_PAGE = 500


class EventStream:
    """Every kept event after `last_id` exactly once and in the order of ids, and the passing ones
    (progress, without an id) as they come.

    The live bus is believed only where it continues the line. Where it jumps (transactions may
    publish in another order than they committed, and a slow listener overflows), the line is read
    on from the history, in which ids become visible in order.
    """

    def __init__(
        self, live: Subscription, history: EventHistory, pattern: TopicPattern, position: int
    ) -> None:
        """Made by `open_stream`. `live` holds all topics since before `position` was read."""
        self._live = live
        self._history = history
        self._pattern = pattern
        self._position = position
        self._behind = False
        self._ready: deque[Event] = deque()

    def replay(self, after: int, oldest: int) -> None:
        """Begin after an older event; say so when not all that followed it is kept."""
        if after > self._position or after < oldest - 1:
            self._ready.append(Event(GAP, {"after": after, "oldest": oldest}))
        self._position = 0 if after > self._position else after
        self._behind = True

    async def get(self, timeout_s: float | None = None) -> Event | None:
        """The next event; None after `timeout_s` seconds without one, or when the bus is closed.

        Cancelling it loses nothing.
        """
        loop = asyncio.get_running_loop()
        deadline = None if timeout_s is None else loop.time() + timeout_s
        while not self._ready:
            if self._behind:
                await self._read_on()
                continue
            left = None if deadline is None else max(0.0, deadline - loop.time())
            event = await self._live.get_async(left)
            if event is None:
                return None
            self._take(event)
        return self._ready.popleft()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Every event until the bus is closed."""
        while (event := await self.get()) is not None:
            yield event

    @property
    def is_closed(self) -> bool:
        """Whether the bus is closed and everything was handed out."""
        return self._live.is_closed and not self._ready

    def close(self) -> None:
        """Listen no more."""
        self._live.close()

    async def __aenter__(self) -> Self:
        """Close at the end of the block."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.close()

    def _take(self, event: Event) -> None:
        if self._live.overflowed:
            self._live.restart()
            self._behind = True
        elif event.id is None:
            self._offer(event)
        elif event.id == self._position + 1:
            self._position = event.id
            self._offer(event)
        elif event.id > self._position:
            self._behind = True

    async def _read_on(self) -> None:
        """Take the next page after our position from the history."""
        page = await asyncio.to_thread(self._history.after, self._position, ALL, _PAGE)
        for event in page:
            self._position = event.id or self._position
            self._offer(event)
        self._behind = len(page) == _PAGE

    def _offer(self, event: Event) -> None:
        if event.topic in self._pattern:
            self._ready.append(event)


async def open_stream(
    bus: EventBus,
    history: EventHistory,
    *,
    last_id: int | None = None,
    topics: Sequence[str] = ALL,
    limit: int = LIMIT,
) -> EventStream:
    """Listen from the event after `last_id`, or from now on. Close the stream when done.

    When the events after `last_id` are not all kept any more, the first event is `stream.gap`.
    """
    live = bus.subscribe(limit=limit)
    try:
        newest = await asyncio.to_thread(history.newest_id)
        stream = EventStream(live, history, TopicPattern(topics), newest)
        if last_id is not None:
            stream.replay(last_id, await asyncio.to_thread(history.oldest_id))
    except BaseException:
        live.close()
        raise
    return stream
