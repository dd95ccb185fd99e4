"""What a walk found against what is known, for one span of paths. Pure.

Paths are compared by their bytes. A span is half open, so that the spans of a scan touch without
gap or overlap, and every known row is judged exactly once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

AWAY = frozenset({"missing", "ignored"})
"""States of a row whose file a scan did not find: it is gone, or the settings pass over it."""


class Found(NamedTuple):
    """A file on the disk. `path` is relative to the root; `inode` is signed."""

    path: str
    size: int
    mtime_ns: int
    inode: int


class Known(NamedTuple):
    """A row of the table `file`, as far as a scan needs it."""

    id: int
    path: str
    size: int
    mtime_ns: int
    inode: int
    state: str
    changed_at: float


class Span(NamedTuple):
    """The paths from `start` up to, but not with, `stop`; None is the end of all paths."""

    start: str
    stop: str | None

    def holds(self, path: str) -> bool:
        """Whether the path lies in the span."""
        return path >= self.start and (self.stop is None or path < self.stop)


def after(path: str) -> str:
    """The smallest path that is greater: no name contains a zero byte, so \\x01 comes next."""
    return path + "\x01"


def span_of_file(path: str) -> Span:
    """The span that holds this one path."""
    return Span(path, after(path))


def span_of_folder(path: str) -> Span:
    """The span of all paths below a folder; the empty path is the root, which holds all."""
    return Span(f"{path}/", f"{path}0") if path else Span("", None)  # "0" follows "/"


@dataclass(slots=True)
class Difference:
    """What a scan has to write for one span."""

    added: list[Found] = field(default_factory=list)
    changed: list[tuple[int, Found]] = field(default_factory=list)
    """Size, time or inode differ. A missing file that came back different is here too."""
    returned: list[int] = field(default_factory=list)
    """Missing or ignored files that are back as they were."""
    gone: list[int] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)
    """Not looked for any more, be they there or not."""
    same: list[int] = field(default_factory=list)


def takes_all(_path: str) -> bool:
    """The rule of a scan that looks for every file."""
    return True


def compare(
    known: Iterable[Known],
    found: Iterable[Found],
    untouched: Sequence[Span] = (),
    since: float | None = None,
    is_taken: Callable[[str], bool] = takes_all,
) -> Difference:
    """The difference between the rows and the files of one span.

    Rows in `untouched` are left as they are when no file was found for them. A row written after
    `since` (the scan's begin) is newer than what the walk saw, so it is left alone as well. What
    `is_taken` says no to was not looked for, so nothing is known of its absence: it is ignored.
    """
    result = Difference()
    rows = {row[1]: row for row in known}
    for file in found:
        row = rows.pop(file[0], None)
        if row is None:
            result.added.append(file)
        elif row[2:5] == file[1:4]:
            (result.returned if row[5] in AWAY else result.same).append(row[0])
        elif not _is_newer(row, since):
            result.changed.append((row[0], file))
    for row in rows.values():
        if row[5] == "missing" or _is_newer(row, since):
            continue
        if any(span.holds(row[1]) for span in untouched):
            continue
        if is_taken(row[1]):
            result.gone.append(row[0])
        elif row[5] != "ignored":
            result.ignored.append(row[0])
    return result


def _is_newer(row: Known, since: float | None) -> bool:
    return since is not None and row[6] > since
