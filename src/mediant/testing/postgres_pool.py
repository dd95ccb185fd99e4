"""PostgreSQL databases for many tests: copies of one template, emptied and used again."""

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from mediant.testing.postgres import RunningPostgres

_STOP_MS = 120_000
_DISCONNECT = (
    "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SEQUENCES = "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences"
_SHAPE = (
    "SELECT md5(string_agg(concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull), ','"
    " ORDER BY attrelid, attnum)) FROM pg_attribute"
    " WHERE attrelid >= 16384 AND NOT attisdropped AND attnum > 0"
)


class PostgresPool:
    """Hands out databases that look like a fresh copy of the template.

    Making and dropping a database costs a checkpoint each; emptying one costs milliseconds. A
    database whose tables a test has changed is dropped.
    """

    def __init__(self, server: RunningPostgres, template_url: str, kept_table: str) -> None:
        """`kept_table` holds the schema's version: its rows stay, and tell of changes."""
        self._server = server
        self._template_url = template_url
        self._kept = kept_table
        self._shape = self._read_shape(template_url)
        self._free: list[str] = []

    def take(self) -> str:
        """The URL of a database like the template."""
        if self._free:
            return self._free.pop()
        return self._server.new_database(str(make_url(self._template_url).database))

    def give_back(self, url: str) -> None:
        """Empty a database for the next test, whoever is still connected to it."""
        with self._connect(url) as connection:
            connection.execute(_DISCONNECT, (_STOP_MS,))
        if self._read_shape(url) != self._shape:
            self._server.drop_database(url)
            return
        with self._connect(url) as connection:
            connection.execute("SET session_replication_role = replica")
            tables = [name for (name,) in connection.execute(_TABLES) if name != self._kept]
            for name in tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
            connection.execute(_SEQUENCES)
        self._free.append(url)

    def _read_shape(self, url: str) -> tuple[object, ...]:
        with self._connect(url) as connection:
            rows = sql.SQL("SELECT * FROM {}").format(sql.Identifier(self._kept))
            return (
                connection.execute(_SHAPE).fetchone(),
                connection.execute(_TABLES).fetchall(),
                connection.execute(rows).fetchall(),
            )

    def _connect(self, url: str) -> psycopg.Connection:
        parts = make_url(url)
        return psycopg.connect(
            host=str(parts.query["host"]), user=parts.username, dbname=parts.database
        )
