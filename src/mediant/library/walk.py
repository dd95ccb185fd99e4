"""Walking a root: which files are audio, in the byte order of their relative paths.

Runs in worker processes. Needs no database, and reads no file's content.

What is passed over, and why:
- names that begin with a dot, `*.tmp`, `*~` and the rubbish folders of NAS systems;
- what a glob of the settings matches;
- symbolic links, to files and to folders: a library is what really lies under its root, so that
  no write leaves it and no loop exists. A linked folder can be a library of its own;
- names that are not valid UTF-8, because no database text can hold them;
- what has a file's name, but is a pipe, a socket or a device.
"""

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mediant.kernel.paths import is_storable
from mediant.library.diff import Found, Span, span_of_file, span_of_folder

AUDIO_SUFFIXES = frozenset(
    {".mp3", ".m4a", ".m4b", ".mp4", ".flac", ".ogg", ".oga", ".opus", ".wav", ".aac", ".wma"}
    | {".aiff", ".aif", ".ape", ".wv", ".mka"}
)
"""Lower case. `.webm` is left out: it is nearly always video."""

_RUBBISH = frozenset(
    {"@eadir", "#recycle", "#snapshot", "$recycle.bin", "system volume information", "lost+found"}
)
_SIGN = 1 << 63


class Unread(NamedTuple):
    """A span of paths that could not be looked at; what is known of it stays as it is."""

    span: Span
    text: str


class Skipped(NamedTuple):
    """Something that is no part of the library: `link`, `name` (not UTF-8) or `kind` (a pipe, a
    socket, a device)."""

    reason: str
    path: str


Step = Found | Unread | Skipped


class FolderEntry(Protocol):
    """What the walk needs of an `os.DirEntry`."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        ...

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        ...

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a folder."""
        ...

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a regular file."""
        ...

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Its size, times and inode."""
        ...


ListFolder = Callable[[str], Sequence[FolderEntry]]


def list_folder(path: str) -> Sequence[FolderEntry]:
    """All entries of a folder, in any order; OSError when it cannot be read."""
    with os.scandir(path) as entries:
        return list(entries)


def _compile(globs: Iterable[str]) -> re.Pattern[str] | None:
    patterns = [fnmatch.translate(glob) for glob in globs]
    return re.compile("|".join(patterns)) if patterns else None


class Rules:
    """Which names belong to a library."""

    def __init__(
        self, ignore: Iterable[str] = (), suffixes: frozenset[str] = AUDIO_SUFFIXES
    ) -> None:
        """`ignore`: globs on the absolute path; `*` also matches slashes. `suffixes`: what the
        files that are looked for end in, in lower case."""
        globs = list(ignore)
        self._suffixes = suffixes
        self._files = _compile(globs)
        # A folder may be passed over whole only by a glob that takes all that lies below it.
        self._folders = _compile(glob for glob in globs if glob.endswith(("*", "/")))

    def takes_folder(self, folder: str, name: str) -> bool:
        """Whether the folder `name` in `folder` (absolute) is walked."""
        if is_passed_over(name):
            return False
        return not (self._folders and self._folders.match(f"{folder}/{name}/"))

    def takes_file(self, folder: str, name: str) -> bool:
        """Whether `name` in `folder` (absolute) is a file that is looked for."""
        if name[0] == "." or not self.is_media(name):
            return False
        return not (self._files and self._files.match(f"{folder}/{name}"))

    def takes_path(self, root: str, relative: str) -> bool:
        """Whether a walk of `root` (absolute) looks for the file at a path below it."""
        folder = root
        *parts, name = relative.split("/")
        for part in parts:
            if not self.takes_folder(folder, part):
                return False
            folder = f"{folder}/{part}"
        return self.takes_file(folder, name)

    def is_media(self, name: str) -> bool:
        """Whether a file's name says that it is looked for."""
        return _suffix(name) in self._suffixes


def is_passed_over(name: str) -> bool:
    """Whether a folder of this name holds nothing for people: hidden, or a system's own."""
    return name[0] == "." or name.lower() in _RUBBISH


def is_audio(name: str) -> bool:
    """Whether a file's name says that it is audio. `x.mp3~` and `x.mp3.tmp` do not."""
    return _suffix(name) in AUDIO_SUFFIXES


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 (hot path)


def signed(inode: int) -> int:
    """An inode as the signed 64-bit number that both databases store."""
    return inode - (1 << 64) if inode >= _SIGN else inode


def found(path: str, stat: os.stat_result) -> Found:
    """A file as the scan compares it; `path` is relative to the root."""
    return Found(path, stat.st_size, stat.st_mtime_ns, signed(stat.st_ino))


