"""Writes the next migration: what the tables in the code have beyond the migrations.

`python -m mediant.testing.migration "what changes"`, then read what it wrote: Alembic sees neither
renames nor what must happen to the rows.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from mediant.store import open_database
from mediant.store.migrate import SCRIPTS, upgrade


def write_migration(message: str, folder: Path = SCRIPTS) -> Path:
    """The new file in `folder/versions`, numbered after the newest."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
    with tempfile.TemporaryDirectory() as temporary:
        database = open_database(f"sqlite:///{temporary}/empty.db")
        if count:
            upgrade(database, Path(temporary), folder)
        with database.write() as connection:
            config.attributes["connection"] = connection
            made = command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04}")
        database.close()
    if made is None or isinstance(made, list):
        raise RuntimeError("Alembic wrote no migration.")
    return _without_remarks(Path(made.path))


def _without_remarks(path: Path) -> Path:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.strip().startswith("# ###")))
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{write_migration(' '.join(sys.argv[1:]))}\n")
