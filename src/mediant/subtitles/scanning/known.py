"""What is known of media files: inspections and heard languages, true for one size and time."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from mediant.errors import Invalid
from mediant.kernel.clock import now_s
from mediant.kernel.languages import UNKNOWN
from mediant.store.schema_subtitles import inspection, spoken_language, written_subtitle
from mediant.subtitles.inspection.video import Video
from mediant.subtitles.scanning.judge import SILENT

T = TypeVar("T")

AT_ONCE = 400
"""Paths in one question to the database."""


class Inspected(NamedTuple):
    """A look into one file: its facts, or why it cannot be read."""

    path: str
    size: int
    mtime_ns: int
    video: Video | None
    error_code: str | None = None
    error: str | None = None

    def is_of(self, size: int, mtime_ns: int) -> bool:
        """Whether it is true for a file of this size and time."""
        return (self.size, self.mtime_ns) == (size, mtime_ns)


def read_inspections(connection: Connection, paths: Collection[str]) -> dict[str, Inspected]:
    """The known inspections of these paths. Those of an older form count as unknown."""
    found = {}
    columns = inspection.c
    for some in chunks(paths):
        rows = connection.execute(select(inspection).where(columns.path.in_(some)))
        for row in rows:
            try:
                video = Video.from_dict(json.loads(row.facts)) if row.facts else None
            except Invalid:
                continue
            found[row.path] = Inspected(
                row.path, row.size, row.mtime_ns, video, row.error_code, row.error
            )
    return found


def has_inspections(connection: Connection, folder: str) -> bool:
    """Whether anything below a folder was ever inspected."""
    return bool(list_below(connection, folder, "", 1))


def list_below(connection: Connection, folder: str, after: str, n: int) -> list[str]:
    """The next `n` inspected paths below a folder, in byte order, behind the path `after`."""
    path = inspection.c.path
    below = (path > max(f"{folder}/", after), path < f"{folder}0")  # "0" follows "/"
    query = select(path).where(*below).order_by(path).limit(n)
    return list(connection.execute(query).scalars())


def forget(tx: Connection, paths: Sequence[str], before: float) -> int:
    """Forget what was found in these files, and heard in them, before a moment; how many
    inspections."""
    gone = 0
    for some in chunks(paths):
        looked, heard = inspection.c, spoken_language.c
        old = delete(inspection).where(looked.path.in_(some), looked.inspected_at < before)
        gone += tx.execute(old).rowcount
        tx.execute(delete(spoken_language).where(heard.path.in_(some), heard.found_at < before))
    return gone


def write_inspections(tx: Connection, looks: Iterable[Inspected]) -> None:
    """Keep what was found, in place of what was known of these paths."""
    now = now_s()
    rows = [
        {
            "path": one.path,
            "size": one.size,
            "mtime_ns": one.mtime_ns,
            "facts": None if one.video is None else json.dumps(one.video.to_dict()),
            "error_code": one.error_code,
            "error": one.error,
            "inspected_at": now,
        }
        for one in looks
    ]
    _upsert(tx, inspection, rows)


def heard_code(language: str, confidence: float) -> str:
    """The language, or `SILENT` where there was no speech to be sure or unsure about."""
    return SILENT if language == UNKNOWN and confidence == 0.0 else language


def read_spoken(connection: Connection, files: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """The heard languages of path -> (size, mtime_ns): `und` where none was understood, and
    `SILENT` where nobody speaks."""
    found = {}
    for some in chunks(files):
        query = select(spoken_language).where(spoken_language.c.path.in_(some))
        for row in connection.execute(query):
            if files[row.path] == (row.size, row.mtime_ns):
                found[row.path] = heard_code(row.language, row.confidence)
    return found


def read_written(connection: Connection, paths: Collection[str]) -> dict[str, frozenset[str]]:
    """The subtitle files of these videos that are ours."""
    found: dict[str, set[str]] = {}
    columns = written_subtitle.c
    for some in chunks(paths):
        query = select(columns.video, columns.path).where(
            columns.video.in_(some), columns.state == "written"
        )
        for video, path in connection.execute(query):
            found.setdefault(video, set()).add(path)
    return {video: frozenset(ours) for video, ours in found.items()}


def _upsert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    fresh = {name: statement.excluded[name] for name in rows[0] if name != "path"}
    tx.execute(statement.on_conflict_do_update(index_elements=["path"], set_=fresh), rows)


def chunks(items: Iterable[T], n: int = AT_ONCE) -> Iterator[list[T]]:
    """The items, so many at once."""
    rest = iter(items)
    while some := list(islice(rest, n)):
        yield some