def show_name(path: str) -> str:
    """A path for people, with the bytes that are not UTF-8 written as `\\xff`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk below `root` (absolute, no trailing slash)."""

    root: str
    rules: Rules
    list_folder: ListFolder = list_folder

    def folder(self, relative: str = "") -> Iterator[Step]:
        """Everything below a folder, in the byte order of the relative paths.

        A folder that cannot be read, or vanished meanwhile, is one `Unread`: a folder that was
        there a moment ago may be a disk that just went away, so nothing is concluded from it.
        """
        stack: list[Iterator[Step | str]] = [self._list(relative)]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
            elif isinstance(step, str):
                stack.append(self._list(step))
            else:
                yield step

    def target(self, relative: str) -> Iterator[tuple[Span, Iterator[Step]]]:
        """One path that changed, be it a file, a folder or nothing any more: spans to compare."""
        as_file, as_folder = span_of_file(relative), span_of_folder(relative)
        folder, _, name = f"{self.root}/{relative}".rpartition("/")
        try:
            stat = os.lstat(f"{folder}/{name}")
        except (FileNotFoundError, NotADirectoryError):
            yield from ((as_file, iter(())), (as_folder, iter(())))
            return
        except OSError as failed:
            text = str(failed.strerror)
            yield from ((span, iter([Unread(span, text)])) for span in (as_file, as_folder))
            return
        yield as_file, self._single(relative, folder, name, stat)
        is_walked = _is_folder(stat) and self._takes_parts(relative)
        yield as_folder, self.folder(relative) if is_walked else iter(())

    def _single(
        self, relative: str, folder: str, name: str, stat: os.stat_result
    ) -> Iterator[Step]:
        if _is_file(stat) and self._takes_parts(relative.rpartition("/")[0]):
            if not is_storable(relative):
                yield Skipped("name", show_name(relative))
            elif self.rules.takes_file(folder, name):
                yield found(relative, stat)

    def _takes_parts(self, relative: str) -> bool:
        folder = self.root
        for name in filter(None, relative.split("/")):
            if not is_storable(name) or not self.rules.takes_folder(folder, name):
                return False
            folder = f"{folder}/{name}"
        return True

    def _list(self, relative: str) -> Iterator[Step | str]:
        """The steps of one folder; a string is a folder to go into."""
        folder = f"{self.root}/{relative}" if relative else self.root
        prefix = f"{relative}/" if relative else ""
        try:
            entries = self.list_folder(folder)
        except OSError as failed:
            yield Unread(span_of_folder(relative), f"{failed.strerror or failed}")
            return
        kept: list[tuple[str, FolderEntry]] = []
        for entry in entries:
            try:
                key = self._sort_key(folder, entry)
            except OSError as failed:
                yield from _unread_entry(prefix + entry.name, failed)
                continue
            if isinstance(key, Skipped):
                yield Skipped(key.reason, show_name(prefix) + key.path)
            elif key:
                kept.append((key, entry))
        kept.sort(key=_first)
        for key, entry in kept:
            if key[-1] == "/":
                yield prefix + entry.name
            elif (step := _look_at(entry, prefix + entry.name)) is not None:
                yield step

    def _sort_key(self, folder: str, entry: FolderEntry) -> str | Skipped | None:
        """A name that sorts as the whole paths do (folders end in a slash); None: not ours."""
        name = entry.name
        if entry.is_dir(follow_symlinks=False):
            key = f"{name}/" if self.rules.takes_folder(folder, name) else None
        elif entry.is_symlink():
            ours = self.rules.takes_folder(folder, name) and (
                self.rules.is_media(name) or _leads_to_dir(entry)
            )
            return Skipped("link", show_name(name)) if ours else None
        elif not self.rules.takes_file(folder, name):
            return None
        elif entry.is_file(follow_symlinks=False):
            key = name
        else:
            return Skipped("kind", show_name(name))
        if key and not is_storable(name):
            return Skipped("name", show_name(name))
        return key


def _first(pair: tuple[str, FolderEntry]) -> str:
    # Code points sort as their UTF-8 bytes do, so text comparison is byte comparison.
    return pair[0]


def _leads_to_dir(link: FolderEntry) -> bool:
    try:
        return link.is_dir()
    except OSError:  # a link to itself
        return False


def _unread_entry(path: str, failed: OSError) -> Iterator[Unread]:
    """An entry of unknown type: neither the file nor the folder of this name is judged."""
    if is_storable(path):
        text = f"{failed.strerror or failed}"
        yield Unread(span_of_file(path), text)
        yield Unread(span_of_folder(path), text)


def _look_at(entry: FolderEntry, path: str) -> Step | None:
    try:
        return found(path, entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None
    except OSError as failed:
        return Unread(span_of_file(path), f"{failed.strerror or failed}")


def _is_folder(stat: os.stat_result) -> bool:
    return (stat.st_mode & 0o170000) == 0o040000


def _is_file(stat: os.stat_result) -> bool:
    return (stat.st_mode & 0o170000) == 0o100000
