"""A restart by request: the server answers, ends in order, and its process begins anew."""

import asyncio
import os
import sys
from collections.abc import Callable

from fastapi import FastAPI, Request

from mediant.errors import Refused

DELAY_S = 1.0
"""So long after the request, so that its answer reaches the caller."""


class Restart:
    """Whether this server shall be begun anew when it has ended."""

    def __init__(self, stop: Callable[[], None]) -> None:
        """`stop`: makes the server end in order; called in its event loop."""
        self.is_wanted = False
        self._stop = stop

    def ask(self) -> None:
        """End soon, and begin anew. Asking again changes nothing. Call it in the event loop."""
        if not self.is_wanted:
            self.is_wanted = True
            asyncio.get_running_loop().call_later(DELAY_S, self._stop)


def offer_restart(server: FastAPI, stop: Callable[[], None]) -> Restart:
    """Let requests restart this server."""
    restart = Restart(stop)
    server.state.restart = restart
    return restart


def ask_restart(request: Request) -> None:
    """Restart the server that serves this request. Raises `Refused` where it is not its own
    process's."""
    restart: Restart | None = getattr(request.app.state, "restart", None)
    if restart is None:
        raise Refused("This server is a part of another program, which has to restart it.")
    restart.ask()


def begin_anew() -> None:
    """Replace this process by a new one of itself: same id, same arguments, same environment.

    Everything must be closed before: threads, files and databases end without a word.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
