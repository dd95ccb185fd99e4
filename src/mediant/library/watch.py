"""Watching roots: by events of the file system, or by polling.

Events say only where to look; what is true is always found by a scan. inotify sees no change that
another machine makes on a network disk, so such libraries are polled.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.library.libraries import LibraryEntry
from mediant.library.root_watch import ROUND_S, STOP_S, RootWatch, Watched
from mediant.library.walk import Rules
from mediant.settings.model import LibrarySettings

_log = logging.getLogger(__name__)


class Scanner(Protocol):
    """Whom a watch tells where to look. `settle_s`: files younger than this wait."""

    def __call__(
        self, library_id: int, targets: Sequence[str] | None, settle_s: float = 0.0
    ) -> None:
        """Ask for a scan of relative paths, or of everything (None)."""
        ...


class Watcher:
    """Keeps one watch for each enabled library that wants one; libraries may come and go."""

    def __init__(
        self,
        libraries: Callable[[], Sequence[LibraryEntry]],
        scan: Scanner,
        settings: LibrarySettings,
    ) -> None:
        self._libraries = libraries
        self._scan = scan
        self._settings = settings
        self._rules = Rules(settings.ignore)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._watches: dict[int, RootWatch] = {}

    def start(self) -> None:
        """Begin in a thread of its own. Each library is scanned once, because events of the time
        before are lost."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End all watches; returns when their threads are gone."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_S)
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow(self._libraries())
            except (MediantError, SQLAlchemyError) as failed:
                _log.warning("the libraries could not be listed: %s", failed)
            self._stop.wait(ROUND_S)
        self._follow(())

    def _follow(self, libraries: Sequence[LibraryEntry]) -> None:
        wanted = {one.id: one for one in libraries if one.is_enabled and one.watch_mode != "off"}
        for library_id, watch in list(self._watches.items()):
            entry = wanted.get(library_id)
            if entry is None or not watch.fits(self._describe(entry)):
                self._watches.pop(library_id).stop()
        for library_id, entry in wanted.items():
            if library_id not in self._watches:
                watch = RootWatch(self._describe(entry), partial(self._scan, library_id))
                self._watches[library_id] = watch
                watch.start()

    def _describe(self, entry: LibraryEntry) -> Watched:
        return Watched(
            str(entry.root_path),
            self._rules,
            self._settings.settle_s,
            self._settings.poll_s,
            is_poll=entry.watch_mode == "poll",
        )
