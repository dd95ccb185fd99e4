"""Taking a write back."""

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from mediant.tagging.write.prepare import prepare_any
from mediant.tagging.write.rebuild import check_unchanged, check_writable, rebuild
from mediant.tagging.write.recipe import unpack
from mediant.tagging.write.refusals import refusals
from mediant.tagging.write.source import Source


class UndoOutcome(StrEnum):
    """How far a write could be taken back."""

    EXACT = "exact"
    """The file is byte for byte what it was before the write."""
    TAGS_ONLY = "tags_only"
    """Somebody changed the file since: our tags are as before, all others as they are now."""


def undo_write(  # noqa: PLR0913 - the record of a write, spelt out
    path: Path,
    *,
    undo: bytes,
    before_hash: bytes,
    after_hash: bytes,
    own_before: Mapping[str, Sequence[str]],
    namespace: str,
    keep_mtime: bool,
    break_links: bool = False,
) -> UndoOutcome:
    """Take a write back; the other arguments are what its `PreparedWrite` said.

    Safe to repeat, and right for a write that was prepared and never applied. Raises `WriteError`
    as `prepare_write` does; the file is then as it was.
    """
    target = Path(os.path.realpath(path))
    with refusals(path), Source(target) as source:
        now = source.digest()
        if now == before_hash:
            return UndoOutcome.EXACT
        if now == after_hash:
            check_writable(source, break_links=break_links)
            _restore(source, undo, before_hash, keep_mtime=keep_mtime)
            return UndoOutcome.EXACT
    prepared = prepare_any(
        path, own_before, namespace, keep_mtime=keep_mtime, break_links=break_links
    )
    if prepared:
        with prepared:
            prepared.apply()
    return UndoOutcome.TAGS_ONLY


def _restore(source: Source, undo: bytes, before_hash: bytes, *, keep_mtime: bool) -> None:
    def verify(new: Source) -> str | None:
        return None if new.digest() == before_hash else "it would not be as it was before"

    made = rebuild(source, unpack(undo), verify, keep_mtime=keep_mtime)
    try:
        check_unchanged(source.path, source.stat)
        made.file.replace_target()
    finally:
        made.file.remove()
