"""Paths: roots, prefixes and names as text; only `real` looks at the disk."""

import os
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from mediant.errors import MediaError

LONGEST_NAME = 255
"""Bytes that a file's name may have on every common file system."""
LONGEST_PATH = 4095
"""Bytes of a path that the system takes."""


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
    """The absolute path with links resolved; it need not exist.

    Raises MediaError(`missing`) where there can be none: links in a circle, the home of nobody, no
    valid text, or a name that is longer than any file's.
    """
    try:
        found = Path(path).expanduser().resolve()
        is_too_long = _is_too_long(found)
    except (RuntimeError, ValueError) as bad:
        text = "It leads nowhere: links in a circle, the home of nobody, or no text at all."
        shown = os.fspath(path).encode(errors="replace").decode()
        raise MediaError("missing", text, asset=shown) from bad
    if is_too_long:
        text = "There is no such file or folder: no name is so long."
        raise MediaError("missing", text, asset=f"{os.fspath(path)[:80]}...")
    return found


def _is_too_long(path: Path) -> bool:
    longest = max((len(os.fsencode(part)) for part in path.parts), default=0)
    return longest > LONGEST_NAME or len(os.fsencode(path)) > LONGEST_PATH
