"""Watching the folders of media: each change becomes a scan of what changed.

Events of the file system where there are some, otherwise looks at an interval: network disks tell
nothing of what another machine does.
"""

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from mediant.library.root_watch import RootWatch, Watched
from mediant.library.settle import merge
from mediant.library.walk import Rules
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store.filesystem import is_on_network
from mediant.subtitles.inspection.extensions import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS

AskScan = Callable[[Sequence[str], bool, bool, float | None], None]
"""Asked for a scan of absolute paths: whether also in folders, whether only of what is not known
yet, and how young files may be that wait for the next look (None: news, see `Ask`)."""


class VideoWatch:
    """One watch for each folder that is to be watched."""

    def __init__(self, ask: AskScan, is_far: Callable[[Path], bool] = is_on_network) -> None:
        """`is_far`: whether a folder lies where no events come from."""
        self._ask = ask
        self._is_far = is_far
        self._watches: dict[str, RootWatch] = {}
        self._rules: dict[frozenset[str], Rules] = {}
        self._turn = threading.Lock()

    def follow(self, settings: SubtitlesSettings) -> None:
        """Watch what the settings want, and nothing else. Returns when that is so."""
        wanted = {one.root: one for one in self._wanted(settings)}
        with self._turn:
            gone = [
                root
                for root, watch in self._watches.items()
                if root not in wanted or not watch.fits(wanted[root])
            ]
            ending = [self._watches.pop(root) for root in gone]
            for watch in ending:
                watch.stop()
            for root, watched in wanted.items():
                if root not in self._watches:
                    ask = partial(self._take, watched)
                    self._watches[root] = RootWatch(watched, ask)
                    self._watches[root].start()

    def stop(self) -> None:
        """End all watches; returns when their threads are gone."""
        with self._turn:
            while self._watches:
                self._watches.popitem()[1].stop()

    @property
    def roots(self) -> list[str]:
        """The folders that are watched now."""
        return sorted(root for root, watch in list(self._watches.items()) if watch.is_alive)

    def _wanted(self, settings: SubtitlesSettings) -> list[Watched]:
        if not wants_watch(settings):
            return []
        paths = settings.watched_paths or settings.library_paths
        roots = merge(path.rstrip("/") for path in paths)
        return [
            Watched(
                root,
                self._rules_of(settings),
                settings.watch_settle_s,
                settings.watch_poll_s,
                is_poll=self._is_far(Path(root)),
                is_recursive=settings.watched_recursive,
            )
            for root in filter(None, roots)
        ]

    def _rules_of(self, settings: SubtitlesSettings) -> Rules:
        """The same object for the same names: a watch goes on while nothing changed."""
        known = VIDEO_EXTENSIONS | (AUDIO_EXTENSIONS if settings.lrc_for_audio_files else set())
        suffixes = frozenset(f".{extension}" for extension in known)
        return self._rules.setdefault(suffixes, Rules((), suffixes))

    def _take(
        self, watched: Watched, targets: Sequence[str] | None, settle_s: float | None
    ) -> None:
        if targets is None:
            self._ask([watched.root], watched.is_recursive, True, settle_s)
        else:
            paths = [f"{watched.root}/{target}" for target in targets]
            if not watched.is_recursive:
                paths = [path for path in paths if not os.path.isdir(path)]  # noqa: PTH112
            if paths:
                self._ask(paths, watched.is_recursive, False, settle_s)


def wants_watch(settings: SubtitlesSettings) -> bool:
    """Whether folders shall be watched."""
    return settings.watcher_enabled and settings.scanner_enabled and settings.is_standalone
