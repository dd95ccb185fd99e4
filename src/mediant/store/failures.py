"""What a database error means: try again, or make room."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from mediant.errors import Busy

_DISK_FULL = "53100"
_PASSING = {
    "40001": "serialization failure",
    "40P01": "deadlock",
    "53300": "too many connections",
    "55P03": "lock not available",
    "57P01": "stopped by its administrator",
    "57P02": "crashed",
    "57P03": "starting or stopping",
}
"""PostgreSQL's codes for what may be over in a moment. Read from the error, not from psycopg, which
nobody with SQLite shall have to load."""


def is_disk_full(error: DBAPIError) -> bool:
    """Whether the statement was rolled back because there was no space left."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _DISK_FULL


def find_busy(error: DBAPIError) -> Busy | None:
    """The `Busy` that an error stands for, when the same call may work a moment later.

    A connection that broke during a commit is among them: the commit may have happened.
    """
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        locked = _sqlite_code(cause) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
        return Busy("Another program holds the database's write lock.") if locked else None
    code = getattr(cause, "sqlstate", None)
    if code in _PASSING:
        return Busy(f"PostgreSQL broke off the transaction: {_PASSING[code]}.")
    if error.connection_invalidated or (code is None and isinstance(error, OperationalError)):
        first_line = str(cause).strip().partition("\n")[0]
        return Busy(
            f"PostgreSQL does not answer: {first_line.rstrip('.')}.",
            asset="setting database_url",
            remedy="Check that it runs, and the address in MEDIANT_DATABASE_URL or mediant.yaml.",
        )
    return None


@contextmanager
def busy_told() -> Iterator[None]:
    """Raise `Busy` in the place of an error that stands for it; others pass as they are."""
    try:
        yield
    except DBAPIError as failed:
        busy = find_busy(failed)
        if busy is None:
            raise
        raise busy from failed
    except NoConnectionFree as failed:
        raise Busy("All connections to the database are in use.") from failed


def _sqlite_code(cause: sqlite3.Error) -> int:
    """The primary result code: the lower byte of the extended one."""
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF
