"""A lock that is given in the order of asking."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from mediant.errors import Busy

PATIENCE_S = 30.0
"""So long a writer waits for the others before it gives up."""


class Turn:
    """First come, first served, so that no writer starves behind a busy one. Not reentrant.

    Nobody waits for ever: who has had no turn in time raises `Busy`, so that one slow writer does
    not gather all others of the process behind it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._holder: int | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def taken(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """One's turn, for the block.

        Raises `Busy` when it does not come within `patience_s` seconds, and RuntimeError when
        this thread has it already.
        """
        self._take(patience_s)
        try:
            yield
        finally:
            self._give()

    def __enter__(self) -> None:
        """As `taken` with the usual patience."""
        self._take(PATIENCE_S)

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Hand the turn to whoever has waited longest."""
        self._give()

    def _take(self, patience_s: float) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("A write inside a write of the same thread would wait for ever.")
            if self._holder is None:
                self._holder = me
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        self._wait(mine, patience_s)
        self._holder = me

    def _give(self) -> None:
        with self._guard:
            self._hand_over()

    def _wait(self, mine: threading.Lock, patience_s: float) -> None:
        try:
            is_mine = mine.acquire(timeout=max(0.0, patience_s))
        except BaseException:
            with self._guard:
                if not self._leave(mine):
                    self._hand_over()
            raise
        if is_mine:
            return
        with self._guard:
            # Between the end of the patience and here the turn may have come after all.
            if not self._leave(mine):
                return
        raise Busy(
            f"Other changes have kept the database busy for {patience_s:.0f} s.",
            remedy="Try again in a moment.",
        )

    def _leave(self, mine: threading.Lock) -> bool:
        """Stop waiting; False when the turn has come meanwhile."""
        if mine not in self._waiting:
            return False
        self._waiting.remove(mine)
        return True

    def _hand_over(self) -> None:
        if self._waiting:
            self._holder = 0
            self._waiting.popleft().release()
        else:
            self._holder = None
