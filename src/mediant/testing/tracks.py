"""Tagged tracks without music: the rows that tagging leaves, for tests of what is counted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import insert

from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import track
from mediant.tagging.rows import store_tags

Tags = Mapping[str, Sequence[str]]


def add_library(database: Database, name: str = "Invented") -> int:
    """A library whose folder need not exist; its id."""
    values = {"name": name, "root_path": f"/{name}", "created_at": 0.0, "updated_at": 0.0}
    with database.write() as tx:
        made = tx.execute(insert(library).values(values).returning(library.c.id))
        return int(made.scalar_one())


def add_tracks(database: Database, library_id: int, tracks: Sequence[Tags]) -> list[int]:
    """A file with these tags each; their ids."""
    known: dict[str, object] = {"library_id": library_id, "size": 1, "mtime_ns": 1, "inode": 1}
    known |= {"added_at": 0.0, "changed_at": 0.0}
    told: dict[str, object] = {"state": "tagged", "size": 1, "mtime_ns": 1, "analysed_at": 0.0}
    ids = []
    with database.write() as tx:
        for number, tags in enumerate(tracks):
            adding = insert(file).values(known | {"path": f"{number}.mp3"})
            file_id = int(tx.execute(adding.returning(file.c.id)).scalar_one())
            tx.execute(insert(track).values(told | {"file_id": file_id}))
            store_tags(tx, file_id, tags)
            ids.append(file_id)
    return ids


def furnish(config_dir: Path, tracks: Sequence[Tags]) -> None:
    """A configuration folder whose database holds one library of these tracks."""
    config_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(f"sqlite:///{config_dir / 'mediant.db'}")
    upgrade(database, config_dir / "backups")
    add_tracks(database, add_library(database), tracks)
    database.close()
