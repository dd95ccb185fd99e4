"""The temporary file beside a media file, and what it takes over from it.

While it is being written it is locked (`flock`), so that an interrupted one can be told from one
that another process is writing at this moment; a lock ends with its process.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from mediant.kernel.file_lock import try_lock
from mediant.kernel.flush import sync_folder
from mediant.kernel.paths import temp_beside
from mediant.tagging.write.refusals import FileChanged, WriteUnderWay
from mediant.tagging.write.source import Source

_NO_XATTR = (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENODATA, errno.ERANGE)


class TempFile:
    """An open, locked, empty file at `temp_beside(target)`."""

    def __init__(self, target: Path) -> None:
        """Make it, in place of one that an interrupted write left; `WriteUnderWay` if in use."""
        self.target = target
        self.path = temp_beside(target)
        if self.path.is_symlink() or (self.path.exists() and not discard_leftover(target)):
            raise self._under_way()
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        try:
            number = os.open(self.path, flags, 0o600)
        except FileExistsError:
            raise self._under_way() from None
        self._file = os.fdopen(number, "wb", buffering=0)
        self.inode = os.fstat(number).st_ino
        # Before it was locked it may have been taken for a leftover.
        if not try_lock(number) or not self._is_there():
            self._file.close()
            raise self._under_way()

    def _under_way(self) -> WriteUnderWay:
        return WriteUnderWay(asset=str(self.target), remedy="Wait for it to end.")

    def _is_there(self) -> bool:
        try:
            return self.path.lstat().st_ino == self.inode
        except FileNotFoundError:
            return False

    def write(self, blocks: Iterable[bytes]) -> None:
        """Write all the blocks."""
        for block in blocks:
            view = memoryview(block)
            while view:
                view = view[self._file.write(view) :]

    def take_over(self, source: Source, *, keep_mtime: bool) -> None:
        """Owner, mode, extended attributes (access lists too), times; then force it to disk."""
        number, old = self._file.fileno(), source.stat
        mode = stat.S_IMODE(old.st_mode)
        if not _give(number, old.st_uid, old.st_gid):
            mode &= ~(stat.S_ISUID | stat.S_ISGID)
        os.fchmod(number, mode)
        _copy_attributes(source.path, number)
        if keep_mtime:
            os.utime(number, ns=(old.st_atime_ns, old.st_mtime_ns))
        os.fsync(number)

    def replace_target(self) -> os.stat_result:
        """Let it take the target's place, and make that last."""
        if not self._is_there():
            raise FileChanged("The temporary file was replaced.", asset=str(self.target))
        self.path.replace(self.target)
        # A disk that cannot do it holds the old file or the new, whole.
        with contextlib.suppress(OSError):
            sync_folder(self.target.parent)
        result = os.fstat(self._file.fileno())
        self._file.close()
        return result

    def remove(self) -> None:
        """Delete it, if it is still there."""
        if self._file.closed:
            return
        if self._is_there():
            self.path.unlink()
        self._file.close()


def discard_leftover(path: Path) -> bool:
    """Remove the temporary file that an interrupted write of `path` left.

    True when there was one. One that a process is still writing stays (False).
    """
    temp = temp_beside(Path(os.path.realpath(path)))
    try:
        number = os.open(temp, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        is_ours = try_lock(number) and temp.lstat().st_ino == os.fstat(number).st_ino
        if is_ours:
            temp.unlink()
    finally:
        os.close(number)
    return is_ours


def _give(number: int, owner: int, group: int) -> bool:
    """Give the file to its old owner; False when only the group, or neither, could be kept."""
    try:
        os.fchown(number, owner, group)
    except PermissionError:
        with contextlib.suppress(PermissionError):
            os.fchown(number, -1, group)
        return os.fstat(number).st_uid == owner and os.fstat(number).st_gid == group
    return True


def _copy_attributes(path: Path, number: int) -> None:
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno in _NO_XATTR:
            return
        raise
    for name in names:
        try:
            os.setxattr(number, name, os.getxattr(path, name))
        except OSError as error:  # some belong to the system, some disks keep none
            if error.errno not in _NO_XATTR:
                raise
