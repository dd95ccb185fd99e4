"""A hermetic environment for every test, and the two databases.

Fixtures: `database` (migrated, once on SQLite and once on PostgreSQL), `database_url` (its
address, for tests that start other processes), `postgres` (the server of this test process) and
`postgres_url` (an empty database of it).
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from mediant.kernel.telemetry import silence_libraries
from mediant.store import Database, open_database
from mediant.store.migrate import VERSION_TABLE, upgrade
from mediant.testing.postgres import RunningPostgres, temporary_postgres
from mediant.testing.postgres_pool import PostgresPool

LOOPBACK = "127.0.0.1,::1"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Forget the machine that the tests run on, before anything reads it."""
    for name in [n for n in os.environ if n.startswith(("MEDIANT_", "XDG_", "PG"))]:
        del os.environ[name]
    silence_libraries()
    os.environ.update(TZ="UTC", LC_ALL="C.UTF-8", LANG="C.UTF-8")
    time.tzset()
    os.umask(0o022)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # We were put into the background of a script; what tests start shall heed Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.option.allow_hosts = config.option.allow_hosts or LOOPBACK
    # Properties are about values: how long one example takes depends on what else runs here.
    settings.register_profile(
        "mediant", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("mediant")


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting from outside, and a HOME of its own for each test."""
    for name in [n for n in os.environ if n.startswith("MEDIANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[RunningPostgres]:
    """The PostgreSQL of this test process (one for each xdist worker). Leave it running."""
    with temporary_postgres(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: RunningPostgres) -> str:
    """An empty PostgreSQL database that all tests of the session share."""
    return postgres.new_database()


@pytest.fixture(scope="session")
def postgres_pool(
    postgres: RunningPostgres, tmp_path_factory: pytest.TempPathFactory
) -> PostgresPool:
    """Migrated, empty databases."""
    url = postgres.new_database()
    _migrate(url, tmp_path_factory.mktemp("postgres"))
    return PostgresPool(postgres, url, VERSION_TABLE)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    folder = tmp_path_factory.mktemp("sqlite")
    _migrate(f"sqlite:///{folder / 'mediant.db'}", folder)
    return folder / "mediant.db"


def _migrate(url: str, backups: Path) -> None:
    database = open_database(url)
    upgrade(database, backups)
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "mediant.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    pool: PostgresPool = request.getfixturevalue("postgres_pool")
    url = pool.take()
    yield url
    pool.give_back(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database: once SQLite, once PostgreSQL."""
    opened = open_database(database_url)
    yield opened
    opened.close()
