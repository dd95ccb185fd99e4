"""How many requests of one sort may work at once, so that the slow ones do not stop the others.

Routes that are plain functions run in one pool of some 40 threads. Without gates it would be full
as soon as so many requests wait for the database's write lock, or count a large library, and then
nothing at all would be answered. Who stands at a gate waits without a thread.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from mediant.errors import Busy

CHANGES = 24
"""Requests that change something. All of them may have to wait for one lock."""
COUNTS = 4
"""Requests that read much of the library. More at once would be no faster."""
GLANCES = 4
PATIENCE_S = 30.0
COUNT_PATIENCE_S = 120.0
"""A large library takes seconds to count, and a page may ask for many such answers at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets so many in at once; the others wait in the order of their coming."""

    at_once: int
    patience_s: float = PATIENCE_S
    _limiter: CapacityLimiter = field(init=False)
    _threads: CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        for name in ("_limiter", "_threads"):
            object.__setattr__(self, name, CapacityLimiter(self.at_once))

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Inside the gate, for the block. Raises `Busy` when there was no room in time."""
        place = object()
        try:
            with fail_after(self.patience_s):
                await self._limiter.acquire_on_behalf_of(place)
        except TimeoutError as late:
            text = "Too many requests of this kind are under way."
            raise Busy(text, remedy="Try again in a moment.") from late
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(place)

    async def run(self, function: Callable[[], T]) -> T:
        """What a function returns that runs inside the gate, in a thread of the gate's own."""
        async with self.passed():
            return await to_thread.run_sync(function, limiter=self._threads)


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of one server."""

    changes: Gate = field(default_factory=lambda: Gate(CHANGES))
    counts: Gate = field(default_factory=lambda: Gate(COUNTS, COUNT_PATIENCE_S))
    glances: Gate = field(default_factory=lambda: Gate(GLANCES))
    """For what must be answered whatever else goes on: is the server well?"""


def gates_of(request: Request) -> Gates:
    """The gates of the server that was called."""
    gates: Gates = request.app.state.gates
    return gates


async def _pass_changes(request: Request) -> AsyncIterator[None]:
    async with gates_of(request).changes.passed():
        yield


async def _pass_counts(request: Request) -> AsyncIterator[None]:
    async with gates_of(request).counts.passed():
        yield


CHANGING: Dependency = Depends(_pass_changes, scope="function")
"""Every route has it that is a plain function and may change something."""
COUNTING: Dependency = Depends(_pass_counts, scope="function")
"""A route has it, after its scope, whose answer takes time that grows with the library."""
