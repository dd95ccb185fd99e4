"""The rows that say which subtitle files are ours, and which language was heard where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from mediant.jobs.job import NewJob
from mediant.kernel.clock import now_s
from mediant.store.schema_subtitles import spoken_language, written_subtitle

INTENDED, WRITTEN = "intended", "written"


@dataclass(frozen=True, slots=True)
class Written:
    """A subtitle file that is whole and in its place."""

    job_id: int
    video: str
    path: str
    language: str
    """Of its text, ISO 639-2/T."""
    source_language: str
    """That was spoken."""
    mode: str
    is_manual: bool


AfterWritten = Callable[[Connection, Written], Sequence[NewJob]]
"""What else is to be done about a new file; asked in the transaction that ends its job."""


def do_nothing_more(_tx: Connection, _written: Written) -> Sequence[NewJob]:
    """Nobody else wants to know of new files."""
    return ()


@dataclass(frozen=True, slots=True)
class Content:
    """Which content of a file a finding is true for."""

    path: str
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Content":
        """From the worker's result."""
        return cls(str(told["path"]), int(told["size"]), int(told["mtime_ns"]))


def list_sums(tx: Connection, video: str) -> dict[str, list[str]]:
    """The files that are ours for a video: path -> checksums that it may have."""
    columns = written_subtitle.c
    query = select(columns.path, columns.sha256, columns.replaces).where(columns.video == video)
    return {
        row.path: [one for one in (row.sha256, row.replaces) if one] for row in tx.execute(query)
    }


def note_intent(tx: Connection, job_id: int, video: str, part: Mapping[str, Any]) -> None:
    """Before a file gets its name: what it will be, and what of ours it replaces."""
    row = {
        "video": video,
        "language": part["language"],
        "sha256": part["sha256"],
        "replaces": part.get("replaces"),
        "state": INTENDED,
        "job_id": job_id,
        "written_at": now_s(),
    }
    here = written_subtitle.c.path == part["intends"]
    if not tx.execute(update(written_subtitle).where(here).values(**row)).rowcount:
        tx.execute(insert(written_subtitle).values(path=part["intends"], **row))


def note_written(tx: Connection, path: str, sha256: str) -> None:
    """The file has its name."""
    here = written_subtitle.c.path == path
    row = {"sha256": sha256, "replaces": None, "state": WRITTEN, "written_at": now_s()}
    tx.execute(update(written_subtitle).where(here).values(**row))


def settle_intent(tx: Connection, path: str, found: str | None) -> None:
    """After an interrupted attempt: `found` is the checksum of what has the name now, if any."""
    here = written_subtitle.c.path == path
    query = select(written_subtitle.c.sha256, written_subtitle.c.replaces)
    row = tx.execute(query.where(here, written_subtitle.c.state == INTENDED)).first()
    if row is None:
        return
    if found is not None and found in (row.sha256, row.replaces):
        note_written(tx, path, found)
    else:
        tx.execute(delete(written_subtitle).where(here))


def list_intended(tx: Connection) -> list[tuple[str, int]]:
    """Files that were about to be written, and the job that did it."""
    columns = written_subtitle.c
    query = select(columns.path, columns.job_id).where(columns.state == INTENDED)
    return [(row.path, row.job_id) for row in tx.execute(query)]


def note_spoken(tx: Connection, content: Content, language: str, confidence: float) -> None:
    """Which language was heard in this content of a file; `und` where none was."""
    row = {
        "size": content.size,
        "mtime_ns": content.mtime_ns,
        "language": language,
        "confidence": confidence,
        "found_at": now_s(),
    }
    here = spoken_language.c.path == content.path
    if not tx.execute(update(spoken_language).where(here).values(**row)).rowcount:
        tx.execute(insert(spoken_language).values(path=content.path, **row))


def find_spoken(tx: Connection, path: str) -> dict[str, Any] | None:
    """What was heard in a file: {size, mtime_ns, language, confidence}, or None."""
    columns = spoken_language.c
    wanted = (columns.size, columns.mtime_ns, columns.language, columns.confidence)
    row = tx.execute(select(*wanted).where(columns.path == path)).first()
    return None if row is None else dict(row._mapping)
