"""The schema's versions: where a database stands, and how it gets to today's."""

import logging
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import mediant
from mediant.errors import NewerSchema, Refused
from mediant.store.backup import back_up, prune_backups
from mediant.store.engine import Database
from mediant.store.tables import metadata

VERSION_TABLE = "mediant_schema"

LABEL = "before-upgrade"
KEPT = 5
"""So many copies from before upgrades stay; older ones go."""

SCRIPTS = Path(__file__).parent / "migrations"

_LOCK = 0x6D65_6469_616E_7401
"""PostgreSQL's advisory lock for schema changes ("mediant", 1)."""

_log = logging.getLogger(__name__)


def upgrade(database: Database, backups: Path, scripts: Path = SCRIPTS) -> None:
    """Bring the schema to this Mediant's version; all of it or nothing.

    Before tables with rows change, SQLite is copied into `backups`, where
    the newest five such copies stay. Servers that start at the same
    time take turns. `scripts` is the folder of the migrations. Raises `NewerSchema` when a newer
    Mediant wrote the database, and `Refused` when it belongs to another program.
    """
    if find_version(database) == _newest(_config(scripts)):
        # Leaving `change_schema` checks every reference of every row.
        return
    with database.change_schema() as tx:
        if database.dialect == "postgresql":
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config(scripts, tx)
        current, newest = _current(tx), _newest(config)
        _refuse_unknown(config, current, tx)
        if current == newest:
            return
        if current is not None:
            _save(database, backups, current)
        command.upgrade(config, "head")
        _log.info("The database schema went from %s to %s.", current or "nothing", newest)


def find_version(database: Database) -> str | None:
    """The schema's version in the database; None before the first upgrade."""
    with database.read() as connection:
        return _current(connection)


def newest_version() -> str:
    """The schema's version that this Mediant works with."""
    return _newest(_config(SCRIPTS))


def list_differences(database: Database) -> list[str]:
    """What in the database differs from the tables that the code knows; empty when all is well."""
    with database.read() as connection:
        options = {"version_table": VERSION_TABLE, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _config(scripts: Path, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _newest(config: Config) -> str:
    return str(ScriptDirectory.from_config(config).get_current_head())


def _refuse_unknown(config: Config, current: str | None, tx: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        found = f"The database has schema {current}"
        raise NewerSchema(
            f"{found}; Mediant {mediant.__version__} knows no schema after {_newest(config)}.",
            remedy="Install the newer Mediant, or restore the backup made before its upgrade.",
        )
    taken = set(metadata.tables) & set(inspect(tx).get_table_names())
    if current is None and taken:
        text_ = f"The database holds tables of another program ({', '.join(sorted(taken)[:3])})."
        raise Refused(text_, remedy="Give Mediant a database of its own.")


def _save(database: Database, backups: Path, current: str) -> None:
    if database.path is None:
        _log.warning(
            "The database schema %s will be changed. Mediant does not back up PostgreSQL: "
            "to go back you need your own pg_dump.",
            current,
        )
        return
    saved = back_up(database, backups, f"{LABEL}-of-{current}")
    _log.info("The database was copied to %s before the upgrade.", saved)
    for old in prune_backups(backups, KEPT, LABEL):
        _log.info("The older copy %s was removed.", old)
