"""The rows of the table `file`, as values, and how single ones are written."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from mediant.errors import Invalid, MediaError, NotFound
from mediant.kernel.clock import now_s, to_datetime
from mediant.kernel.paths import is_storable, to_relative
from mediant.library.diff import AWAY, Found
from mediant.library.libraries import LibraryEntry
from mediant.library.moves import IS_MISSING
from mediant.library.recipes import CAN_UNDO
from mediant.library.walk import AUDIO_SUFFIXES, found, is_audio, show_name
from mediant.store.schema_library import file, library, media

_PURGE_ROWS = 5_000
_REGULAR = 0o100000
_FOLDER = 0o040000


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a library. `path` is absolute. `state`: present, missing, ignored (the settings
    pass over it), or new (found by a scan that has not yet decided whether it is a moved file)."""

    id: int
    library_id: int
    path: Path
    relative_path: str
    size: int
    mtime_ns: int
    inode: int
    state: str
    fingerprint: bytes | None
    added_at: datetime
    changed_at: datetime
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class LibraryStatistics:
    """Figures over all libraries, or one. Durations and names are those of files that were read."""

    files: int
    missing: int
    size_bytes: int
    duration_s: float
    artists: int
    albums: int


def entries() -> Select[Any]:
    """The query behind every `FileEntry`."""
    return select(file, library.c.root_path).join(library, library.c.id == file.c.library_id)


def to_entry(row: Row[Any]) -> FileEntry:
    """A row of `entries` as a value."""
    return FileEntry(
        id=row.id,
        library_id=row.library_id,
        path=Path(row.root_path, row.path),
        relative_path=row.path,
        size=row.size,
        mtime_ns=row.mtime_ns,
        inode=row.inode,
        state=row.state,
        fingerprint=row.fingerprint,
        added_at=to_datetime(row.added_at),
        changed_at=to_datetime(row.changed_at),
        missing_since=None if row.missing_since is None else to_datetime(row.missing_since),
    )


