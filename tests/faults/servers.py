"""Servers that only dispatch, each in a process that can be killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mediant.errors import AlreadyOwned
from mediant.store import Database
from mediant.store.owner import own
from mediant.testing.waiting import wait_until


class Server:
    """A server process that only dispatches."""

    def __init__(self, url: str, workers: int = 2, drain_s: float = 0) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mediant.testing.dispatching"),
                *(url, str(workers), str(drain_s)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def wait_ready(self) -> list[int]:
        """The pids of its workers."""
        assert self.process.stdout is not None
        word, *pids = self.process.stdout.readline().split()
        assert word == b"ready"
        return [int(pid) for pid in pids]

    def is_dead(self) -> bool:
        return self.process.poll() is not None

    def begin_stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.stdin = None

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def serving(url: str, workers: int = 2, drain_s: float = 0) -> Iterator[Server]:
    server = Server(url, workers, drain_s)
    try:
        yield server
    finally:
        server.close()


def wait_unowned(database: Database) -> None:
    """PostgreSQL lets go of a killed server's lock as soon as it sees that nobody is there."""
    wait_until(lambda: _is_unowned(database))


def _is_unowned(database: Database) -> bool:
    try:
        own(database).release()
    except AlreadyOwned:
        return False
    return True
