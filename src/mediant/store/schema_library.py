"""Tables of the library: library, file, path_map."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mediant.store.schema import metadata
from mediant.store.types import BytePath, Id, Moment

library = Table(
    "library",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("root_path", Text, nullable=False, unique=True),
    Column("is_enabled", Integer, nullable=False, server_default=text("1")),
    Column("watch_mode", Text, nullable=False, server_default=text("'off'")),
    Column("write_mode", Text, nullable=False, server_default=text("'none'")),
    Column("scan_state", Text, nullable=False, server_default=text("'never'")),
    Column("scan_error", Text),
    Column("scanned_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
"""watch_mode: off, event, poll. scan_state: never, running, done, failed."""

file = Table(
    "file",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("library_id", Id, ForeignKey("library.id", ondelete="CASCADE"), nullable=False),
    Column("path", BytePath, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("fingerprint", LargeBinary),
    Column("state", Text, nullable=False, server_default=text("'present'")),
    Column("added_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("missing_since", Moment),
    UniqueConstraint("library_id", "path"),
    sqlite_autoincrement=True,
)
"""`path` is relative to the root, POSIX. `inode` is stored as a signed 64-bit number.
state: present, new, missing, ignored (the settings pass over it). `fingerprint`: 16 bytes of the
content, filled when a file was read."""

Index(
    "file_missing",
    file.c.library_id,
    file.c.size,
    sqlite_where=text("state = 'missing'"),
    postgresql_where=text("state = 'missing'"),
)

Index(
    "file_ignored",
    file.c.library_id,
    sqlite_where=text("state = 'ignored'"),
    postgresql_where=text("state = 'ignored'"),
)

path_map = Table(
    "path_map",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("theirs", Text, nullable=False, unique=True),
    Column("ours", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""`theirs`: a folder as another container names it; `ours`: the same folder here."""

media = Table(
    "media",
    metadata,
    Column("file_id", Id, ForeignKey("file.id", ondelete="CASCADE"), primary_key=True),
    Column("container", Text),
    Column("codec", Text),
    Column("duration_s", Double),
    Column("sample_rate", Integer),
    Column("channels", Integer),
    Column("bit_rate", Integer),
    Column("title", Text),
    Column("artist", Text),
    Column("album_artist", Text),
    Column("album", Text),
    Column("genre", Text),
    Column("year", Integer),
    Column("track_no", Integer),
    Column("probed_at", Moment, nullable=False),
)
"""What the container itself says about a file (its own tags, not ours)."""

Index("media_artist", media.c.artist)
Index("media_album", media.c.album)
