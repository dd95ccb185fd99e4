"""The owner's lock: one server for one database."""

import fcntl
import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from mediant.errors import AlreadyOwned, Refused
from mediant.store.engine import Database
from mediant.store.failures import busy_told
from mediant.store.filesystem import refuse_network

_KEY = 0x6D65_6469_616E_7400
"""PostgreSQL's advisory lock of the owner ("mediant", 0)."""

_REMEDY = "Stop it first, or give this one its own config folder or database."
_HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = :high AND objid = :low AND objsubid = 1 AND pid = pg_backend_pid()"
)
_OTHER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = :high AND l.objid = :low"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_RELEASE = text("SELECT pg_advisory_unlock(:key)")
_HALVES = {"high": _KEY >> 32, "low": _KEY & 0xFFFF_FFFF}


class OwnerLock(Protocol):
    """Held from the server's start to its end; the system frees it when the process dies."""

    def still_owned(self) -> bool:
        """Whether the lock is held. Once False, it stays False: stop working at once."""
        ...

    def release(self) -> None:
        """Let another server have the database."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def own(database: Database) -> OwnerLock:
    """Become the one server of this database.

    Raises `AlreadyOwned` when another one is, `Refused` when SQLite lies on a network share, and
    `Busy` when PostgreSQL does not answer.
    """
    if database.path is None:
        with busy_told():
            return _PostgresLock(database.engine)
    refuse_network(database.path)
    return _FileLock(database.path.with_name(f"{database.path.name}.lock"))


class _Lock:
    """What both locks share: the `with` block."""

    def release(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.release()


class _FileLock(_Lock):
    """`flock` on a file beside the database. The file stays: removing it would open a race."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = _open(path)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            holder = os.read(self._file, 200).decode(errors="replace").strip()
            os.close(self._file)
            raise _already(holder, str(path.with_suffix(""))) from taken
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, _me().encode(), 0)

    def still_owned(self) -> bool:
        if self._file is None:
            return False
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(self._file)
        return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def release(self) -> None:
        if self._file is not None:
            # Closing is not enough while a process that was just started has a copy of the file.
            fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = None


class _PostgresLock(_Lock):
    """An advisory lock that lives as long as its own connection."""

    def __init__(self, engine: Engine) -> None:
        self._guard = threading.Lock()
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        self._connection: Connection | None = connection
        try:
            self._take(connection, str(engine.url.database))
        except BaseException:
            connection.close()
            raise

    def _take(self, connection: Connection, name: str) -> None:
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar():
            label = {"label": f"mediant {_me()}"[:63]}
            connection.execute(text("SELECT set_config('application_name', :label, false)"), label)
            return
        holder = connection.execute(_OTHER, _HALVES).scalar() or ""
        raise _already(holder.removeprefix("mediant").strip(), name)

    def still_owned(self) -> bool:
        with self._guard:
            if self._connection is None:
                return False
            try:
                held = self._connection.execute(_HELD, _HALVES).scalar() == 1
            except DBAPIError:
                held = False
            if not held:
                self._close()
            return held

    def release(self) -> None:
        with self._guard:
            if self._connection is not None:
                # PostgreSQL sees only some time after it that a connection was closed.
                with suppress(DBAPIError):
                    self._connection.execute(_RELEASE, {"key": _KEY})
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failed:
        text_ = f"The lock file cannot be opened: {failed.strerror}."
        raise Refused(text_, asset=str(path)) from failed


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _already(holder: str, name: str) -> AlreadyOwned:
    who = f" ({holder})" if holder else ""
    return AlreadyOwned(
        f"Another Mediant server{who} owns this database.", asset=name, remedy=_REMEDY
    )
