"""The rows of the table `library`, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, Text, cast, exists, literal_column, select

from mediant.errors import Invalid, NotFound
from mediant.jobs.job import NewJob
from mediant.kernel.clock import to_datetime
from mediant.kernel.paths import is_within
from mediant.store.schema_jobs import job
from mediant.store.schema_library import library

SCAN = "scan"
"""The kind of job that scans; a whole scan has the library's id as its dedup key."""

WatchMode = Literal["off", "event", "poll"]
WATCH_MODES = ("off", "event", "poll")
WRITE_MODES = ("none", "minimal", "full")
_CHANGEABLE = {"name", "root_path", "is_enabled", "watch_mode", "write_mode"}

LOOSE_NAME = "loose files"
LOOSE_ROOT = "/"
"""Root of the hidden library that holds single files as long as there is no real library."""


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A library. `scan_state`: running while a whole scan runs, else what became of the last one:
    never, done, failed."""

    id: int
    name: str
    root_path: Path
    is_enabled: bool
    watch_mode: WatchMode
    write_mode: str
    scan_state: str
    scan_error: str | None
    scanned_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_loose(self) -> bool:
        """Whether it is the hidden one for single files."""
        return str(self.root_path) == LOOSE_ROOT


OnChanged = Callable[[Connection, LibraryEntry, Sequence[int]], Sequence[NewJob]]
"""Told of files whose analysis may be out of date (added, changed, returned or moved), in the
transaction that recorded them; answers with the jobs to enqueue. It leaves out files whose
content it already knows (same size and time)."""


OnScanned = Callable[[Connection, LibraryEntry], Sequence[NewJob]]
"""Told when a scan of a whole library ends, in its transaction; answers with jobs to enqueue."""


TellHindrance = Callable[[], str | None]
"""Why nothing is made of new files now, in a sentence; None when nothing stands in the way."""


def no_jobs(_tx: Connection, _entry: LibraryEntry, _file_ids: Sequence[int]) -> Sequence[NewJob]:
    """The `OnChanged` of a server that only keeps the list of files."""
    return ()


def no_sweep(_tx: Connection, _entry: LibraryEntry) -> Sequence[NewJob]:
    """The `OnScanned` of a server that only keeps the list of files."""
    return ()


def no_hindrance() -> str | None:
    """The `TellHindrance` of a server that has no use for new files."""
    return None


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raise Invalid for a field that no library has, a bad mode, or an empty name."""
    if unknown := sorted(set(fields) - _CHANGEABLE):
        raise Invalid(f"A library has no field {unknown[0]!r} that can be changed.")
    if not str(fields.get("name", "x")).strip():
        raise Invalid("A library needs a name.")
    for name, allowed in (("watch_mode", WATCH_MODES), ("write_mode", WRITE_MODES)):
        if fields.get(name, allowed[0]) not in allowed:
            raise Invalid(f"{name} is one of {', '.join(allowed)}.", asset=str(fields[name]))


def _rows() -> Select[Any]:
    # Asked of the job itself, so that no crash or cancel leaves a library "running" for ever.
    is_scanning = exists().where(
        job.c.kind == SCAN,
        job.c.dedup_key == cast(library.c.id, Text),
        job.c.state == literal_column("'running'"),  # written out for the index
    )
    return select(library, is_scanning.label("is_scanning"))


def _to_entry(row: Row[Any]) -> LibraryEntry:
    return LibraryEntry(
        id=row.id,
        name=row.name,
        root_path=Path(row.root_path),
        is_enabled=bool(row.is_enabled),
        watch_mode=row.watch_mode,
        write_mode=row.write_mode,
        scan_state="running" if row.is_scanning else row.scan_state,
        scan_error=row.scan_error,
        scanned_at=None if row.scanned_at is None else to_datetime(row.scanned_at),
        created_at=to_datetime(row.created_at),
        updated_at=to_datetime(row.updated_at),
    )


def read_library(connection: Connection, library_id: int) -> LibraryEntry:
    """One library; NotFound."""
    row = connection.execute(_rows().where(library.c.id == library_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such library.", asset=str(library_id))
    return _to_entry(row)


def read_libraries(connection: Connection, *, enabled_only: bool = False) -> list[LibraryEntry]:
    """All libraries but the hidden one, by name."""
    query = _rows().where(library.c.root_path != LOOSE_ROOT)
    if enabled_only:
        query = query.where(library.c.is_enabled == 1)
    return [_to_entry(row) for row in connection.execute(query.order_by(library.c.name))]


def find_loose(connection: Connection) -> LibraryEntry | None:
    """The hidden library, when it was ever needed."""
    query = _rows().where(library.c.root_path == LOOSE_ROOT)
    row = connection.execute(query).one_or_none()
    return None if row is None else _to_entry(row)


def covering(libraries: Sequence[LibraryEntry], path: Path) -> LibraryEntry | None:
    """The library that a resolved path lies in. Roots never overlap."""
    return next((one for one in libraries if is_within(path, one.root_path)), None)
