"""One server for one database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.faults.servers import wait_unowned

from mediant.errors import AlreadyOwned, Busy, Refused
from mediant.store import Database, open_database
from mediant.store.owner import own
from mediant.testing.postgres import temporary_postgres
from mediant.testing.waiting import PATIENCE_S

HOLD = """
import sys
from mediant.store import open_database
from mediant.store.owner import own
database = open_database(sys.argv[1])
lock = own(database)
print("owned", flush=True)
sys.stdin.read()
"""


def test_the_second_owner_is_refused_and_told_who_has_it(database_url: str) -> None:
    first, second = open_database(database_url), open_database(database_url)
    with own(first) as lock:
        assert lock.still_owned()
        with pytest.raises(AlreadyOwned, match=f"process {os.getpid()} on "):
            own(second)
        assert lock.still_owned()
    assert not lock.still_owned()
    with own(second) as lock:
        assert lock.still_owned()
    first.close()
    second.close()


def test_a_killed_owner_leaves_the_database_free(database_url: str, database: Database) -> None:
    command = [sys.executable, "-c", HOLD, database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"owned\n"
        with pytest.raises(AlreadyOwned, match=f"process {other.pid} on "):
            own(database)
        other.kill()
        other.wait(PATIENCE_S)
    wait_unowned(database)
    with own(database) as lock:
        assert lock.still_owned()


def test_a_removed_lock_file_is_a_lost_lock(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    path = sqlite_database.path.with_name("mediant.db.lock")
    with own(sqlite_database) as lock:
        path.unlink()
        assert not lock.still_owned()
        path.write_text("of another")
        assert not lock.still_owned()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'nowhere' / 'mediant.db'}")
    with pytest.raises(Refused, match="lock file cannot be opened"):
        own(database)
    database.close()


def test_a_postgres_that_is_not_there_is_said(tmp_path: Path) -> None:
    database = open_database(f"postgresql://mediant:secret@/mediant?host={tmp_path}")
    with pytest.raises(Busy, match="does not answer") as failed:
        own(database)
    assert str(tmp_path) in str(failed.value)
    assert "secret" not in str(failed.value)
    database.close()


def test_an_owner_that_lost_its_connection_owns_no_more() -> None:
    with temporary_postgres() as server:
        database = open_database(server.new_database())
        lock = own(database)
        server.stop()
        assert not lock.still_owned()
        server.start()
        assert not lock.still_owned()
        with own(database) as again:
            assert again.still_owned()
            with database.write() as tx:
                assert tx.execute(text("SELECT 1")).scalar() == 1
        lock.release()
        database.close()
