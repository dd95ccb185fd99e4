"""The database as a worker may see it: read only, one snapshot, never more than asked for.

Workers write nothing. A job that has to read much (calibration, retagging) gets the address in the
message that `prepare` builds, never in its row, and opens it here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from mediant.store.engine import BUSY_TIMEOUT_MS, POSTGRES_OPTIONS, SNAPSHOT, Database, parse
from mediant.store.failures import busy_told


def address_of(database: Database) -> str:
    """Where a worker finds this database. On PostgreSQL it holds the password: never log it."""
    url = database.engine.url
    if database.path is not None:
        url = url.set(database=str(database.path.absolute()))
    return url.render_as_string(hide_password=False)


@contextmanager
def open_reader(address: str) -> Iterator[Connection]:
    """A connection that can only read: one consistent snapshot, taken by its first statement.

    Rows stream when asked to: `connection.execution_options(yield_per=500).execute(...)`.
    `connection.rollback()` lets the snapshot go, and the next statement takes a new one: a long
    job should do so between its pages, because a snapshot that is held keeps SQLite's log growing.
    Raises `Invalid` for what is no address, and `Busy` for what may work a moment later.
    """
    engine = _open(address)
    try:
        with busy_told(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _open(address: str) -> Engine:
    url = parse(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(Path(str(url.database)))
    engine = create_engine(url, poolclass=NullPool, connect_args=dict(POSTGRES_OPTIONS))
    return engine.execution_options(**SNAPSHOT)


def _open_sqlite(path: Path) -> Engine:
    name = f"file:{quote(str(path.absolute()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(name, uri=True, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    dbapi_connection.execute("PRAGMA query_only=ON")
    dbapi_connection.execute("PRAGMA cache_size=-16384")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
