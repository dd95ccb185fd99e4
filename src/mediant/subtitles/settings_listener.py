"""Hears of changed settings, so that they act at once."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.events.bus import EventBus, Subscription
from mediant.subtitles.settings_keys import SECTION

TOPIC = "settings.changed"

_log = logging.getLogger(__name__)


class SettingsListener:
    """Calls `follow` in a thread of its own after each change of a setting of subtitles."""

    def __init__(self, bus: EventBus, name: str, follow: Callable[[], None]) -> None:
        self._bus = bus
        self._name = name
        self._follow = follow
        self._changes: Subscription | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_listening(self) -> bool:
        """Whether it was started."""
        return self._thread is not None

    def start(self) -> None:
        """Begin to listen."""
        if self._thread is None:
            self._changes = self._bus.subscribe([TOPIC])
            self._thread = threading.Thread(
                target=self._listen, args=[self._changes], name=self._name, daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread is gone."""
        if self._changes is not None and self._thread is not None:
            self._changes.close()
            self._thread.join()
            self._changes = self._thread = None

    def _listen(self, changes: Subscription) -> None:
        while (event := changes.get()) is not None:
            names = event.payload.get("names", ())
            if changes.overflowed or any(name.startswith(f"{SECTION}.") for name in names):
                self._try_to_follow()

    def _try_to_follow(self) -> None:
        try:
            self._follow()
        except (MediantError, SQLAlchemyError) as failed:
            _log.warning("%s could not follow the settings: %s", self._name, failed)
