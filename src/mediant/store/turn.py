"""A lock that is given in the order of asking."""

import threading
from collections import deque
from types import TracebackType


class Turn:
    """First come, first served, so that no writer starves behind a busy one. Not reentrant."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._holder: int | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def __enter__(self) -> None:
        """Wait for one's turn. RuntimeError when this thread has it already."""
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
        self._wait(mine)
        self._holder = me

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Hand the turn to whoever has waited longest."""
        with self._guard:
            self._hand_over()

    def _wait(self, mine: threading.Lock) -> None:
        try:
            mine.acquire()
        except BaseException:
            with self._guard:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                else:
                    self._hand_over()
            raise

    def _hand_over(self) -> None:
        if self._waiting:
            self._holder = 0
            self._waiting.popleft().release()
        else:
            self._holder = None
