"""Roots: is the folder of a library really there, and is it the one it was?

A root that is missing, unreadable, or empty although files are known is taken for an unmounted
disk. A scan of it fails with a sentence and changes nothing.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from mediant.errors import Invalid, Refused
from mediant.kernel.paths import is_within, real
from mediant.library.walk import is_passed_over

_UNCHANGED = "Nothing was changed. Check that the disk is mounted."


class RootStamp(NamedTuple):
    """What identifies a mounted folder: another file system over it has another device."""

    device: int
    inode: int


def read_stamp(root: str | Path) -> RootStamp:
    """The stamp of a root; Refused when there is no such folder."""
    try:
        stat = os.stat(root)  # noqa: PTH116 (takes what a worker has: text)
    except OSError as failed:
        text = f"The library's folder cannot be reached ({failed.strerror})."
        raise Refused(text, asset=str(root), remedy=_UNCHANGED) from failed
    if (stat.st_mode & 0o170000) != 0o040000:
        raise Refused("The library's root is not a folder.", asset=str(root), remedy=_UNCHANGED)
    return RootStamp(stat.st_dev, stat.st_ino)


def check_root(root: str | Path, known: int) -> RootStamp:
    """The stamp of a readable root; Refused when it is empty although files are known.

    Hidden entries and a bare file system's own folders do not count: an unmounted disk shows them.
    """
    stamp = read_stamp(root)
    try:
        with os.scandir(root) as entries:
            is_empty = all(is_passed_over(entry.name) for entry in entries)
    except OSError as failed:
        text = f"The library's folder cannot be read ({failed.strerror})."
        raise Refused(text, asset=str(root), remedy=_UNCHANGED) from failed
    if is_empty and known:
        raise empty_root(root)
    return stamp


def empty_root(root: str | Path) -> Refused:
    """The error of a root that shows nothing although files are known."""
    text = "The library's folder shows no audio file, although some are known."
    return Refused(text, asset=str(root), remedy=_UNCHANGED)


def check_same(root: str | Path, stamp: RootStamp) -> None:
    """Refused when the root is not the folder any more that `stamp` was taken of."""
    if read_stamp(root) != stamp:
        text = "Another file system appeared at the library's folder during the scan."
        raise Refused(text, asset=str(root), remedy="What was not yet compared was left as it is.")


def new_root(path: str | Path, others: Iterable[tuple[str, Path]]) -> Path:
    """A folder that may become a root: absolute, real, and apart from the `others` (name, root).

    Nested roots are refused, because a file would have two rows and be written by both.
    """
    root = real(path)
    if root == Path("/"):
        raise Invalid("The whole file system cannot be a library.", asset="/")
    try:
        is_folder = root.is_dir()
    except OSError as failed:
        text = f"The folder cannot be reached ({failed.strerror})."
        raise Invalid(text, asset=str(root)) from failed
    if not is_folder:
        raise Invalid("There is no such folder.", asset=str(root))
    for name, other in others:
        _check_apart(root, name, other)
    return root


def _check_apart(root: Path, name: str, other: Path) -> None:
    """Raise Invalid for a folder that shares files with the library `name` at `other`."""
    if root == other:
        text = f"This folder is the library {name!r} already: nothing to do."
        raise Invalid(text, asset=str(root), remedy="To look for new files: mediant scan")
    if is_within(root, other):
        text = f"This folder lies in the library {name!r} ({other}), which has its files already."
        raise Invalid(text, asset=str(root), remedy="To look for new files: mediant scan")
    if is_within(other, root):
        text = f"The library {name!r} ({other}) lies in this folder: they would overlap."
        remedy = "Add the other folders beside it, or remove that library first."
        raise Invalid(text, asset=str(root), remedy=remedy)
