"""A worker's view of the database: it reads, it streams, and it changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import URL, func, insert, select
from sqlalchemy.exc import DBAPIError

from mediant.errors import Invalid
from mediant.store import Database
from mediant.store.reading import address_of, open_reader
from mediant.store.schema_library import library

ROWS = 2_000


def add_libraries(database: Database, first: int, count: int) -> None:
    """Rows to read."""
    with database.write() as tx:
        tx.execute(
            insert(library),
            [
                {"name": f"n{n}", "root_path": f"/music/{n}", "created_at": 0.0, "updated_at": 0.0}
                for n in range(first, first + count)
            ],
        )


def test_a_reader_sees_what_was_committed_and_streams_it(database: Database) -> None:
    add_libraries(database, 0, ROWS)
    with open_reader(address_of(database)) as connection:
        found = connection.execution_options(yield_per=100).execute(select(library.c.name))
        assert sum(1 for _ in found) == ROWS


def test_a_snapshot_stands_until_it_is_let_go(database: Database) -> None:
    add_libraries(database, 0, 1)
    count = select(func.count()).select_from(library)
    with open_reader(address_of(database)) as connection:
        assert connection.scalar(count) == 1
        add_libraries(database, 1, 1)
        assert connection.scalar(count) == 1
        connection.rollback()
        assert connection.scalar(count) == 2


def test_a_reader_cannot_write(database: Database) -> None:
    with open_reader(address_of(database)) as connection, pytest.raises(DBAPIError):
        connection.execute(
            insert(library).values(name="x", root_path="/x", created_at=0.0, updated_at=0.0)
        )
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(library)) == 0


def test_a_reader_holds_no_writer_up(database: Database) -> None:
    with open_reader(address_of(database)) as connection:
        connection.scalar(select(func.count()).select_from(library))
        add_libraries(database, 0, 1)  # nobody would let it go on before the end of the block
        count = select(func.count()).select_from(library)
        with database.read() as other:
            assert other.scalar(count) == 1


def test_an_odd_path_is_a_path(sqlite_template: Path, tmp_path: Path) -> None:
    odd = tmp_path / "a b#c%20?d"
    odd.mkdir()
    path = odd / "mediant.db"
    path.write_bytes(sqlite_template.read_bytes())

    address = URL.create("sqlite", database=str(path)).render_as_string()
    with open_reader(address) as connection:
        assert connection.scalar(select(func.count()).select_from(library)) == 0


def test_what_is_no_database_is_refused() -> None:
    with pytest.raises(Invalid), open_reader("mysql://somewhere/db"):
        pass
