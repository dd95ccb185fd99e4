"""The schema and its migrations."""

import logging
import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, inspect, select, text

from mediant.errors import NewerSchema, Refused
from mediant.store import Database, open_database
from mediant.store.backup import list_backups
from mediant.store.migrate import SCRIPTS, find_version, list_differences, newest_version, upgrade
from mediant.store.schema_library import file, library, path_map
from mediant.store.tables import metadata
from mediant.testing.migration import write_migration

NEXT = '''"""a table is rebuilt"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("library", recreate="{recreate}") as batch:
        batch.add_column(sa.Column("colour", sa.Text()))
    {more}
'''


@pytest.fixture
def next_migrations(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test can add the ones of a later release."""
    folder = tmp_path / "later" / "migrations"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def add_next(folder: Path, database: Database, more: str = "") -> str:
    before = newest_version()
    revision = f"{int(before) + 1:04}"
    recreate = "always" if database.dialect == "sqlite" else "auto"
    source = NEXT.format(revision=revision, before=before, recreate=recreate, more=more)
    (folder / "versions" / f"{revision}_next.py").write_text(source)
    return revision


def test_the_tables_are_the_sum_of_the_migrations(empty_database: Database, tmp_path: Path) -> None:
    upgrade(empty_database, tmp_path / "backups")
    assert list_differences(empty_database) == []
    assert find_version(empty_database) == newest_version()
    tables = set(inspect(empty_database.engine).get_table_names())
    assert tables == set(metadata.tables) | {"mediant_schema"}


def test_growing_ids_are_never_used_again(database: Database) -> None:
    with database.write() as tx:
        adding = insert(library).values(name="a", root_path="/a", created_at=0.0, updated_at=0.0)
        first = tx.execute(adding.returning(library.c.id)).scalar_one()
        tx.execute(library.delete())
        second = tx.execute(adding.returning(library.c.id)).scalar_one()
        mapping = insert(path_map).values(theirs="/a", ours="/b").returning(path_map.c.id)
        third = tx.execute(mapping).scalar_one()
        tx.execute(path_map.delete())
        fourth = tx.execute(mapping).scalar_one()
    assert second > first
    assert fourth > third


def test_a_start_with_nothing_to_upgrade_looks_at_no_rows(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'mediant.db'}")
    upgrade(database, tmp_path / "backups")
    with database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("INSERT INTO media (file_id, probed_at) VALUES (1, 0.0)")
        cursor.execute("PRAGMA foreign_keys=ON")
    upgrade(database, tmp_path / "backups")  # it would refuse the row whose file there is not
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM media")) == 1
    database.close()


def test_a_second_upgrade_changes_and_copies_nothing(database: Database, tmp_path: Path) -> None:
    upgrade(database, tmp_path / "backups")
    assert not list_backups(tmp_path / "backups")


def test_servers_that_start_together_take_turns(empty_database: Database, tmp_path: Path) -> None:
    failures: list[BaseException] = []
    url = empty_database.engine.url.render_as_string(hide_password=False)

    def start() -> None:
        other = open_database(url)
        try:
            upgrade(other, tmp_path)
        except BaseException as failed:  # noqa: BLE001 (shown by the assertion)
            failures.append(failed)
        finally:
            other.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert failures == []
    assert find_version(empty_database) == newest_version()


def test_a_newer_schema_is_refused_in_one_sentence(database: Database, tmp_path: Path) -> None:
    with database.write() as tx:
        tx.execute(text("UPDATE mediant_schema SET version_num = '9999'"))
    with pytest.raises(NewerSchema) as refused:
        upgrade(database, tmp_path)
    sentence = str(refused.value)
    assert "9999" in sentence
    assert newest_version() in sentence
    assert "backup" in sentence


def test_tables_of_another_program_are_left_alone(empty_database: Database, tmp_path: Path) -> None:
    with empty_database.write() as tx:
        tx.execute(text("CREATE TABLE library (id INTEGER)"))
    with pytest.raises(Refused, match="another program"):
        upgrade(empty_database, tmp_path)
    assert inspect(empty_database.engine).get_table_names() == ["library"]


def add_rows(database: Database) -> None:
    with database.write() as tx:
        tx.execute(insert(path_map).values(theirs="/data", ours="/media"))
        id_ = tx.execute(
            insert(library)
            .values(name="a", root_path="/a", created_at=0.0, updated_at=0.0)
            .returning(library.c.id)
        ).scalar_one()
        tx.execute(
            insert(file).values(
                library_id=id_, path="b", size=1, mtime_ns=1, inode=1, added_at=0.0, changed_at=0.0
            )
        )


def count_files(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(file)).scalar_one()


def test_a_later_version_keeps_the_rows_and_is_copied_first(
    database: Database,
    next_migrations: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    add_rows(database)
    before = newest_version()
    revision = add_next(next_migrations, database)
    with caplog.at_level(logging.INFO, logger="mediant.store.migrate"):
        upgrade(database, tmp_path / "backups", scripts=next_migrations)
    assert find_version(database) == revision
    assert count_files(database) == 1
    if database.dialect == "sqlite":
        (saved,) = list_backups(tmp_path / "backups")
        copy = open_database(f"sqlite:///{saved}")
        assert find_version(copy) == before
        assert count_files(copy) == 1
        copy.close()
    else:
        assert "pg_dump" in caplog.text


def test_copies_from_before_old_upgrades_go(
    sqlite_database: Database, next_migrations: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mediant-20200101T000000-manual.db"
    old = [tmp_path / f"mediant-202001{n:02}T000000-before-upgrade-of-1.db" for n in range(1, 8)]
    for path in (mine, *old):
        path.touch()
    add_next(next_migrations, sqlite_database)
    upgrade(sqlite_database, tmp_path, scripts=next_migrations)
    newest, *rest = list_backups(tmp_path, "before-upgrade")
    assert newest not in old
    assert rest == old[:2:-1]
    assert mine.exists()


def test_a_failing_upgrade_leaves_everything_as_it_was(
    database: Database, next_migrations: Path, tmp_path: Path
) -> None:
    add_rows(database)
    before = newest_version()
    add_next(next_migrations, database, more='op.execute("SELECT * FROM nowhere")')
    with pytest.raises(Exception, match="nowhere"):
        upgrade(database, tmp_path / "backups", scripts=next_migrations)
    assert find_version(database) == before
    assert count_files(database) == 1
    columns = {column["name"] for column in inspect(database.engine).get_columns("library")}
    assert "colour" not in columns
    assert_references_are_enforced(database)


def assert_references_are_enforced(database: Database) -> None:
    """Foreign keys are enforced again."""
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.write() as tx:
        tx.execute(
            insert(file).values(
                library_id=99, path="b", size=1, mtime_ns=1, inode=1, added_at=0.0, changed_at=0.0
            )
        )


def test_broken_references_stop_an_upgrade(
    sqlite_database: Database, next_migrations: Path, tmp_path: Path
) -> None:
    database = sqlite_database
    add_rows(database)
    add_next(next_migrations, database, more="""op.execute("UPDATE file SET library_id = 99")""")
    with pytest.raises(Refused, match="file"):
        upgrade(database, tmp_path / "backups", scripts=next_migrations)
    assert count_files(database) == 1
    assert find_version(database) == newest_version()


def test_a_new_migration_is_written_for_what_is_missing(next_migrations: Path) -> None:
    for old in (next_migrations / "versions").glob("0*.py"):
        old.unlink()
    made = write_migration("initial", next_migrations)
    assert made.name == "0001_initial.py"
    source = made.read_text()
    assert all(f'op.create_table("{name}"' in source.replace("'", '"') for name in metadata.tables)
