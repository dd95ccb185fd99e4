"""Paths as text: roots, prefixes and names, without touching the disk."""

import os
from hashlib import blake2b
from pathlib import Path, PurePosixPath

LONGEST_NAME = 255
"""Bytes that a file's name may have on every common file system."""


def is_within(path: Path, root: Path) -> bool:
    """Whether `path` is `root` or lies below it. Resolve both before you ask."""
    return path == root or root in path.parents


def to_relative(path: Path, root: Path) -> str:
    """The POSIX path of `path` below `root`; ValueError when it lies elsewhere."""
    return PurePosixPath(path.relative_to(root)).as_posix()


def is_storable(name: str) -> bool:
    """Whether a file name is valid UTF-8, as both databases demand of text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name


def temp_beside(path: Path) -> Path:
    """The one temporary name that Mediant uses beside a file that it replaces.

    It is the same at every attempt, so that the next attempt (or the clean-up after a crash)
    finds what an interrupted one left. Hidden, so that watchers and players pass it over. Where
    the file's own name leaves no room for more, its hash stands for it.
    """
    name = f".{path.name}.mediant~"
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f".{blake2b(os.fsencode(path.name), digest_size=16).hexdigest()}.mediant~"
    return path.with_name(name)


def real(path: str | os.PathLike[str]) -> Path:
    """The absolute path with links resolved; it need not exist."""
    return Path(path).expanduser().resolve()
