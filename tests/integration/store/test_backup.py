"""Copies of the database and the way back."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from mediant.errors import Refused
from mediant.kernel.clock import now_s
from mediant.store import Database, open_database
from mediant.store.backup import back_up, list_backups, prune_backups, restore, taken_at
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
    assert abs(taken_at(saved).timestamp() - now_s()) < 60
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
    writer.join(60)
    assert done.is_set()
    assert counts == sorted(counts)
    assert len(list_backups(tmp_path / "backups")) == 3


def test_a_restored_database_is_the_old_one(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, "/a")
    saved = back_up(sqlite_database, tmp_path / "backups")
    add(sqlite_database, "/b")
    sqlite_database.close()
    path = sqlite_database.path
    assert path is not None
    restore(saved, path)
    assert count(path) == 1
    assert count(saved) == 1


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def blur(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[5000:30_000] = b"\xff" * 25_000
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, blur, lambda path: path.write_text("no database")])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    sqlite_database: Database, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    add(sqlite_database, "/a")
    saved = back_up(sqlite_database, tmp_path / "backups")
    damage(saved)
    add(sqlite_database, "/b")
    sqlite_database.close()
    assert sqlite_database.path is not None
    with pytest.raises(Refused):
        restore(saved, sqlite_database.path)
    assert count(sqlite_database.path) == 2
    assert not list(tmp_path.glob("*.restoring"))


def test_only_the_newest_backups_are_kept(sqlite_database: Database, tmp_path: Path) -> None:
    made = [back_up(sqlite_database, tmp_path / "backups", f"n{n}") for n in range(4)]
    removed = prune_backups(tmp_path / "backups", keep=2)
    assert set(removed) | set(list_backups(tmp_path / "backups")) == set(made)
    assert len(removed) == 2


def test_postgres_is_not_backed_up_silently(postgres_url: str, tmp_path: Path) -> None:
    database = open_database(postgres_url)
    with pytest.raises(Refused, match="pg_dump"):
        back_up(database, tmp_path)
    database.close()
