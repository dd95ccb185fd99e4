"""The log in detail: while it is wished for, every event becomes a line of it."""

import logging
import threading
from collections.abc import Callable

from mediant.events.bus import EventBus, Subscription

CHANGED = "settings.changed"
ROOT = logging.getLogger("mediant")

_log = logging.getLogger(__name__)


class EventLog:
    """Follows the wish for details while the server runs.

    Without the wish only changes of settings are listened to, so that it costs nothing.
    """

    def __init__(self, bus: EventBus, is_wanted: Callable[[], bool]) -> None:
        self._bus = bus
        self._is_wanted = is_wanted
        self._guard = threading.Lock()
        self._is_ending = False
        self._heard: Subscription | None = None
        self._thread = threading.Thread(target=self._run, name="event log", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Log as before; returns when that is so."""
        with self._guard:
            self._is_ending = True
            if self._heard is not None:
                self._heard.close()
        self._thread.join()
        ROOT.setLevel(logging.NOTSET)

    def _run(self) -> None:
        while (heard := self._listen(everything=self._is_wanted())) is not None:
            with heard:
                self._follow(heard)
                if heard.is_closed:
                    return

    def _listen(self, *, everything: bool) -> Subscription | None:
        with self._guard:
            if self._is_ending:
                return None
            ROOT.setLevel(logging.DEBUG if everything else logging.NOTSET)
            self._heard = self._bus.subscribe(["*"] if everything else [CHANGED])
            return self._heard

    def _follow(self, heard: Subscription) -> None:
        """Write what is heard, until the wish has changed or nothing more will come."""
        wanted = ROOT.level == logging.DEBUG
        while self._is_wanted() == wanted and (event := heard.get()) is not None:
            _log.debug("%s %s", event.topic, dict(event.payload))
