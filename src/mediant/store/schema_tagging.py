"""Tables of tagging: track, head, score, embedding, tag_value, tag_digest, tag_write."""

from sqlalchemy import (
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
from mediant.store.types import Id, Moment

_FILE = "file.id"

track = Table(
    "track",
    metadata,
    Column("file_id", Id, ForeignKey(_FILE, ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("error_code", Text),
    Column("error", Text),
    Column("suite", Text),
    Column("preset", Text),
    Column("duration_s", Double),
    Column("tempo_bpm", Double),
    Column("tempo_confidence", Double),
    Column("key", Text),
    Column("mode", Text),
    Column("key_strength", Double),
    Column("energy", Double),
    Column("decoder", Text),
    Column("flags", Text, nullable=False, server_default=text("'[]'")),
    Column("explanation", Text),
    Column("size", Id),
    Column("mtime_ns", Id),
    Column("calibration", Text),
    Column("written_mode", Text),
    Column("written_calibration", Text),
    Column("written_moods", Text),
    Column("written_at", Moment),
    Column("write_error", Text),
    Column("analysed_at", Moment, nullable=False),
)
"""The musical facts of a file. state: tagged, failed, skipped. `suite` is the 12-hex version of
the installed models; `size` and `mtime_ns` say which content was analysed (as it stands after our
own write). `explanation` is JSON: why each mood was chosen. `written_*` speak of the tags that are
in the file: their mode, the calibration behind them, and the mood lists as JSON. `write_error` says
why the last wanted write to the file failed, or waits; one that works clears it."""

Index("track_state", track.c.state)

head = Table(
    "head",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("model", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("labels", Text, nullable=False),
    UniqueConstraint("model", "name", "version"),
)
"""What the columns of a score mean, kept after a model is gone. `labels` is a JSON list."""

score = Table(
    "score",
    metadata,
    Column("file_id", Id, ForeignKey(_FILE, ondelete="CASCADE"), primary_key=True),
    Column("head_id", Id, ForeignKey("head.id"), primary_key=True),
    Column("patches", Integer, nullable=False),
    Column("stats", LargeBinary, nullable=False),
)
"""`stats`: float32 little-endian [6, labels]: trimmed mean, mean, deviation, p10, p50, p90."""

embedding = Table(
    "embedding",
    metadata,
    Column("file_id", Id, ForeignKey(_FILE, ondelete="CASCADE"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("dim", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)
"""`vector`: float32 little-endian [dim]: the trimmed mean over patches."""

tag_value = Table(
    "tag_value",
    metadata,
    Column("file_id", Id, ForeignKey(_FILE, ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("number", Double),
    sqlite_with_rowid=False,
)
"""The tags of a file as Mediant would write them; `number` where the value is numeric."""

Index("tag_value_key", tag_value.c.key, tag_value.c.value, tag_value.c.file_id)

tag_digest = Table(
    "tag_digest",
    metadata,
    Column(
        "file_id",
        Id,
        ForeignKey(_FILE, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("form", Id, nullable=False),
    Column("numbers", Text, nullable=False),
)
"""The tags of a file once more, packed for analytics (`mediant.tagging.digest`). Written and
removed together with the file's rows in `tag_value`. `form` stands for the keys that the file
carries; `numbers` holds its decimals, each as four hexadecimal digits, in the form's order."""

tag_write = Table(
    "tag_write",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("file_id", Id, ForeignKey(_FILE, ondelete="CASCADE"), nullable=False),
    Column("path", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("before_hash", LargeBinary, nullable=False),
    Column("after_hash", LargeBinary, nullable=False),
    Column("undo", LargeBinary, nullable=False),
    Column("own_before", Text, nullable=False, server_default=text("'{}'")),
    Column("calibration", Text),
    Column("moods", Text),
    Column("written_at", Moment, nullable=False),
    Column("undone_at", Moment),
)
"""Every write to a file and how to take it back. state: prepared (committed before the file is
replaced), applied, undone. `undo` rebuilds the old bytes from the new file; `own_before` holds our
tags as they were, for a file that somebody else changed since. `calibration` and `moods` say what
the write put in, for the day on which a later one is taken back."""

Index("tag_write_file", tag_write.c.file_id, tag_write.c.id)
