"""Copies of the database."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from mediant.errors import Refused
from mediant.store import Database, open_database
from mediant.store.backup import back_up, list_backups, prune_backups
from mediant.store.schema_library import path_map


def add(database: Database, name: str) -> None:
    with database.write() as tx:
        tx.execute(insert(path_map).values(theirs=name, ours="/media"))


def count(path: Path) -> int:
    database = open_database(f"sqlite:///{path}")
    with database.read() as connection:
        found = connection.execute(select(func.count()).select_from(path_map)).scalar_one()
    database.close()
    return found


def test_a_backup_holds_what_was_committed(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, "/a")
    saved = back_up(sqlite_database, tmp_path / "backups")
    add(sqlite_database, "/b")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [saved.name]
    assert saved.stat().st_mode & 0o777 == 0o600
    assert count(saved) == 1


def test_a_backup_does_not_wait_for_a_writer(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, "/a")
    with sqlite_database.write() as tx:
        tx.execute(insert(path_map).values(theirs="/b", ours="/media"))
        saved = back_up(sqlite_database, tmp_path / "backups")
    assert count(saved) == 1


def test_a_backup_under_load_is_whole(sqlite_database: Database, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        for n in range(200):
            add(sqlite_database, f"/{n}")
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    counts = [count(back_up(sqlite_database, tmp_path / "backups")) for _ in range(3)]
    writer.join(300)
    assert done.is_set()
    assert counts == sorted(counts)
    assert len(list_backups(tmp_path / "backups")) == 3


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def blur(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[5000:30_000] = b"\xff" * 25_000
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, blur, lambda path: path.write_text("no database")])
def test_a_damaged_database_is_not_copied(
    sqlite_database: Database, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    add(sqlite_database, "/a")
    sqlite_database.close()
    assert sqlite_database.path is not None
    damage(sqlite_database.path)
    with pytest.raises(Refused):
        back_up(sqlite_database, tmp_path / "backups")
    assert not list((tmp_path / "backups").iterdir())


def test_only_the_newest_backups_of_a_label_are_kept(
    sqlite_database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    mine = back_up(sqlite_database, folder)
    made = [back_up(sqlite_database, folder, f"before-upgrade-of-{n}") for n in range(4)]
    removed = prune_backups(folder, 2, "before-upgrade")
    assert len(removed) == 2
    assert set(removed) | set(list_backups(folder)) == {mine, *made}
    assert mine in list_backups(folder)


def test_postgres_is_not_backed_up_silently(postgres_url: str, tmp_path: Path) -> None:
    database = open_database(postgres_url)
    with pytest.raises(Refused, match="pg_dump"):
        back_up(database, tmp_path)
    database.close()
