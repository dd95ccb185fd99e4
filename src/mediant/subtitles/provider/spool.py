"""Sound that was sent, on disk for as long as somebody needs it.

A file bears the checksum of its content as its name, so that the same sound lies there once.
"""

import errno
import hashlib
import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mediant.errors import MediantError
from mediant.kernel.ids import new_secret

PART = ".part"
"""The suffix of what is still being sent."""

SPARE_BYTES = 64 << 20
"""Of the disk, left for everything else."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SpoolFull(MediantError):
    """There is no room for the sound."""

    code = "disk_full"


@dataclass(frozen=True, slots=True)
class Audio:
    """A piece of sound that lies in the spool."""

    name: str
    """SHA-256 of its content, in hex."""
    path: Path
    size: int


class Upload:
    """One piece of sound on its way in; a `with` block leaves nothing behind.

    Call it from any thread, but from one at a time.
    """

    def __init__(self, spool: "Spool", path: Path) -> None:
        self._spool = spool
        self._path = path
        self._hash = hashlib.sha256()
        self._file: BinaryIO | None = _create(path)
        self.size = 0

    def write(self, data: bytes | bytearray) -> None:
        """Append. SpoolFull when the disk cannot hold it."""
        if self._file is None:
            raise ValueError("the upload has ended")
        try:
            self._file.write(data)
        except OSError as error:
            raise _to_full(error) from error
        self._hash.update(data)
        self.size += len(data)

    def finish(self) -> Audio:
        """All of it is there. The caller holds the sound until `Spool.release`."""
        self._close()
        return self._spool.keep(self._path, self._hash.hexdigest(), self.size)

    def discard(self) -> None:
        """Remove what is there of it; nothing after `finish`."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> "Upload":
        """Discard it at the end of the block, unless it was finished."""
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _close(self) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as error:
            raise _to_full(error) from error
        finally:
            self._file = None


class Spool:
    """The folder. Any thread may call."""

    def __init__(self, folder: Path, find_needed: Callable[[], Collection[str]]) -> None:
        """`find_needed`: the names of the sounds that unfinished jobs will read."""
        self.folder = folder
        self._find_needed = find_needed
        self._held: Counter[str] = Counter()
        self._guard = threading.Lock()

    def open(self, announced: int = 0) -> Upload:
        """Take in a new piece, of so many bytes as far as that is told. SpoolFull."""
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            free = shutil.disk_usage(self.folder).free
            if announced + SPARE_BYTES > free:
                raise SpoolFull(f"There is no room for {announced >> 20} MiB of sound.")
            return Upload(self, self.folder / f"{new_secret(12)}{PART}")
        except OSError as error:
            raise _to_full(error) from error

    def keep(self, path: Path, name: str, size: int) -> Audio:
        """Give a complete piece its name, and hold it."""
        with self._guard:
            target = path.replace(self.folder / name)
            self._held[name] += 1
        return Audio(name, target, size)

    def release(self, name: str) -> None:
        """One holder less; the sound goes when nobody holds it and no job needs it."""
        with self._guard:
            self._held[name] -= 1
            if self._held[name] <= 0:
                del self._held[name]
        self.tidy()

    def tidy(self) -> int:
        """Remove the sounds that nobody needs any more; how many."""
        with self._guard:
            found = [path for path in self._list() if path.suffix != PART]
            idle = [path for path in found if path.name not in self._held]
            if not idle:
                return 0
            needed = frozenset(self._find_needed())
            dead = [path for path in idle if path.name not in needed]
            for path in dead:
                path.unlink(missing_ok=True)
            return len(dead)

    def clear_leftovers(self) -> int:
        """Remove what a former server was still receiving, and what no job needs; how many."""
        parts = [path for path in self._list() if path.suffix == PART]
        for path in parts:
            path.unlink(missing_ok=True)
        return len(parts) + self.tidy()

    def _list(self) -> list[Path]:
        return list(self.folder.iterdir()) if self.folder.is_dir() else []


def _create(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)


def _to_full(error: OSError) -> MediantError:
    if error.errno in _FULL:
        return SpoolFull("The disk is full.")
    return SpoolFull(f"The sound cannot be stored: {error.strerror}.")
