"""Looking which known media files are gone, in a worker process.

A file counts as gone only where its folder, or the nearest one above that is still there, shows
something else: an empty folder may be a disk that is not mounted. Nothing is gone below a root that
is away or empty, nor where the system gives any other answer than "there is no such file".
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from mediant.errors import Refused
from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.library.roots import check_root, check_same
from mediant.library.walk import is_passed_over


def run(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Which of `forget_jobs.prepare`'s paths are gone; `is_away` when nobody can tell."""
    folder, paths = payload["folder"], payload["paths"]
    looked = {"looked": len(paths), "last": paths[-1] if paths else ""}
    try:
        stamp = check_root(folder or "/", known=1)
        gone = list(_Folders(folder, watch).list_gone(paths))
        check_same(folder or "/", stamp)
    except Refused as away:
        watch.log("warning", f"{folder} was left as it is known: {away.text}")
        return {**looked, "gone": [], "is_away": True}
    return {**looked, "gone": gone, "is_away": False}


@dataclass(slots=True)
class _Folders:
    """The folders below a root; each is listed once for all of its files."""

    root: str
    watch: Watch
    vanished: dict[str, bool] = field(default_factory=dict)
    """What was found of folders that cannot be listed."""

    def list_gone(self, paths: Sequence[str]) -> Iterator[str]:
        """Those of the sorted paths that are gone."""
        done = 0
        for folder, group in groupby(paths, _folder_of):
            self.watch.stop_if_cancelled()
            some = list(group)
            names = _list_names(folder)
            if names is None:
                yield from some if self._is_vanished(folder) else ()
            elif _shows_something(names):
                yield from (one for one in some if _name_of(one) not in names and _is_missing(one))
            done += len(some)
            self.watch.report(done / len(paths), f"{done} files")

    def _is_vanished(self, folder: str) -> bool:
        """Whether a folder is gone from a place that shows other things."""
        if not folder.startswith(f"{self.root}/") or not _is_missing(folder):
            return False
        known = self.vanished.get(folder)
        if known is None:
            above = _folder_of(folder)
            names = _list_names(above)
            known = self._is_vanished(above) if names is None else _shows_something(names)
            self.vanished[folder] = known
        return known


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _name_of(path: str) -> str:
    return path.rpartition("/")[2]


def _list_names(folder: str) -> frozenset[str] | None:
    """The names in a folder; None for one that cannot be listed."""
    try:
        return frozenset(os.listdir(folder or "/"))  # noqa: PTH208 (text in, text out)
    except OSError:
        return None


def _shows_something(names: frozenset[str]) -> bool:
    return not all(map(is_passed_over, names))


def _is_missing(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
