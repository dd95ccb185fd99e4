"""Connections and transactions: SQLite in WAL mode, or PostgreSQL, behind one door."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from mediant.errors import Invalid, Refused
from mediant.kernel.clock import monotonic_s
from mediant.store.failures import busy_told
from mediant.store.place import Place
from mediant.store.turn import PATIENCE_S, Turn

BUSY_TIMEOUT_MS = int(PATIENCE_S * 1000)

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=268435456",
    "PRAGMA journal_size_limit=67108864",
)

WRITER_CACHE_KIB = 65536
READER_CACHE_KIB = 8192
"""A page that is read once is in the system's cache and mapped from there; what many readers keep
besides is paid for many times."""
READERS = 8
READERS_AT_PEAK = 32
"""Readers above `READERS` are closed after use, and their memory is given back."""

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

    def __init__(self, engine: Engine, reader: Engine, place: Place | None = None) -> None:
        """`engine` writes; `reader` only reads. `place`: where SQLite's file lies."""
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reader = reader
        self._place = place
        self._turn = Turn() if self.dialect == "sqlite" else None

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.dialect == "sqlite" and name else None

    def check_place(self) -> None:
        """Raise `DatabaseGone` when SQLite's file was moved away, or another put in its place.

        Every transaction does so itself, before it begins and before it commits.
        """
        if self._place is not None:
            self._place.check()

    @contextmanager
    def write(self, patience_s: float = PATIENCE_S) -> Iterator[Connection]:
        """A transaction that commits at the end of the block, or rolls back when it raises.

        On SQLite it holds the write lock from its start, so that it never fails half-way; it waits
        for that lock `patience_s` seconds in all, be it held in this process or by another one.
        """
        until = monotonic_s() + patience_s
        with self._take_turn(patience_s), busy_told():
            self.check_place()
            with self.engine.connect() as connection:
                self._limit_wait(connection, until)
                with connection.begin():
                    yield connection
                    self.check_place()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: one consistent snapshot, taken by the first statement."""
        with busy_told():
            self.check_place()
            with self._reader.connect() as connection, connection.begin():
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
        with self._take_turn(PATIENCE_S), busy_told(), self.engine.connect() as connection:
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

    def _take_turn(self, patience_s: float) -> AbstractContextManager[None]:
        return nullcontext() if self._turn is None else self._turn.taken(patience_s)

    def _limit_wait(self, connection: Connection, until: float) -> None:
        if self.dialect == "sqlite":
            left_ms = max(1, int((until - monotonic_s()) * 1000))
            connection.connection.cursor().execute(f"PRAGMA busy_timeout={left_ms}")


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
        place = Place(Path(str(url.database)))
        writer, reader = (_open_sqlite(url, place, writes=writes) for writes in (True, False))
        return Database(writer, reader, place)
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


def _open_sqlite(url: URL, place: Place, *, writes: bool) -> Engine:
    size, most = (1, 1) if writes else (READERS, READERS_AT_PEAK)
    engine = create_engine(url, poolclass=QueuePool, pool_size=size, max_overflow=most - size)

    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return place.connect(*arguments, **options)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", _prepare if writes else _prepare_for_reading)
    event.listen(engine, "begin", _begin_writing if writes else _begin_reading)
    return engine


def _prepare(dbapi_connection: Any, _record: Any) -> None:
    _set_up(dbapi_connection, WRITER_CACHE_KIB)


def _prepare_for_reading(dbapi_connection: Any, _record: Any) -> None:
    _set_up(dbapi_connection, READER_CACHE_KIB)
    dbapi_connection.execute("PRAGMA query_only=ON")


def _set_up(dbapi_connection: Any, cache_kib: int) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.execute(f"PRAGMA cache_size=-{cache_kib}")
    cursor.close()


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