def read_file(connection: Connection, file_id: int) -> FileEntry:
    """One file; NotFound."""
    row = connection.execute(entries().where(file.c.id == file_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such file.", asset=str(file_id))
    return to_entry(row)


def find_row(connection: Connection, library_id: int, relative_path: str) -> FileEntry | None:
    """The file at a path of a library, when it is known."""
    query = entries().where(file.c.library_id == library_id, file.c.path == relative_path)
    row = connection.execute(query).one_or_none()
    return None if row is None else to_entry(row)


def contains_text(text: str) -> Any:
    """The condition that a path contains a text; `%` and `_` mean themselves."""
    return file.c.path.icontains(text, autoescape=True)


def is_folder(path: Path) -> bool:
    """Whether it is a folder. Raises MediaError(`missing` or `unreadable`)."""
    return (_stat(path, "There is no such file or folder.").st_mode & 0o170000) == _FOLDER


def _stat(path: Path, missing: str) -> os.stat_result:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError) as failed:
        raise MediaError("missing", missing, asset=str(path)) from failed
    except OSError as failed:
        text = f"It cannot be reached ({failed.strerror})."
        raise MediaError("unreadable", text, asset=str(path)) from failed


def look_at(path: Path, root: Path) -> Found:
    """The file as it stands on the disk. `path` is resolved and lies below `root`.

    Raises MediaError(`missing` or `unreadable`), or Invalid when it is no audio file by its name.
    """
    if not is_storable(str(path)):
        raise Invalid("The name is not valid UTF-8.", asset=show_name(str(path)))
    if not is_audio(path.name):
        known = ", ".join(sorted(AUDIO_SUFFIXES))
        raise Invalid("This is no audio file by its name.", asset=str(path), remedy=f"({known})")
    stat = _stat(path, "The file is not there.")
    if stat.st_mode & 0o170000 != _REGULAR:
        raise Invalid("This is not a regular file.", asset=str(path))
    return found(to_relative(path, root), stat)


def record(tx: Connection, entry: LibraryEntry, seen: Found) -> int:
    """Make the row of one file say what was seen; its id. The file counts as present."""
    now = now_s()
    place = (file.c.library_id == entry.id, file.c.path == seen.path)
    row = tx.execute(
        select(file.c.id, file.c.size, file.c.mtime_ns, file.c.inode, file.c.state).where(*place)
    ).one_or_none()
    if row is None:
        values = {"library_id": entry.id, **seen._asdict(), "added_at": now, "changed_at": now}
        return int(tx.scalars(insert(file).values(**values).returning(file.c.id)).one())
    change: dict[str, Any] = {}
    if (row.size, row.mtime_ns, row.inode) != seen[1:]:
        change = {**seen._asdict(), "fingerprint": None, "changed_at": now}
    if row.state != "present":
        change |= {"state": "present", "missing_since": None}
    if change:
        tx.execute(update(file).where(file.c.id == row.id).values(**change))
    return int(row.id)


def purge_some(tx: Connection, library_id: int, only: Sequence[ColumnElement[bool]] = ()) -> int:
    """Forget up to 5,000 missing files of a library, with all that is known of them; `only` those
    of which these conditions are true."""
    return remove_some(tx, library_id, (IS_MISSING, *only))


def remove_missing(
    tx: Connection,
    library_id: int,
    paths: Sequence[str] | None,
    when: tuple[float | None, float],
    most: int,
) -> int:
    """Forget the missing files of a library, or of some of its files and folders; how many.

    At most `most` of them: what is known of a file may be hundreds of rows. Files whose writes can
    be undone are kept. `when`: only those that were missed between these moments (epoch seconds).
    """
    since, until = when
    gone = [IS_MISSING, ~CAN_UNDO, file.c.missing_since <= until]
    gone += [] if since is None else [file.c.missing_since >= since]
    places: list[list[ColumnElement[bool]]] = [[]]
    if paths is not None:
        places = [[or_(file.c.path == path, _lies_below(path))] for path in paths]
    removed = 0
    for place in places:
        some = select(file.c.id).where(file.c.library_id == library_id, *gone, *place)
        some = some.limit(most - removed)
        removed += tx.execute(delete(file).where(file.c.id.in_(some))).rowcount
        if removed >= most:
            break
    return removed


def _lies_below(folder: str) -> ColumnElement[bool]:
    return and_(file.c.path >= f"{folder}/", file.c.path < f"{folder}0")  # "0" follows "/"


def list_direct(connection: Connection, entry: LibraryEntry, folder: Path) -> list[Path]:
    """The audio files that lie directly in a folder of a library, or lay there when it was last
    seen; a file stands for itself."""
    if folder.exists() and not folder.is_dir():
        return [folder]
    prefix = "" if folder == entry.root_path else to_relative(folder, entry.root_path)
    here = _lies_below(prefix) if prefix else file.c.path >= ""
    known = connection.scalars(select(file.c.path).where(file.c.library_id == entry.id, here))
    depth = len(prefix) + 1 if prefix else 0
    found = {entry.root_path / path for path in known if "/" not in path[depth:]}
    if folder.is_dir():
        found |= {one for one in folder.iterdir() if is_audio(one.name) and one.is_file()}
    return sorted(found)


def remove_some(tx: Connection, library_id: int, only: Sequence[ColumnElement[bool]] = ()) -> int:
    """Remove up to 5,000 rows of a library, `only` those of which these conditions are true."""
    some = select(file.c.id).where(file.c.library_id == library_id, *only).limit(_PURGE_ROWS)
    return tx.execute(delete(file).where(file.c.id.in_(some))).rowcount


def read_statistics(connection: Connection, library_id: int | None = None) -> LibraryStatistics:
    """Counted by the database. Missing files count only in `missing`,
    ignored ones not at all."""
    here = [] if library_id is None else [file.c.library_id == library_id]
    missing = connection.scalar(select(func.count()).select_from(file).where(IS_MISSING, *here))
    is_there = (file.c.state.not_in(sorted(AWAY)), *here)
    files, size = connection.execute(
        select(func.count(), func.coalesce(func.sum(file.c.size), 0)).where(*is_there)
    ).one()
    performer = func.coalesce(media.c.album_artist, media.c.artist)
    albums = (
        select(performer, media.c.album)
        .join(file, file.c.id == media.c.file_id)
        .where(media.c.album.is_not(None), *is_there)
        .distinct()
        .subquery()
    )
    duration, artists = connection.execute(
        select(
            func.coalesce(func.sum(media.c.duration_s), 0.0),
            func.count(media.c.artist.distinct()),
        )
        .join(file, file.c.id == media.c.file_id)
        .where(*is_there)
    ).one()
    return LibraryStatistics(
        files=int(files),
        missing=int(missing or 0),
        size_bytes=int(size),
        duration_s=float(duration),
        artists=int(artists),
        albums=int(connection.scalar(select(func.count()).select_from(albums)) or 0),
    )
