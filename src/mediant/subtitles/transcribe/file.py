"""Writing a subtitle file: whole or not at all, and never over somebody else's.

The temporary file beside it is locked while it is written, so that what an interrupted attempt
left can be told from what another process is writing at this moment.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import Refused, WriteError
from mediant.kernel.file_lock import try_lock
from mediant.kernel.flush import sync_folder
from mediant.kernel.paths import temp_beside

_MODE = 0o666
"""Without the bits to execute: those of a media file are an accident."""


@dataclass(frozen=True, slots=True)
class Authorship:
    """Which files are ours, and whom to tell before one more is."""

    sums: Collection[str]
    """SHA-256 (hex) of all that we wrote, or meant to write, under this name."""
    intend: Callable[[Path, str, str | None], None]
    """Told before the file gets its name: path, checksum, checksum of what it replaces."""
    overwrites: bool = False
    """Whether a file that is not ours may be replaced too."""


class SubtitleExists(Refused):
    """A file that Mediant did not write has the subtitle's name."""

    code = "subtitle_exists"


def check_free(path: Path, authorship: Authorship) -> str | None:
    """The checksum of our own file of this name, or None where there is none.

    Raises `SubtitleExists` for a file that is not ours.
    """
    found = _sum_there(path)
    if found is None:
        return None
    if found not in authorship.sums and not authorship.overwrites:
        raise SubtitleExists(
            "Subtitle exists, and it was not written by Mediant.",
            asset=str(path),
            remedy="Move it away, or ask for it to be overwritten.",
        )
    return found


def _sum_there(path: Path) -> str | None:
    """The checksum of what has the name, None for nothing. A pipe would never give one, and a
    link that leads nowhere, perhaps to a disk that is away, is something too."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SubtitleExists("Something that is no file has its name.", asset=str(path))
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        if path.is_symlink():
            text = "A link that leads nowhere has its name."
            raise SubtitleExists(text, asset=str(path)) from None
        return None
    except OSError as failed:
        raise SubtitleExists(f"It cannot be read: {failed.strerror}.", asset=str(path)) from failed


def write_subtitle(path: Path, data: bytes, media: Path, authorship: Authorship) -> str:
    """Give `path` this content; the checksum (SHA-256, hex).

    It takes mode, owner and group from the media file, as far as this user may give them. Raises
    `SubtitleExists`, and `WriteError` when the folder takes no file; nothing is left behind then.
    """
    replaced = check_free(path, authorship)
    digest = hashlib.sha256(data).hexdigest()
    discard_leftover(path)
    authorship.intend(path, digest, replaced)
    temp = temp_beside(path)
    try:
        _write(temp, data, media, lambda: _put(temp, path, authorship))
    except OSError as failed:
        raise WriteError(
            f"The subtitle could not be written: {failed.strerror or failed}.", asset=str(path)
        ) from failed
    return digest


def discard_leftover(path: Path) -> bool:
    """Remove the temporary file that an interrupted attempt left; whether there was one.

    One that is being written at this moment stays.
    """
    temp = temp_beside(path)
    try:
        number = os.open(temp, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not try_lock(number):
            return False
        temp.unlink()
    except OSError:
        return False
    finally:
        os.close(number)
    return True


def _write(temp: Path, data: bytes, media: Path, put: Callable[[], None]) -> None:
    """Fill the temporary file, locked; `put` gives it its name. It is gone afterwards."""
    number = os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        try_lock(number)
        view = memoryview(data)
        while view:
            view = view[os.write(number, view) :]
        _take_over(number, media)
        os.fsync(number)
        put()
    finally:
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)
        os.close(number)


def _take_over(number: int, media: Path) -> None:
    owner = media.stat()
    with contextlib.suppress(PermissionError):
        os.fchown(number, -1, owner.st_gid)
    with contextlib.suppress(PermissionError):
        os.fchown(number, owner.st_uid, -1)
    os.fchmod(number, stat.S_IMODE(owner.st_mode) & _MODE | stat.S_IRUSR | stat.S_IWUSR)


def _put(temp: Path, path: Path, authorship: Authorship) -> None:
    """Rename; a file that somebody put there meanwhile is looked at once more."""
    check_free(path, authorship)
    temp.replace(path)
    with contextlib.suppress(OSError):
        sync_folder(path.parent)


def read_sum(path: Path) -> str | None:
    """SHA-256 (hex) of a file's content; None when there is no file, or it cannot be read."""
    try:
        return _sum_there(path)
    except SubtitleExists:
        return None
