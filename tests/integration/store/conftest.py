"""Databases before their first migration."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediant.store import Database, open_database
from mediant.testing.postgres import RunningPostgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: RunningPostgres = request.getfixturevalue("postgres")
        url = server.new_database()
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database, for what only SQLite has."""
    path = tmp_path / "mediant.db"
    shutil.copyfile(sqlite_template, path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()
