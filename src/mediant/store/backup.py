"""Copies of the SQLite database, taken while it is in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from mediant.errors import Refused
from mediant.kernel.clock import now_s, to_datetime
from mediant.kernel.flush import sync_folder
from mediant.store.engine import Database

_STAMP = "%Y%m%dT%H%M%S"


def back_up(database: Database, folder: Path, label: str = "manual") -> Path:
    """A complete copy of the database in `folder`; readers and writers go on meanwhile.

    The file appears under its name only when it is whole and on the disk. Raises `Refused` on
    PostgreSQL, which has its own tools, and when the copy is damaged.
    """
    if database.path is None:
        remedy = "Make a dump with pg_dump."
        raise Refused("Mediant does not back up PostgreSQL.", remedy=remedy)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = _free_name(folder, f"mediant-{to_datetime(now_s()).strftime(_STAMP)}-{label}")
    partial = target.with_suffix(".partial")
    try:
        _copy(database.path, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(folder)
    return target


def list_backups(folder: Path, label: str = "") -> list[Path]:
    """The backups in a folder, those whose label begins so, newest first."""
    return sorted(folder.glob(f"mediant-*-{label}*.db"), key=lambda p: p.name, reverse=True)


def prune_backups(folder: Path, keep: int, label: str) -> list[Path]:
    """Remove all but the newest `keep` whose label begins so; the removed ones."""
    removed = list_backups(folder, label)[keep:]
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def _free_name(folder: Path, stem: str) -> Path:
    path, count = folder / f"{stem}.db", 1
    while path.exists():
        count += 1
        path = folder / f"{stem}-{count}.db"
    return path


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        uri = f"{source.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
            found = new.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as failed:
        raise Refused(f"The copy failed: {failed}.", asset=str(source)) from failed
    if found != "ok":
        raise Refused(f"The database is damaged: {found}", asset=str(source))
    with target.open("rb") as file:
        os.fsync(file.fileno())
