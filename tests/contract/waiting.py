"""Waiting for what a server does by itself."""

import time
from collections.abc import Callable

PATIENCE_S = 120.0
POLL_S = 0.05


def wait_until(is_so: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return when it is so; fail when it does not become so."""
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline, "It did not become so."
        time.sleep(POLL_S)
