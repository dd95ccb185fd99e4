"""What keeps the dispatcher from its work, and how the world learns of it."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from mediant.events.bus import EventBus
from mediant.events.topics import Event
from mediant.kernel.clock import monotonic_s

SPACE_S = 2.0
RETRY_S = 0.5

_log = logging.getLogger(__name__)

SENTENCES = {
    "disk_full": "The disk is full: no job starts until there is space.",
    "no_space": "Free disk space is below its floor: no job starts.",
    "database": "The database does not answer: outcomes are kept in memory.",
    "standby": "Another server has taken the database over: this one stands by.",
    "internal": "The dispatcher met an unexpected error and tries again.",
}


class Troubles:
    """The causes that hold now, told as they come and go. Not kept in the history: the very
    database may be what is missing."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._causes: dict[str, str] = {}
        self._retry_at = 0.0

    @property
    def causes(self) -> dict[str, str]:
        """Cause and sentence of everything that is wrong now."""
        return dict(self._causes)

    def begin(self, cause: str, detail: object = "") -> None:
        """Something is wrong; the database is not asked again for a moment."""
        self._retry_at = monotonic_s() + RETRY_S
        if cause not in self._causes:
            sentence = SENTENCES[cause]
            self._causes[cause] = sentence
            _log.warning("%s %s", sentence, detail)
            self._bus.publish([Event("system.degraded", {"cause": cause, "text": sentence})])

    def end(self, *causes: str) -> bool:
        """What was wrong is well again; whether anything was."""
        ended = [cause for cause in causes if self._causes.pop(cause, None) is not None]
        for cause in ended:
            _log.info("Well again: %s", cause)
            self._bus.publish([Event("system.recovered", {"cause": cause})])
        return bool(ended)

    def is_resting(self) -> bool:
        """Whether it is too early to ask the database again."""
        has_database_trouble = self._causes.keys() & {
            "disk_full",
            "database",
            "internal",
            "standby",
        }
        return bool(has_database_trouble) and monotonic_s() < self._retry_at


class SpaceGuard:
    """Watches the free space of the folder in which the database and the work lie."""

    def __init__(
        self,
        folder: Path | None,
        floor_bytes: int,
        free_bytes: Callable[[Path], int] | None = None,
    ) -> None:
        """Without a folder there is always enough. `free_bytes` measures."""
        self._folder = folder
        self._floor_bytes = floor_bytes
        self._free_bytes = free_bytes or _free_bytes
        self._looked_at = float("-inf")

    def check(self, troubles: Troubles) -> None:
        """Begin or end the trouble `no_space`; looks every other second."""
        now = monotonic_s()
        if self._folder is None or now - self._looked_at < SPACE_S:
            return
        self._looked_at = now
        if self._free_bytes(self._folder) < self._floor_bytes:
            troubles.begin("no_space", self._folder)
        else:
            troubles.end("no_space")


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
