"""The worker of a server under test."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from mediant.testing.waiting import wait_until


@contextmanager
def stopped_worker(client: httpx2.Client) -> Iterator[None]:
    """The only worker of music does not move: what it gets stays `running`.

    It has nothing to do when it is stopped: what it had would keep it from what it shall get.
    """
    wait_until(lambda: _worker(client)["pid"] and _worker(client)["state"] == "idle")
    pid = _worker(client)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def wait_until_held(client: httpx2.Client, job_id: int) -> None:
    """The worker of music has this job: its row says so a moment earlier."""
    wait_until(lambda: _worker(client)["job_id"] == job_id)


def _worker(client: httpx2.Client) -> dict[str, Any]:
    workers = client.get("/api/v2/workers").raise_for_status().json()["items"]
    (found,) = [one for one in workers if one["lane"] == "cpu"]
    return dict(found)
