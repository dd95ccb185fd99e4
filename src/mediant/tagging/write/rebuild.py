"""A new file beside an old one, made by a recipe, checked, and undoable before it counts."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import WriteError
from mediant.tagging.write.recipe import Step, follow, invert, pack
from mediant.tagging.write.refusals import FileChanged, HardLinked
from mediant.tagging.write.source import Source, same_bytes
from mediant.tagging.write.temp import TempFile


@dataclass(frozen=True)
class Rebuilt:
    """The new file, and how to get from it to the old one. Hashes are SHA-256 of whole files."""

    file: TempFile
    before_hash: bytes
    after_hash: bytes
    undo: bytes


Verify = Callable[[Source], str | None]
"""Looks at the new file and says what is wrong with it, if anything."""


def rebuild(source: Source, steps: Sequence[Step], verify: Verify, *, keep_mtime: bool) -> Rebuilt:
    """Follow `steps` into a temporary file beside `source`.

    Raises `WriteError`, with nothing left behind, when `verify` objects, when the old file could
    not be rebuilt from the new one, or when the old one was changed meanwhile.
    """
    before_hash = source.digest()
    inverse = invert(steps, source)
    file = TempFile(source.path)
    try:
        after = hashlib.sha256()
        file.write(_hashed(follow(steps, source), after.update))
        file.take_over(source, keep_mtime=keep_mtime)
        with Source(file.path) as new:
            wrong = verify(new) or _undo_fault(new, inverse, source)
        if wrong:
            raise WriteError(
                f"It was not written, since {wrong}.",
                asset=str(source.path),
                remedy="Please report this file.",
            )
        check_unchanged(source.path, source.stat)
    except BaseException:
        file.remove()
        raise
    return Rebuilt(file, before_hash, after.digest(), pack(inverse))


def _hashed(blocks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for block in blocks:
        update(block)
        yield block


def _undo_fault(new: Source, inverse: Sequence[Step], old: Source) -> str | None:
    same = same_bytes(follow(inverse, new), old.blocks(0, old.size))
    return None if same else "the old file could not be rebuilt from the new one"


def check_unchanged(path: Path, before: os.stat_result) -> None:
    """`FileChanged` when `path` is no longer the file whose `before` was read."""
    if _identity(path.lstat()) != _identity(before):
        raise FileChanged(asset=str(path), remedy="Try again.")


def _identity(result: os.stat_result) -> tuple[int, ...]:
    return (
        result.st_dev,
        result.st_ino,
        result.st_size,
        result.st_mtime_ns,
        result.st_ctime_ns,
    )


def check_writable(source: Source, *, break_links: bool) -> None:
    """Refuse what a rename would get past: write protection, special files, other hard links."""
    path = str(source.path)
    if not stat.S_ISREG(source.stat.st_mode):
        raise WriteError("It is not a regular file.", asset=path)
    with source.path.open("r+b"):  # as the system puts it: read-only, not permitted, immutable
        pass
    if source.stat.st_nlink > 1 and not break_links:
        raise HardLinked(
            f"The file has {source.stat.st_nlink} names on this disk (hard links).",
            asset=path,
            remedy="Copy it, so that it has one name, or set `tagging.break_hard_links`.",
        )
