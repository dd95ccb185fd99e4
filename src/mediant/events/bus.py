"""The bus: what happened, handed to every listener of this process."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Self

from mediant.events.pattern import ALL, TopicPattern
from mediant.events.topics import Event

LIMIT = 1000

_Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class Subscription:
    """One listener's queue, bounded: a slow listener loses the oldest events, never the bus.

    A loss is marked in `overflowed`; `restart` clears the mark. Read it from threads (`get`) or
    from a task (`get_async`, `async for`); close it, or use it in a `with` block.
    """

    def __init__(
        self, topics: Sequence[str], limit: int, forget: Callable[["Subscription"], None]
    ) -> None:
        self._pattern = TopicPattern(topics)
        self._events: deque[Event] = deque(maxlen=limit)
        self._limit = limit
        self._forget = forget
        self._changed = threading.Condition()
        self._waiters: list[_Waiter] = []
        self._overflowed = False
        self._closed = False

    @property
    def overflowed(self) -> bool:
        """Whether events were lost since the last `restart`."""
        return self._overflowed

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    def push(self, events: Sequence[Event]) -> None:
        """Take what the bus published, as far as it is wanted."""
        wanted = [event for event in events if event.topic in self._pattern]
        if not wanted:
            return
        with self._changed:
            if self._closed:
                return
            if len(self._events) + len(wanted) > self._limit:
                self._overflowed = True
            self._events.extend(wanted)
            self._wake()

    def get(self, timeout_s: float | None = None) -> Event | None:
        """The next event; None after `timeout_s`, or when closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._closed, timeout_s)
            return self._events.popleft() if self._events else None

    async def get_async(self, timeout_s: float | None = None) -> Event | None:
        """As `get`, for a task. Cancelling it loses no event."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout_s is None else loop.time() + timeout_s
        while True:
            with self._changed:
                if self._events:
                    return self._events.popleft()
                if self._closed:
                    return None
                waiter = (loop, loop.create_future())
                self._waiters.append(waiter)
            try:
                async with asyncio.timeout_at(deadline):
                    await waiter[1]
            except TimeoutError:
                return None
            finally:
                with self._changed:
                    if waiter in self._waiters:
                        self._waiters.remove(waiter)

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Every event until the subscription is closed."""
        while (event := await self.get_async()) is not None:
            yield event

    def restart(self) -> None:
        """Forget what is queued, and that anything was lost."""
        with self._changed:
            self._events.clear()
            self._overflowed = False

    def close(self) -> None:
        """Take no more; whoever waits gets what is queued, then None."""
        self._forget(self)
        with self._changed:
            self._closed = True
            self._wake()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wake(self) -> None:
        self._changed.notify_all()
        waiters, self._waiters = self._waiters, []
        for loop, future in waiters:
            # A loop that is closed took its tasks with it: nobody waits there any more.
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future)


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class EventBus:
    """Hands each event to every subscription that wants it. Any thread may publish."""

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._guard = threading.Lock()
        self._closed = False

    @property
    def n_listeners(self) -> int:
        """How many listen now."""
        return len(self._subscriptions)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell everyone, at once and without waiting for anyone.

        Events that belong to rows are published after their transaction has committed.
        """
        for subscription in self._subscriptions:
            subscription.push(events)

    def subscribe(self, topics: Sequence[str] = ALL, limit: int = LIMIT) -> Subscription:
        """What is published from now on; of one publisher in its order."""
        subscription = Subscription(topics, limit, self._forget)
        with self._guard:
            if not self._closed:
                self._subscriptions = (*self._subscriptions, subscription)
                return subscription
        subscription.close()
        return subscription

    def close(self) -> None:
        """End every subscription."""
        with self._guard:
            self._closed = True
        for subscription in self._subscriptions:
            subscription.close()

    def _forget(self, subscription: Subscription) -> None:
        with self._guard:
            self._subscriptions = tuple(
                other for other in self._subscriptions if other is not subscription
            )
