"""Transactions on both databases."""

import sqlite3
import threading

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from mediant.errors import Busy, Invalid, MediantError
from mediant.kernel.clock import monotonic_s
from mediant.store import Database, open_database
from mediant.store.failures import is_disk_full
from mediant.store.schema_library import path_map
from mediant.testing.postgres import temporary_postgres

PATIENCE_S = 300.0
"""A slow disk lets nobody wait so long."""
WAITING = 25


def add(database: Database, name: str, patience_s: float = PATIENCE_S) -> None:
    with database.write(patience_s) as tx:
        tx.execute(insert(path_map).values(theirs=name, ours="/media"))


def add_many(database: Database) -> None:
    with database.write() as tx:
        tx.execute(
            insert(path_map), [{"theirs": f"/{n}", "ours": "/media" * 20} for n in range(1000)]
        )


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(path_map)).scalar_one()


def test_a_write_is_there_afterwards(database: Database) -> None:
    add(database, "/data")
    assert count(database) == 1


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def break_off() -> None:
        with database.write() as tx:
            tx.execute(insert(path_map).values(theirs="/data", ours="/media"))
            raise MediantError

    with pytest.raises(MediantError):
        break_off()
    assert count(database) == 0
    add(database, "/data")
    assert count(database) == 1


def test_a_reader_sees_one_moment_and_does_not_wait(database: Database) -> None:
    with database.read() as connection:
        before = connection.execute(select(func.count()).select_from(path_map)).scalar_one()
        add(database, "/data")
        after = connection.execute(select(func.count()).select_from(path_map)).scalar_one()
    assert (before, after) == (0, 0)
    assert count(database) == 1


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), database.read() as connection:
        connection.execute(insert(path_map).values(theirs="/data", ours="/media"))
    assert count(database) == 0


def test_writers_of_many_threads_all_get_through(database: Database) -> None:
    def write(start: int) -> None:
        for n in range(10):
            add(database, f"/{start}/{n}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert count(database) == 80


def test_a_foreign_write_lock_is_busy(sqlite_database: Database) -> None:
    other = sqlite3.connect(str(sqlite_database.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="write lock"):
        add(sqlite_database, "/data", patience_s=0.05)
    other.execute("ROLLBACK")
    other.close()
    add(sqlite_database, "/data")
    assert count(sqlite_database) == 1


def test_the_wait_for_a_foreign_lock_is_shared_by_all_who_wait(sqlite_database: Database) -> None:
    other = sqlite3.connect(str(sqlite_database.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def wait() -> None:
        began = monotonic_s()
        with pytest.raises(Busy):
            add(sqlite_database, "/data", patience_s=1.0)
        waited.append(monotonic_s() - began)

    threads = [threading.Thread(target=wait) for _ in range(WAITING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    other.execute("ROLLBACK")
    other.close()
    # One after the other they would have waited 1, 2, 3, 4 and more seconds.
    assert len(waited) == WAITING
    assert sum(waited) < sum(range(WAITING + 1))
    add(sqlite_database, "/data")


def test_a_write_inside_a_write_is_refused_at_once(sqlite_database: Database) -> None:
    def write_twice() -> None:
        with sqlite_database.write(), sqlite_database.write():
            pass

    with pytest.raises(RuntimeError, match="inside a write"):
        write_twice()
    add(sqlite_database, "/data")


def test_a_full_disk_rolls_back_and_goes_on_with_space(sqlite_database: Database) -> None:
    add(sqlite_database, "/first")
    with sqlite_database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA max_page_count=1")
    with pytest.raises(DBAPIError) as full:
        add_many(sqlite_database)
    assert is_disk_full(full.value)
    assert count(sqlite_database) == 1
    with sqlite_database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA max_page_count=1000000")
    add_many(sqlite_database)
    assert count(sqlite_database) == 1001


def test_a_postgres_that_stops_is_busy_and_works_again_later() -> None:
    with temporary_postgres() as server:
        database = open_database(server.new_database())
        with database.write() as tx:
            path_map.create(tx)
        add(database, "/before")
        server.kill()
        with pytest.raises(Busy):
            add(database, "/lost")
        with pytest.raises(Busy):
            count(database)
        server.start()
        assert count(database) == 1
        add(database, "/after")
        assert count(database) == 2
        database.close()


def test_a_postgres_that_stops_inside_a_write_is_busy() -> None:
    with temporary_postgres() as server:
        database = open_database(server.new_database())
        with database.write() as tx:
            path_map.create(tx)

        def write_over_a_stop() -> None:
            with database.write() as tx:
                tx.execute(insert(path_map).values(theirs="/a", ours="/b"))
                server.stop()
                tx.execute(insert(path_map).values(theirs="/c", ours="/d"))

        with pytest.raises(Busy):
            write_over_a_stop()
        server.start()
        assert count(database) == 0
        database.close()


@pytest.mark.parametrize("address", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "x"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(Invalid):
        open_database(address)


def test_the_short_name_of_postgres_is_known() -> None:
    database = open_database("postgres://mediant:secret@localhost/mediant")
    assert database.dialect == "postgresql"
    database.close()
