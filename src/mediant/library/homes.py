"""The library that a path belongs to, with the hidden one for single files."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, func, insert, update

from mediant.errors import Forbidden, Invalid, NotFound
from mediant.kernel.clock import now_s
from mediant.kernel.paths import is_storable, is_within, real, to_relative
from mediant.library.libraries import (
    LOOSE_NAME,
    LOOSE_ROOT,
    LibraryEntry,
    covering,
    find_loose,
    read_libraries,
    read_library,
)
from mediant.library.walk import show_name
from mediant.store.schema_library import file, library


def read_real(connection: Connection, library_id: int) -> LibraryEntry:
    """A library that users know; NotFound, also for the hidden one."""
    entry = read_library(connection, library_id)
    if entry.is_loose:
        raise NotFound("There is no such library.", asset=str(library_id))
    return entry


def target_of(entry: LibraryEntry, path: Path) -> str:
    """A path of a partial scan, relative to the root. Its last part may be a link or gone."""
    resolved = real(path if path.is_absolute() else entry.root_path / path)
    if not is_within(resolved, entry.root_path):
        raise Invalid(f"It lies outside the library {entry.name!r}.", asset=str(path))
    if not is_storable(str(resolved)):
        raise Invalid("The name is not valid UTF-8.", asset=show_name(str(path)))
    return "" if resolved == entry.root_path else to_relative(resolved, entry.root_path)


def find_home(connection: Connection, path: Path) -> LibraryEntry | None:
    """The library of a resolved path, else the hidden one, when there is one."""
    return covering(read_libraries(connection), path) or find_loose(connection)


def allowed_home(libraries: Sequence[LibraryEntry], path: Path) -> LibraryEntry | None:
    """The library of a path; None when there is none at all; else Forbidden."""
    entry = covering(libraries, path)
    if libraries and entry is None:
        raise Forbidden(
            "The path lies in no library.",
            asset=str(path),
            remedy="Add its folder first: `mediant libraries add FOLDER`.",
        )
    return entry


def make_loose(tx: Connection) -> LibraryEntry:
    """The hidden library, made on first use."""
    entry = find_loose(tx)
    if entry is not None:
        return entry
    now = now_s()
    values = {"name": LOOSE_NAME, "root_path": LOOSE_ROOT, "is_enabled": 0}
    row = insert(library).values(**values, created_at=now, updated_at=now).returning(library.c.id)
    return read_library(tx, int(tx.scalars(row).one()))


def adopt_loose(tx: Connection, entry: LibraryEntry) -> None:
    """Single files below a new root keep their rows, and so their tags, in the new library."""
    loose = find_loose(tx)
    if loose is None:
        return
    prefix = to_relative(entry.root_path, loose.root_path)
    tx.execute(
        update(file)
        .where(file.c.library_id == loose.id)
        .where(file.c.path >= f"{prefix}/", file.c.path < f"{prefix}0")
        .values(library_id=entry.id, path=func.substr(file.c.path, len(prefix) + 2))
    )
