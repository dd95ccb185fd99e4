"""Waiting for a state that follows from what a test did."""

import time
from collections.abc import Callable

from mediant.kernel.clock import monotonic_s

PATIENCE_S = 120.0
"""How long a state may take to come. Only what fails waits so long."""
POLL_S = 0.01


def wait_until(is_so: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return when it is so; AssertionError when it does not become so."""
    deadline = monotonic_s() + patience_s
    while not is_so():
        if monotonic_s() > deadline:
            raise AssertionError(f"It did not become so within {patience_s:g} s.")
        time.sleep(POLL_S)
