"""A database file that is moved away, or replaced, under an open database."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from mediant.store import Database, open_database
from mediant.store.place import DatabaseGone
from mediant.store.schema_library import path_map


def add(database: Database, name: str) -> None:
    with database.write() as tx:
        tx.execute(insert(path_map).values(theirs=name, ours="/media"))


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(path_map)) or 0


def move(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for one in list(path.parent.glob(f"{path.name}*")):
        one.rename(folder / one.name)


def test_nothing_is_written_to_a_file_that_was_moved_away(
    sqlite_database: Database, tmp_path: Path
) -> None:
    path = sqlite_database.path
    assert path is not None
    add(sqlite_database, "/before")
    move(path, tmp_path / "elsewhere")
    with pytest.raises(DatabaseGone, match="gone from its place") as failed:
        add(sqlite_database, "/lost")
    assert (failed.value.asset, failed.value.code) == ("mediant.db", "database_gone")
    assert failed.value.remedy is not None
    with pytest.raises(DatabaseGone):
        count(sqlite_database)
    assert not path.exists()
    move(tmp_path / "elsewhere" / path.name, path.parent)
    add(sqlite_database, "/after")
    assert count(sqlite_database) == 2


def test_a_write_under_way_is_not_committed_to_a_file_without_a_name(
    sqlite_database: Database, tmp_path: Path
) -> None:
    path = sqlite_database.path
    assert path is not None
    add(sqlite_database, "/before")

    def write_while_it_goes() -> None:
        with sqlite_database.write() as tx:
            tx.execute(insert(path_map).values(theirs="/lost", ours="/media"))
            move(path, tmp_path / "elsewhere")

    with pytest.raises(DatabaseGone):
        write_while_it_goes()
    move(tmp_path / "elsewhere" / path.name, path.parent)
    assert count(sqlite_database) == 1


def test_another_file_in_the_place_is_neither_read_nor_written(
    sqlite_database: Database, sqlite_template: Path, tmp_path: Path
) -> None:
    path = sqlite_database.path
    assert path is not None
    add(sqlite_database, "/before")
    move(path, tmp_path / "elsewhere")
    shutil.copyfile(sqlite_template, path)
    for action in (lambda: add(sqlite_database, "/lost"), lambda: count(sqlite_database)):
        with pytest.raises(DatabaseGone, match="Another file"):
            action()
    sqlite_database.close()
    restored = open_database(f"sqlite:///{path}")
    assert count(restored) == 0
    restored.close()


def test_a_closed_database_makes_no_empty_one_when_it_is_used_again(
    sqlite_database: Database,
) -> None:
    path = sqlite_database.path
    assert path is not None
    add(sqlite_database, "/before")
    sqlite_database.close()
    path.unlink()
    with pytest.raises(DatabaseGone):
        count(sqlite_database)
    assert not path.exists()


def test_names_with_signs_of_addresses_are_paths_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a ?mode=ro #1%41.db"
    database = open_database("sqlite:///" + str(path).replace("?", "%3F"))
    assert database.path is not None
    with database.write() as tx:
        path_map.create(tx)
    add(database, "/data")
    assert count(database) == 1
    database.close()
