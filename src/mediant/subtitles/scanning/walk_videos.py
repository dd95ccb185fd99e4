"""The walk of a scan, in a worker process: which media files are there, handed over in batches.

Links are followed, for downloads are often linked into a library: a linked file is looked at under
its link's name, a linked folder after everything else and only if it was not walked already, so
that no loop exists. Where the library's folders are set, nothing outside them is looked at, by
whatever name.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mediant.errors import Refused
from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s, now_s
from mediant.kernel.paths import is_storable
from mediant.library.diff import Found
from mediant.library.roots import check_root, check_same
from mediant.library.walk import FolderEntry, Rules, Skipped, Unread, Walk, list_folder
from mediant.subtitles.inspection.extensions import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS
from mediant.subtitles.scanning.beside import Surroundings

BATCH_FILES = 250
BATCH_S = 2.0
"""A batch is handed over when it is so large or so old."""
_NAMED_AT_MOST = 50
_NS = 1_000_000_000

_TEXTS = {
    "outside": "it lies outside the library's folders",
    "name": "the name is not valid UTF-8",
    "link": "the link leads nowhere",
    "unread": "it could not be read",
    "other": "it is no media file",
    "kind": "it is a pipe, a socket or a device",
}


def run(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Walk the folders and files of `ScanJobs.prepare`'s payload; what was walked and missing."""
    scan = _Scan(payload, watch)
    for path, is_deep, is_known in payload["folders"]:
        scan.take(path, is_deep=is_deep, is_known=is_known)
    scan.follow_links()
    scan.send()
    return scan.finish()


