"""Libraries that exist only in the database: what Navidrome's face needs of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import delete, insert

from mediant.settings.model import TaggingSettings
from mediant.store import Database
from mediant.store.schema_library import file, library, media
from mediant.store.schema_tagging import track
from mediant.tagging.navidrome import Navidrome
from mediant.tagging.rows import store_tags

Tags = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Shelf:
    """Files with tags, and the face under test."""

    database: Database
    navidrome: Navidrome

    def fill(self, tracks: Mapping[str, Tags | None], *, missing: Sequence[str] = ()) -> None:
        """Exactly these files: relative path -> tags, or None where nothing was analysed."""
        with self.database.write() as tx:
            tx.execute(delete(library))
            tx.execute(insert(library).values(id=1, name="M", root_path="/m", **_MOMENTS))
            for number, (path, tags) in enumerate(tracks.items(), start=1):
                state = "missing" if path in missing else "present"
                row = {"id": number, "library_id": 1, "path": path, "state": state}
                tx.execute(insert(file).values(**row, **_CONTENT))
                if tags is not None:
                    facts = {"file_id": number, "state": "tagged", "analysed_at": 1.0}
                    tx.execute(insert(track).values(**facts))
                    store_tags(tx, number, tags)

    def name(self, number: int, title: str, artist: str) -> None:
        """What the container says about one file."""
        facts = {"file_id": number, "title": title, "artist": artist, "probed_at": 1.0}
        with self.database.write() as tx:
            tx.execute(insert(media).values(**facts))

    def find(self, query: str) -> set[str]:
        """The relative paths that a preview shows, all of them."""
        found = self.navidrome.preview(query, limit=1000)
        paths = {one.path.removeprefix("/m/") for one in found.tracks}
        assert len(paths) == found.matched
        return paths


_MOMENTS = {"created_at": 1.0, "updated_at": 1.0}
_CONTENT = {"size": 1, "mtime_ns": 1, "inode": 1, "added_at": 1.0, "changed_at": 1.0}


@pytest.fixture
def shelf(database: Database) -> Shelf:
    """An empty library, once on SQLite and once on PostgreSQL."""
    return Shelf(database, Navidrome(database, TaggingSettings()))
