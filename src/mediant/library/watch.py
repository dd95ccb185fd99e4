"""Watching roots: by events of the file system, or by polling.

Events say only where to look; what is true is always found by a scan. inotify sees no change that
another machine makes on a network disk, so such libraries are polled.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.kernel.clock import monotonic_s
from mediant.library.libraries import LibraryEntry
from mediant.library.roots import RootStamp, read_stamp
from mediant.library.settle import Settling, targets
from mediant.library.walk import Rules, is_audio
from mediant.settings.model import LibrarySettings

_log = logging.getLogger(__name__)

TICK_S = 0.25
_ROUND_S = 1.0
_STOP_S = 5.0


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
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._watches: dict[int, _RootWatch] = {}

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
            self._thread.join(_STOP_S)
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow(self._libraries())
            except (MediantError, SQLAlchemyError) as failed:
                _log.warning("the libraries could not be listed: %s", failed)
            self._stop.wait(_ROUND_S)
        self._follow(())

    def _follow(self, libraries: Sequence[LibraryEntry]) -> None:
        wanted = {one.id: one for one in libraries if one.is_enabled and one.watch_mode != "off"}
        for library_id, watch in list(self._watches.items()):
            entry = wanted.get(library_id)
            if entry is None or not watch.fits(entry):
                self._watches.pop(library_id).stop()
        for library_id, entry in wanted.items():
            if library_id not in self._watches:
                watch = _RootWatch(entry, self._scan, self._settings)
                self._watches[library_id] = watch
                watch.start()


class _RootWatch:
    """The watch of one root, in one thread. It outlives the root: while the folder is away it
    waits, and when the folder is back it scans everything and goes on."""

    def __init__(self, entry: LibraryEntry, scan: Scanner, settings: LibrarySettings) -> None:
        self._entry = entry
        self._root = str(entry.root_path)
        self._scan = scan
        self._settings = settings
        self._rules = Rules(settings.ignore)
        self._has_missed = False  # whether a wish was lost; then everything is scanned
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{entry.id}", daemon=True)

    def fits(self, entry: LibraryEntry) -> bool:
        """Whether this watch lives and still is what the library wants."""
        mine, wanted = self._entry, entry
        is_same = (mine.root_path, mine.watch_mode) == (wanted.root_path, wanted.watch_mode)
        return is_same and self._thread.is_alive()

    def start(self) -> None:
        """Begin watching."""
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._stop.set()
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        is_poll = self._entry.watch_mode == "poll"
        while not self._stop.is_set():
            stamp = _stamp(self._root)
            if stamp is None:
                self._await_root()
            elif is_poll:
                self._ask(None, self._settings.settle_s)
                self._stop.wait(self._settings.poll_s)
            else:
                is_poll = not self._follow_events(stamp)

    def _await_root(self) -> None:
        _log.warning("%s is away; it is watched again when it is back", self._root)
        while not self._stop.wait(_ROUND_S) and _stamp(self._root) is None:
            pass

    def _follow_events(self, stamp: RootStamp) -> bool:
        """Watch until told to stop or until the root is gone; False when events cannot be had."""
        settling = Settling(self._settings.settle_s, _look)
        try:
            for paths in self._events():
                if _stamp(self._root) != stamp:
                    return True
                now = monotonic_s()
                settling.note(paths, now)
                ready = settling.take(now)
                if self._has_missed:
                    self._ask(None)
                elif ready:
                    self._ask(targets(self._root, ready))
        except OSError as failed:
            # Mostly the limit of inotify watches (fs.inotify.max_user_watches).
            _log.warning("%s is polled, because it cannot be watched: %s", self._root, failed)
            return _stamp(self._root) is None
        return True

    def _events(self) -> Iterator[Sequence[str]]:
        """Changed paths; an empty list each tick, so that time goes on without events."""
        from watchfiles import watch  # noqa: PLC0415 (only a server that watches pays for it)

        events = watch(
            self._root,
            watch_filter=None,
            debounce=int(TICK_S * 2000),
            rust_timeout=int(TICK_S * 1000),
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        # Asked for here, when the watch stands, so that nothing falls between scan and watch.
        is_first = True
        for changes in events:
            if is_first:
                self._ask(None)
                is_first = False
            yield [path for _, path in changes if self._is_ours(path)]

    def _is_ours(self, path: str) -> bool:
        """Whether a scan might care: no hidden part, and audio or possibly a folder."""
        folder, _, name = path.rpartition("/")
        above = self._root
        for part in filter(None, folder.removeprefix(self._root).split("/")):
            if not self._rules.takes_folder(above, part):
                return False
            above = f"{above}/{part}"
        if is_audio(name):
            return self._rules.takes_file(folder, name)
        # What is gone may have been a folder; a scan of it is cheap.
        is_other = os.path.isfile(path)  # noqa: PTH113 (text in, once an event)
        return not is_other and self._rules.takes_folder(folder, name)

    def _ask(self, paths: Sequence[str] | None, settle_s: float = 0.0) -> None:
        try:
            self._scan(self._entry.id, paths, settle_s)
        except (MediantError, SQLAlchemyError) as failed:
            if not self._has_missed:
                _log.warning("a scan of %s could not be asked for: %s", self._root, failed)
            self._has_missed = True
        else:
            self._has_missed = self._has_missed and paths is not None


def _stamp(root: str) -> RootStamp | None:
    try:
        return read_stamp(root)
    except MediantError:
        return None


def _look(path: str) -> tuple[int, int] | None:
    try:
        stat = os.lstat(path)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
