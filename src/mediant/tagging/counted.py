"""What figures count: the tags of files that are there. One definition for all that count tags."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, literal_column, select, true, union_all

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
    """Whether the file behind this column is there, and not passed over by the settings.

    Where nothing is away there is no condition, so that an index alone can answer.
    """
    # Written out, not bound, and one by one: each state has an index of its own.
    states = (file.c.state == literal_column(f"'{state}'") for state in ("missing", "ignored"))
    away = union_all(*(select(file.c.id).where(state) for state in states))
    if connection.execute(away.limit(1)).first() is None:
        return true()
    return file_id.not_in(away)
