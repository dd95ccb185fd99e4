"""What keeps the dispatcher from its work, and how the world learns of it."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mediant.events.bus import EventBus
from mediant.events.topics import Event
from mediant.kernel.clock import monotonic_s
from mediant.kernel.units import format_size

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
REMEDIES = {
    "disk_full": "make room",
    "no_space": "make room, or lower `jobs.free_space_mb`",
    "database": "see the server's log",
    "internal": "see the server's log",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause for whoever waits; unlike `SENTENCES` it may name folders."""

    cause: str
    text: str
    remedy: str | None


class Troubles:
    """The causes that hold now, told as they come and go. Not kept in the history: the very
    database may be what is missing."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._causes: dict[str, str] = {}
        self._details: dict[str, str] = {}
        self._retry_at = 0.0

    @property
    def causes(self) -> dict[str, str]:
        """Cause and sentence of everything that is wrong now."""
        return dict(self._causes)

    def begin(self, cause: str, detail: object = "") -> None:
        """Something is wrong; the database is not asked again for a moment."""
        self._retry_at = monotonic_s() + RETRY_S
        self._details[cause] = str(detail)
        if cause not in self._causes:
            sentence = SENTENCES[cause]
            self._causes[cause] = sentence
            _log.warning("%s %s (%s)", sentence, detail, REMEDIES.get(cause, "it may pass"))
            self._bus.publish([Event("system.degraded", {"cause": cause, "text": sentence})])

    def describe(self) -> list[Trouble]:
        """Everything that is wrong now, with its figures, and what to do."""
        texts = self.causes
        # Only this detail was written for people; the others come from databases.
        texts |= {cause: self._details[cause] for cause in texts.keys() & {"no_space"}}
        return [Trouble(cause, text, REMEDIES.get(cause)) for cause, text in texts.items()]

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
        free = self._free_bytes(self._folder)
        if free < self._floor_bytes:
            have, need = format_size(free), format_size(self._floor_bytes)
            troubles.begin("no_space", f"only {have} free at {self._folder}, {need} needed")
        else:
            troubles.end("no_space")


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
