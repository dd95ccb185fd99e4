"""Connections and transactions: SQLite in WAL mode, or PostgreSQL, behind one door."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from mediant.errors import Invalid, Refused
from mediant.store.failures import busy_told
from mediant.store.turn import Turn

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

POSTGRES_OPTIONS = {
    "application_name": "mediant",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""A vanished server is noticed in half a minute, not in the two hours of TCP's defaults."""

SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """One database. On SQLite writers take turns, first come first served; readers never wait.

    What the database itself cannot do now, but may do a moment later, is raised as `Busy`.
    """

    def __init__(self, engine: Engine, reader: Engine) -> None:
        """`engine` writes; `reader` only reads."""
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reader = reader
        self._turn = Turn() if self.dialect == "sqlite" else nullcontext()

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.dialect == "sqlite" and name else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block, or rolls back when it raises.

        On SQLite it holds the write lock from its start, so that it never fails half-way.
        """
        with self._turn, busy_told(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: one consistent snapshot, taken by the first statement."""
        with busy_told(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def change_schema(self) -> Iterator[Connection]:
        """A write that may rebuild tables.

        SQLite rebuilds a table by dropping it, which would delete the rows that refer to it; so
        foreign keys rest meanwhile and are checked before the commit.
        """
        if self.dialect != "sqlite":
            with self.write() as tx:
                yield tx
            return
        with self._turn, busy_told(), self.engine.connect() as connection:
            _set_foreign_keys(connection, "OFF")
            try:
                with connection.begin():
                    yield connection
                    _check_foreign_keys(connection)
            finally:
                _set_foreign_keys(connection, "ON")

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self.engine.dispose()


def _set_foreign_keys(connection: Connection, on_off: str) -> None:
    # Past SQLAlchemy, which would begin a transaction, in which the pragma does nothing.
    connection.connection.cursor().execute(f"PRAGMA foreign_keys={on_off}")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise Refused(f"Table {broken[0]} has a row that refers to no row of {broken[2]}.")


def open_database(address: str) -> Database:
    """The database at a SQLAlchemy URL. Creates an SQLite file, but no tables.

    Raises `Invalid` for an address of anything but a SQLite file or PostgreSQL.
    """
    url = parse(address)
    if url.get_backend_name() == "sqlite":
        return Database(_open_sqlite(url, writes=True), _open_sqlite(url, writes=False))
    options: dict[str, Any] = {"pool_pre_ping": True, "connect_args": dict(POSTGRES_OPTIONS)}
    engine = create_engine(url, pool_size=16, max_overflow=16, **options)
    return Database(engine, engine.execution_options(**SNAPSHOT))


def parse(address: str) -> URL:
    """The address as SQLAlchemy's URL; `Invalid` for anything but SQLite files and PostgreSQL."""
    # `postgres://` is what many compose files say; SQLAlchemy knows the long name only.
    if address.startswith("postgres://"):
        address = address.replace("postgres://", "postgresql://", 1)
    try:
        url = make_url(address)
    except ArgumentError as bad:
        raise Invalid("This is not a database address.", asset="database_url") from bad
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url
    text = "The database must be an SQLite file or PostgreSQL (postgresql://user:password@host/db)."
    raise Invalid(text, asset="database_url")


def _open_sqlite(url: URL, *, writes: bool) -> Engine:
    size, overflow = (1, 0) if writes else (16, 48)
    engine = create_engine(url, poolclass=QueuePool, pool_size=size, max_overflow=overflow)
    event.listen(engine, "connect", _prepare if writes else _prepare_for_reading)
    event.listen(engine, "begin", _begin_writing if writes else _begin_reading)
    return engine


def _prepare(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _prepare_for_reading(dbapi_connection: Any, record: Any) -> None:
    _prepare(dbapi_connection, record)
    dbapi_connection.execute("PRAGMA query_only=ON")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
