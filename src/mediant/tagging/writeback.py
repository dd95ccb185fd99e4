"""Putting a track's tags into its file, in an order that survives a crash at any point.

A temporary file is made beside the media file, the record that undoes the write is committed, and
only then is the file replaced. A crash in between leaves a `prepared` record, and the file's own
hash tells the next attempt on which side of the replacement it happened.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import Invalid, WriteError
from mediant.tagging.tags import Tags, select_for_mode
from mediant.tagging.track import WriteOutcome
from mediant.tagging.wish import UNSUPPORTED
from mediant.tagging.write import PreparedWrite, prepare_write, supported_container


@dataclass(frozen=True, slots=True)
class WritePlan:
    """How tags go into files. `remember` commits the undo record and returns when it is safe."""

    mode: str
    namespace: str
    keep_mtime: bool
    break_links: bool
    remember: Callable[[Mapping[str, Any]], None]


def write_tags(path: Path, tags: Tags, plan: WritePlan) -> WriteOutcome:
    """Write what the plan's mode selects.

    A file that cannot be written is an outcome with its reason, not an exception: the results
    are kept in the database all the same.
    """
    if supported_container(path) is None:
        return WriteOutcome("skipped", plan.mode, "unsupported_container", UNSUPPORTED)
    try:
        return _write(path, select_for_mode(tags, plan.mode), plan)
    except (WriteError, Invalid) as failed:
        # Invalid: a key or value that no container can hold, such as the odd name of a user's head.
        return WriteOutcome("failed", plan.mode, failed.code, str(failed))


def _write(path: Path, wanted: Tags, plan: WritePlan) -> WriteOutcome:
    tags = {key: list(values) for key, values in wanted.items()}
    prepared = prepare_write(
        path,
        tags,
        namespace=plan.namespace,
        keep_mtime=plan.keep_mtime,
        break_links=plan.break_links,
    )
    if prepared is None:
        return WriteOutcome("unchanged", plan.mode)
    with prepared:
        plan.remember({"undo": describe(path, plan.mode, prepared)})
        try:
            written = prepared.apply()
        except WriteError:
            settle(path, plan.remember)
            raise
    return WriteOutcome(
        "written",
        plan.mode,
        keys_written=prepared.keys_written,
        size=written.size,
        mtime_ns=written.mtime_ns,
        inode=written.inode,
    )


def settle(path: Path, remember: Callable[[Mapping[str, Any]], None]) -> None:
    """Tell what the file is now, so that records of unfinished writes are kept or dropped."""
    with path.open("rb") as file:
        remember({"settled": hashlib.file_digest(file, "sha256").digest()})


def describe(path: Path, mode: str, prepared: PreparedWrite) -> dict[str, Any]:
    """The undo record as it travels to the server."""
    return {
        "path": str(path),
        "mode": mode,
        "before_hash": prepared.before_hash,
        "after_hash": prepared.after_hash,
        "undo": prepared.undo,
        "own_before": {key: list(values) for key, values in prepared.own_before.items()},
    }
