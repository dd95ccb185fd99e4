"""The watch of one folder: by events of the file system, or by polling.

Events say only where to look; what is true is always found by a scan.
"""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.kernel.clock import monotonic_s
from mediant.library.roots import RootStamp, read_stamp
from mediant.library.settle import Settling, targets
from mediant.library.walk import Rules

_log = logging.getLogger(__name__)

TICK_S = 0.25
ROUND_S = 1.0
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched, and how: `root` is an absolute path. `poll_s` is the time between looks
    where no events come."""

    root: str
    rules: Rules
    settle_s: float
    poll_s: float
    is_poll: bool = False
    is_recursive: bool = True


class Ask(Protocol):
    """Whom a watch tells where to look."""

    def __call__(self, targets: Sequence[str] | None, settle_s: float | None) -> None:
        """Ask for a scan of paths relative to the root, or of everything (None). Files younger
        than `settle_s` wait for the next look; with None there may be none: this is news."""
        ...


class RootWatch:
    """The watch of one root, in one thread. It outlives the root: while the folder is away it
    waits, and when the folder is back it scans everything and goes on."""

    def __init__(self, watched: Watched, ask: Ask) -> None:
        self._watched = watched
        self._root = watched.root
        self._ask_for = ask
        self._has_missed = False  # whether a wish was lost; then everything is scanned
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{self._root}", daemon=True)

    def fits(self, watched: Watched) -> bool:
        """Whether this watch lives and still is what is wanted."""
        return self._watched == watched and self._thread.is_alive()

    @property
    def is_alive(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin watching."""
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._stop.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        is_poll = self._watched.is_poll
        while not self._stop.is_set():
            stamp = _stamp(self._root)
            if stamp is None:
                self._await_root()
            elif is_poll:
                self._ask(None, self._watched.settle_s)
                self._stop.wait(self._watched.poll_s)
            else:
                is_poll = not self._follow_events(stamp)

    def _await_root(self) -> None:
        _log.warning("%s is away; it is watched again when it is back", self._root)
        while not self._stop.wait(ROUND_S) and _stamp(self._root) is None:
            pass

    def _follow_events(self, stamp: RootStamp) -> bool:
        """Watch until told to stop or until the root is gone; False when events cannot be had."""
        settling = Settling(self._watched.settle_s, _look, monotonic_s)
        try:
            for paths in self._events():
                if _stamp(self._root) != stamp:
                    return True
                settling.note(paths)
                ready = settling.take()
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
            recursive=self._watched.is_recursive,
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
        """Whether a scan might care: no hidden part, and a media file or possibly a folder."""
        rules = self._watched.rules
        folder, _, name = path.rpartition("/")
        above = self._root
        for part in filter(None, folder.removeprefix(self._root).split("/")):
            if not rules.takes_folder(above, part):
                return False
            above = f"{above}/{part}"
        if rules.is_media(name):
            return rules.takes_file(folder, name)
        # What is gone may have been a folder; a scan of it is cheap.
        is_other = os.path.isfile(path)  # noqa: PTH113 (text in, once an event)
        return not is_other and rules.takes_folder(folder, name)

    def _ask(self, paths: Sequence[str] | None, settle_s: float | None = None) -> None:
        try:
            self._ask_for(paths, settle_s)
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
