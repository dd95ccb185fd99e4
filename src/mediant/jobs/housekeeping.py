"""Removing what has had its time: finished jobs and old events."""

import logging
import threading

from mediant.errors import MediantError
from mediant.events.history import EventHistory
from mediant.jobs.job import ENDED
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import monotonic_s

EVERY_S = 600.0
FIRST_S = 60.0

_log = logging.getLogger(__name__)


class Housekeeping:
    """Tidies up in a thread of its own, so that nobody waits for it."""

    def __init__(self, queue: JobQueue, history: EventHistory, keep_finished_s: float) -> None:
        self._queue = queue
        self._history = history
        self._keep_finished_s = keep_finished_s
        self._due_at = monotonic_s() + FIRST_S
        self._thread: threading.Thread | None = None

    def tidy(self) -> tuple[int, int]:
        """Remove finished jobs and old events now, in chunks; how many of each."""
        jobs = self._queue.remove_ended(states=ENDED, older_than_s=self._keep_finished_s)
        return jobs, self._history.prune()

    def tick(self) -> None:
        """Start tidying up when it is time."""
        if monotonic_s() < self._due_at or (self._thread and self._thread.is_alive()):
            return
        self._due_at = monotonic_s() + EVERY_S
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for a run that is under way."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            jobs, events = self.tidy()
        except MediantError as error:
            _log.warning("Housekeeping was put off: %s", error)
        else:
            _log.info("Housekeeping removed %d jobs and %d events.", jobs, events)