@dataclass(slots=True)
class _Scan:
    payload: Payload
    watch: Watch
    paths: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    walked: list[str] = field(default_factory=list)
    """Real folders that were walked whole."""
    links: list[str] = field(default_factory=list)
    files: list[list[Any]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unsettled: int = 0
    seen: int = 0
    parts: int = 0
    sent_at: float = field(default_factory=monotonic_s)
    around: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        self.around = Surroundings(self.payload["roots"])

    def take(self, path: str, *, is_deep: bool, is_known: bool) -> None:
        """Look at one folder or file that was asked for."""
        real = os.path.realpath(path)
        if not self._is_inside(real):
            self._skip("outside", path)
        elif os.path.isdir(path):  # noqa: PTH112 (text in, text out)
            if not self._was_walked(real):
                self._walk(path, real, is_deep=is_deep, is_known=is_known)
        elif os.path.exists(path):  # noqa: PTH110
            self.paths.append(path)
            self._take_single(path)
        else:
            self._miss(path, "it is not there")

    def follow_links(self) -> None:
        """Walk the linked folders that nothing led to yet; they may hold links, too."""
        while self.links:
            path = self.links.pop(0)
            real = os.path.realpath(path)
            if not self._was_walked(real):
                self._walk(path, real, is_deep=True, is_known=False, is_asked=False)

    def finish(self) -> dict[str, Any]:
        """The job's result."""
        for reason, count in sorted(self.skipped.items()):
            if count > _NAMED_AT_MOST:
                rest = count - _NAMED_AT_MOST
                self.watch.log("warning", f"{rest} more passed over: {_TEXTS[reason]}.")
        return {
            "paths": self.paths,
            "missing": self.missing,
            "seen": self.seen,
            "unsettled": self.unsettled,
            "passed_over": dict(self.skipped),
        }

    def send(self) -> None:
        """Hand over what was found since the last time."""
        self.watch.stop_if_cancelled()
        if self.files:
            self.parts += 1
            self.watch.emit({"n": self.parts, "files": self.files})
        self.files = []
        self.sent_at = monotonic_s()
        self.watch.report(0.0, f"{self.seen} files")

    def _walk(
        self, path: str, real: str, *, is_deep: bool, is_known: bool, is_asked: bool = True
    ) -> None:
        root = path.rstrip("/")
        try:
            stamp = check_root(root or "/", int(is_known))
            rules = _MediaRules(self._extensions(), root, real, self.walked)
            for step in Walk(root, rules, list_folder if is_deep else _list_flat).folder():
                self._take_step(root, step, is_deep=is_deep)
                if self._is_due():
                    check_same(root or "/", stamp)
                    self.send()
        except Refused as away:
            self._miss(path, away.text)
            return
        if is_asked:
            self.paths.append(path)
        if is_deep:
            self.walked.append(real)

    def _take_step(self, root: str, step: Found | Unread | Skipped, *, is_deep: bool) -> None:
        if isinstance(step, Found):
            self._take_file(f"{root}/{step.path}", step.size, step.mtime_ns)
        elif isinstance(step, Unread):
            self._skip("unread", f"{root}/{step.span.start} ({step.text})")
        elif step.reason == "link":
            self._take_link(f"{root}/{step.path}", is_deep=is_deep)
        else:
            self._skip(step.reason, f"{root}/{step.path}")

    def _take_link(self, path: str, *, is_deep: bool) -> None:
        if not self._is_inside(os.path.realpath(path)):
            self._skip("outside", path)
        elif not os.path.isdir(path):  # noqa: PTH112
            self._take_single(path, otherwise="link")
        elif is_deep:
            self.links.append(path)

    def _take_single(self, path: str, otherwise: str = "other") -> None:
        name = path.rpartition("/")[2]
        is_ours = is_storable(path) and Rules((), self._extensions()).takes_file("", name)
        try:
            stat = os.stat(path)  # noqa: PTH116
        except OSError:
            is_ours = False
        if is_ours and (stat.st_mode & 0o170000) == 0o100000:
            self._take_file(path, stat.st_size, stat.st_mtime_ns)
        else:
            self._skip(otherwise, path)

    def _take_file(self, path: str, size: int, mtime_ns: int) -> None:
        settle_s = self.payload["settle_s"]
        if settle_s and 0 <= now_s() - mtime_ns / _NS < settle_s:
            self.unsettled += 1
            return
        self.seen += 1
        self.files.append([path, size, mtime_ns, self.around.of(path).to_list()])

    def _is_due(self) -> bool:
        return len(self.files) >= BATCH_FILES or monotonic_s() - self.sent_at > BATCH_S

    def _is_inside(self, real: str) -> bool:
        limits: Sequence[str] = self.payload["limits"]
        return not limits or any(_holds(limit, real) for limit in limits)

    def _was_walked(self, real: str) -> bool:
        return any(_holds(done, real) for done in self.walked)

    def _extensions(self) -> frozenset[str]:
        known = VIDEO_EXTENSIONS | (AUDIO_EXTENSIONS if self.payload["has_audio"] else frozenset())
        return frozenset(f".{extension}" for extension in known)

    def _miss(self, path: str, text: str) -> None:
        self.missing.append(path)
        self.watch.log("warning", f"{path} was left out: {text}")

    def _skip(self, reason: str, path: str) -> None:
        self.skipped[reason] += 1
        if self.skipped[reason] <= _NAMED_AT_MOST:
            self.watch.log("warning", f"{_show(path)} was passed over: {_TEXTS[reason]}.")


class _MediaRules(Rules):
    """The names of media files, without the folders that were walked already."""

    def __init__(
        self, suffixes: frozenset[str], root: str, real: str, walked: Sequence[str]
    ) -> None:
        super().__init__((), suffixes)
        self._root = root
        self._real = real
        self._below = frozenset(one for one in walked if _holds(real, one))

    def takes_folder(self, folder: str, name: str) -> bool:
        """Whether a folder is walked."""
        if not super().takes_folder(folder, name):
            return False
        if not self._below:
            return True
        inside = f"{folder}/{name}".removeprefix(self._root)
        return f"{self._real.rstrip('/')}/{inside.lstrip('/')}" not in self._below


def _list_flat(path: str) -> Sequence[FolderEntry]:
    return [one for one in list_folder(path) if not one.is_dir(follow_symlinks=False)]


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _show(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
