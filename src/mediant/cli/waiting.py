"""Telling what a job waits for: once, and when that changes."""

import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from mediant.cli.output import warn
from mediant.cli.plain import plain
from mediant.errors import Refused
from mediant.kernel.clock import monotonic_s

AGAIN_S = 10.0
"""Another figure of the same cause is told after so long at the earliest."""
STAGE = "waiting"
Answer = Mapping[str, Any]


def describe(found: Answer) -> str:
    """What `waiting_for` of a job or of the counts says, in one line."""
    remedy = f" ({found['remedy']})" if found["remedy"] else ""
    return f"waiting: {found['text']}{remedy}"


class News:
    """Which of the things that are waited for is worth a line."""

    def __init__(self) -> None:
        self._said: tuple[str, str] | None = None
        self._said_at = float("-inf")

    def take(self, found: Answer) -> str | None:
        """The line, if it is new: another cause at once, other figures now and then."""
        now, said = monotonic_s(), (found["cause"], describe(found))
        if said == self._said:
            return None
        is_same_cause = self._said is not None and said[0] == self._said[0]
        if is_same_cause and now - self._said_at < AGAIN_S:
            return None
        self._said, self._said_at = said, now
        return said[1]


class Waiting:
    """Speaks on stderr about the jobs that one command follows."""

    def __init__(self, console: Console, *, is_alone: bool, quiet: bool) -> None:
        """`console`: that of a bar, which moves on below the lines. `is_alone`: nobody else can
        reach the server, so that nobody can take a pause back."""
        self._console = console
        self._is_alone = is_alone
        self._quiet = quiet
        self._news = News()
        self._seen: tuple[int, str] | None = None

    def hear(self, job: Answer) -> str | None:
        """The stage of a job that waits; None when it runs. Raises `Refused` when it cannot
        start."""
        found = job["waiting_for"]
        if found is None:
            self._seen = None
            return None
        if found["cause"] == "worker" or (self._is_alone and found["cause"] == "paused"):
            text = f"It cannot start: {found['text']}. It stays queued."
            remedy = f"Remedy: {found['remedy']}" if found["remedy"] else None
            raise Refused(text, asset=f"job {job['id']}", remedy=remedy)
        before, self._seen = self._seen, (job["id"], found["cause"])
        # A turn that comes within a second is not worth a line.
        if found["cause"] != "turn" or before == self._seen:
            self._say(self._news.take(found))
        return STAGE

    def _say(self, text: str | None) -> None:
        if text is None or self._quiet:
            return
        if sys.stderr.isatty():
            self._console.print(plain(text), markup=False, highlight=False, soft_wrap=True)
        else:
            warn(text)
