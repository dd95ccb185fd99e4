"""Connections and transactions: SQLite in WAL mode, or PostgreSQL, behind one door."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from mediant.errors import Busy

BUSY_TIMEOUT_MS = 30_000

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=268435456",
    "PRAGMA journal_size_limit=67108864",
)


class Database:
    """One database. Writers take turns (SQLite has one anyway); readers never wait.

    On SQLite a write is `BEGIN IMMEDIATE`, so that it never fails half-way with a lock upgrade.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._turn = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block, or rolls back when it raises."""
        if self.dialect == "sqlite":
            with self._turn, self._begin() as tx:
                yield tx
        else:
            with self._begin() as tx:
                yield tx

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                if self.dialect == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                with connection.begin() if not connection.in_transaction() else connection:
                    yield connection
                    connection.commit()
        except OperationalError as failed:
            if "database is locked" in str(failed.orig):
                raise Busy("Another program holds the database's write lock.") from failed
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: one consistent snapshot."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def open_database(address: str) -> Database:
    """The database at a SQLAlchemy URL. Creates an SQLite file, but no tables."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=QueuePool, pool_size=16, max_overflow=48)
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        engine = create_engine(url, pool_size=16, max_overflow=16, pool_pre_ping=True)
    return Database(engine)
