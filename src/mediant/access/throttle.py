"""How many failures one address may have in a while."""

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from mediant.errors import TooManyTries
from mediant.kernel.clock import monotonic_s

MOST_CLIENTS = 10_000


class Throttle:
    """At most `limit` failures of a client in any `window_s` seconds; memory is bounded.

    Beyond `MOST_CLIENTS` the client whose last failure is longest ago is forgotten.
    """

    def __init__(
        self,
        limit: int,
        window_s: float,
        *,
        most_clients: int = MOST_CLIENTS,
        clock: Callable[[], float] = monotonic_s,
    ) -> None:
        self._limit = limit
        self._window_s = window_s
        self._most_clients = most_clients
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._clock = clock
        self._guard = threading.Lock()

    def check(self, client: str) -> None:
        """Pass, or raise `TooManyTries` that says how long to wait."""
        with self._guard:
            wait_s = self._wait_s(client, self._clock())
        if wait_s > 0:
            text = f"Too many failed tries. Try again in {math.ceil(wait_s)} s."
            raise TooManyTries(text, retry_after_s=wait_s)

    def fail(self, client: str) -> None:
        """Count a failure."""
        with self._guard:
            times = self._failures.setdefault(client, deque(maxlen=self._limit))
            times.append(self._clock())
            self._failures.move_to_end(client)
            while len(self._failures) > self._most_clients:
                self._failures.popitem(last=False)

    def _wait_s(self, client: str, now: float) -> float:
        times = self._failures.get(client)
        if times is None:
            return 0.0
        if times[-1] + self._window_s <= now:
            del self._failures[client]
            return 0.0
        return times[0] + self._window_s - now if len(times) == self._limit else 0.0
