"""Why a file could not be written. Each is a `WriteError` with a code of its own.

WriteError                  the file is as it was
├── UnsupportedContainer    no tags are written into this kind of file
├── DamagedContainer        its structure contradicts itself
├── HardLinked              it has other names, which a replaced file would leave
├── FileChanged             somebody else changed it meanwhile
├── WriteUnderWay           another write to the same file is under way
├── ReadOnly                the mount is read-only
├── NotPermitted            this user may not
├── NoSpace                 the disk is full
└── Vanished                it is not there any more
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mediant.errors import WriteError


class UnsupportedContainer(WriteError):
    """Tags cannot be written into this kind of file."""

    code = "unsupported_container"


class DamagedContainer(WriteError):
    """The structure of the file contradicts itself."""

    code = "damaged_container"


class HardLinked(WriteError):
    """The file has more than one name on this disk."""

    code = "hard_linked"


class FileChanged(WriteError):
    """The file was changed by somebody else meanwhile."""

    code = "file_changed"


class WriteUnderWay(WriteError):
    """Another write to this file is under way."""

    code = "write_under_way"


class ReadOnly(WriteError):
    """The file lies on a read-only mount."""

    code = "read_only"


class NotPermitted(WriteError):
    """The file or its folder may not be changed by this user."""

    code = "not_permitted"


class NoSpace(WriteError):
    """There is no space left for the new file."""

    code = "no_space"


class Vanished(WriteError):
    """The file is not there any more."""

    code = "vanished"


_REMEDIES: dict[type[WriteError], str] = {
    ReadOnly: "Mount the folder read-write, or set the write mode to `none`.",
    NotPermitted: "Give the user that runs Mediant write permission on the file and its folder.",
    NoSpace: "Free as much space as the file takes: it is written anew beside the old one.",
}

_BY_ERRNO: dict[int, type[WriteError]] = {
    errno.EROFS: ReadOnly,
    errno.EACCES: NotPermitted,
    errno.EPERM: NotPermitted,
    errno.ENOSPC: NoSpace,
    errno.EDQUOT: NoSpace,
    errno.EFBIG: NoSpace,
    errno.ENOENT: Vanished,
    errno.ENOTDIR: Vanished,
}


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Translate what the system says about `path` into a `WriteError` with a remedy."""
    try:
        yield
    except OSError as error:
        kind = _BY_ERRNO.get(error.errno or 0, WriteError)
        text = None if kind is not WriteError else f"It cannot be written: {error.strerror}."
        raise kind(text, asset=str(path), remedy=_REMEDIES.get(kind)) from error
