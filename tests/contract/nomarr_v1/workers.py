"""The worker of a server under test."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2


@contextmanager
def stopped_worker(client: httpx2.Client) -> Iterator[None]:
    """The only worker of music does not move: what it gets stays `running`."""
    workers = client.get("/api/v2/workers").json()["items"]
    (pid,) = [one["pid"] for one in workers if one["lane"] == "cpu"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
