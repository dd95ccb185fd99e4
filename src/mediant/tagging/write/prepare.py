"""The safe write: a verified new file stands beside the old one before that is touched.

`prepare_write` does all the work and all that can fail; `PreparedWrite.apply` is one rename.
Between the two the caller stores the undo record, so that a death at any moment loses nothing.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from mediant.tagging.write.layout import Layout
from mediant.tagging.write.names import Names, Tags, check_keys, check_values, normalise
from mediant.tagging.write.rebuild import Rebuilt, check_unchanged, check_writable, rebuild
from mediant.tagging.write.refusals import refusals
from mediant.tagging.write.sniff import take_apart
from mediant.tagging.write.source import Source, same_bytes


@dataclass(frozen=True)
class WrittenFile:
    """The file as it stands after the write, for the records of the library."""

    size: int
    mtime_ns: int
    inode: int


class PreparedWrite:
    """A new file, ready beside the old one. Either `apply` or `discard` it; `with` discards.

    path: the file itself (links resolved). temp: the new one. before_hash, after_hash: SHA-256 of
    the whole file before and after. undo: rebuilds the old file from the new one. own_before: our
    tags as they were. keys_written: how many keys of ours the new file holds.
    """

    def __init__(
        self,
        made: Rebuilt,
        before: os.stat_result,
        own_before: dict[str, list[str]],
        keys_written: int,
    ) -> None:
        """`made` is the new file; `before` the old one as it was read."""
        self.path, self.temp = made.file.target, made.file.path
        self.before_hash, self.after_hash, self.undo = made.before_hash, made.after_hash, made.undo
        self.own_before, self.keys_written = own_before, keys_written
        self._file, self._before = made.file, before

    def __enter__(self) -> "PreparedWrite":
        """The write itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the temporary file unless it was applied."""
        self.discard()

    def apply(self) -> WrittenFile:
        """Put the new file in place, atomically.

        `FileChanged` when the old one was touched since; then it stays, and the new one goes.
        """
        with refusals(self.path):
            try:
                check_unchanged(self.path, self._before)
                result = self._file.replace_target()
            finally:
                self.discard()
        return WrittenFile(result.st_size, result.st_mtime_ns, result.st_ino)

    def discard(self) -> None:
        """Remove the temporary file; nothing when it was applied."""
        self._file.remove()


def read_own(path: Path, namespace: str) -> dict[str, list[str]]:
    """Our tags in a file: short key -> values, the same in every container.

    A tag of another known namespace has it before its key (`essentia:mood_sad`). `WriteError`
    (code `unsupported_container`, `damaged_container`, ...) where they cannot be read.
    """
    with refusals(path), Source(path) as source:
        return take_apart(source, namespace).own


def prepare_write(
    path: Path, tags: Tags, *, namespace: str, keep_mtime: bool, break_links: bool = False
) -> PreparedWrite | None:
    """Make ready that `path` holds exactly `tags` of ours; None when it does already.

    `tags` is complete: {} removes all our tags, those of other known namespaces too. Foreign tags
    and the audio stay bit for bit; that is verified on the new file. A symbolic link stays, its
    target is replaced. A file with several hard links is refused (`HardLinked`): its other names,
    such as a torrent's, would keep the old content and the disk would hold it twice; with
    `break_links` that is accepted. Raises `WriteError` (see `refusals`), `Invalid` for keys or
    values that cannot be stored.
    """
    check_keys(tags, Names(namespace))
    return prepare_any(path, tags, namespace, keep_mtime=keep_mtime, break_links=break_links)


def prepare_any(
    path: Path, tags: Tags, namespace: str, *, keep_mtime: bool, break_links: bool = False
) -> PreparedWrite | None:
    """As `prepare_write`, for tags that were read from this file, whatever their keys are."""
    check_values(tags)
    wanted = normalise(tags)
    target = Path(os.path.realpath(path))
    with refusals(path), Source(target) as source:
        layout = take_apart(source, namespace)
        if layout.own == wanted:
            return None
        check_writable(source, break_links=break_links)
        verify = _Verify(layout, wanted)
        made = rebuild(source, layout.plan(wanted), verify, keep_mtime=keep_mtime)
        return PreparedWrite(made, source.stat, layout.own, len(wanted))


@dataclass(frozen=True)
class _Verify:
    """What must hold for the new file: exactly the tags wanted, all else as in `old`."""

    old: Layout
    wanted: dict[str, list[str]]

    def __call__(self, new: Source) -> str | None:
        """What is wrong with the new file, or None."""
        made = take_apart(new, self.old.names.namespace)
        if made.own != self.wanted:
            return "our tags would not come back as written"
        if made.foreign_digest() != self.old.foreign_digest():
            return "foreign tags would change"
        if not same_bytes(made.payload(), self.old.payload()):
            return "the audio would change"
        return None
