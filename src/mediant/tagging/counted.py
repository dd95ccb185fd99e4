"""What figures count: the tags of files that are there. One definition for all that count tags."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, select, true

from mediant.store import Database
from mediant.store.schema_library import file

WORK_MEM = "64MB"
"""PostgreSQL's own 4 MB are too few for hundreds of thousands of ids: it sorts them on disk."""


@contextmanager
def counting(database: Database) -> Iterator[Connection]:
    """A connection for reading, as `Database.read`, with memory to count a whole library."""
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL work_mem = '{WORK_MEM}'")
        yield connection


def is_present(connection: Connection, file_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the file behind this column is there.

    Where nothing is missing there is no condition, so that an index alone can answer.
    """
    missing = select(file.c.id).where(file.c.state == "missing")
    if connection.execute(missing.limit(1)).first() is None:
        return true()
    return file_id.not_in(missing)
