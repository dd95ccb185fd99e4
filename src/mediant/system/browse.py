"""Folders of this machine, for somebody who chooses one; never outside the folders allowed."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import Forbidden, Invalid, NotFound
from mediant.kernel.paths import is_storable, is_within

COMMON = ("/", "/home", "/media", "/mnt", "/opt", "/srv", "/var")
"""Where people keep their media, if it is there."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder. `is_readable`: whether it can be browsed."""

    name: str
    path: str
    is_readable: bool

    @property
    def is_hidden(self) -> bool:
        """Whether listings usually leave it out."""
        return self.name.startswith(".")


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a folder; `parent` is None where nobody may go up."""

    path: str
    parent: str | None
    folders: Sequence[Folder]


def browse(path: str, roots: Sequence[str]) -> Listing:
    """The folders directly in `path`, sorted by name; files are left out.

    Links are resolved first: what lies outside `roots` is `Forbidden`, whether it exists or not.
    Raises `Invalid` for what is no folder, `NotFound`, and `Forbidden` for one that cannot be
    read.
    """
    allowed, folder = _resolve_all(roots), _resolve(path)
    if not _is_allowed(folder, allowed):
        raise Forbidden("This folder may not be browsed.", asset=path)
    if not _is_there(folder):
        raise _refusal(folder, path)
    try:
        with os.scandir(folder) as found:
            folders = [one for entry in found if (one := _look(entry, allowed)) is not None]
    except PermissionError as denied:
        raise Forbidden("The folder cannot be read.", asset=path) from denied
    except OSError as gone:
        raise NotFound(f"The folder is gone: {gone.strerror}.", asset=path) from gone
    up = folder.parent
    goes_up = up != folder and _is_allowed(up, allowed)
    return Listing(str(folder), str(up) if goes_up else None, sorted(folders, key=_by_name))


def list_common(roots: Sequence[str]) -> list[Folder]:
    """Folders to begin with: the usual ones and the allowed ones, as far as they exist."""
    allowed = _resolve_all(roots)
    wanted = dict.fromkeys([*map(Path, COMMON), Path(tempfile.gettempdir()), *allowed])
    return [
        Folder(str(one), str(one), _is_open(one))
        for one in wanted
        if _is_there(one) and _is_allowed(one.resolve(), allowed)
    ]


def _resolve(path: str) -> Path:
    if not path.startswith("/") or "\0" in path:
        raise Invalid("The path must be absolute.", asset=path)
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError) as loop:
        raise NotFound("The path leads nowhere.", asset=path) from loop


def _resolve_all(roots: Sequence[str]) -> list[Path]:
    return [_resolve(root) for root in roots]


def _is_allowed(folder: Path, allowed: Sequence[Path]) -> bool:
    return any(is_within(folder, root) for root in allowed)


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # such as a name that no disk takes
        return False


def _refusal(folder: Path, path: str) -> Invalid | NotFound:
    if os.path.lexists(folder):
        return Invalid("This is not a directory.", asset=path)
    return NotFound("There is no such folder.", asset=path)


def _look(entry: os.DirEntry[str], allowed: Sequence[Path]) -> Folder | None:
    """The folder behind an entry; None for anything else, and for a name that is no text."""
    if not is_storable(entry.name) or not _is_folder(entry):
        return None
    leads_out = entry.is_symlink() and not _is_allowed(Path(entry.path).resolve(), allowed)
    return Folder(entry.name, entry.path, not leads_out and _is_open(Path(entry.path)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_open(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def _by_name(folder: Folder) -> tuple[str, str]:
    return folder.name.casefold(), folder.name
