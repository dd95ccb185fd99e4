"""Tables of subtitles: scan rules, what is known of videos, what was written, scans, results."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from mediant.store.schema import metadata
from mediant.store.types import BytePath, Id, Moment

scan_rule = Table(
    "scan_rule",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("is_enabled", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("audio_language_is", Text),
    Column("audio_language_not", Text),
    Column("audio_track_count_min", Integer),
    Column("has_embedded_subtitle_lang", Text),
    Column("missing_embedded_subtitle_lang", Text),
    Column("missing_external_subtitle_lang", Text),
    Column("file_extension", Text),
    Column("action_type", Text, nullable=False),
    Column("target_language", Text, nullable=False),
    Column("quality_preset", Text, nullable=False),
    Column("job_priority", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment),
)
"""What is asked of a video, and what is done with the first rule that fits. A condition that is
null is not asked; lists are written with commas."""

inspection = Table(
    "inspection",
    metadata,
    Column("path", BytePath, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("facts", Text),
    Column("error_code", Text),
    Column("error", Text),
    Column("inspected_at", Moment, nullable=False),
)
"""What a video's container says, as JSON, or why it could not be read. True for this size and
modification time only."""

spoken_language = Table(
    "spoken_language",
    metadata,
    Column("path", BytePath, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("language", Text, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("found_at", Moment, nullable=False),
)
"""The language that was heard in a video whose container does not tell it; `und` where none was
heard. True for this size and modification time only."""

written_subtitle = Table(
    "written_subtitle",
    metadata,
    Column("path", BytePath, primary_key=True),
    Column("video", BytePath, nullable=False),
    Column("language", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("replaces", Text),
    Column("state", Text, nullable=False),
    Column("job_id", Id, nullable=False),
    Column("written_at", Moment, nullable=False),
)
"""The subtitle files that are ours. `intended` is noted before the file gets its name, `written`
afterwards: whatever dies in between, the file is known by its checksum. Until then `replaces` is
the checksum of our own file that had the name before."""

Index("written_subtitle_video", written_subtitle.c.video)

subtitle_scan = Table(
    "subtitle_scan",
    metadata,
    Column("job_id", Id, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("paths", Text, nullable=False),
    Column("missing", Text, nullable=False),
    Column("scanned", Integer, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("is_walked", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
)
"""One look through the folders of videos. `paths` were walked, `missing` were not there.

`skipped` had a rule, but a reason against it. `attempt` and `parts` tell which of the worker's
parts are counted already; `waiting` files are still being inspected by jobs of their own. It is
finished when the walk is and nothing waits."""

Index("subtitle_scan_origin", subtitle_scan.c.origin, subtitle_scan.c.job_id)

asr_result = Table(
    "asr_result",
    metadata,
    Column("key", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("video", Text),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
)
"""What was heard in sound that was sent to us, once for each form in which it can be asked for.

`key` is the checksum of the sound and of the question, `size` that of the text in bytes."""

family_setting = Table(
    "family_setting",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("value", Text),
    Column("description", Text),
    Column("category", Text),
    Column("value_type", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment),
)
"""The subtitle settings as their API numbers them. Those of Mediant have no value here (it stands
in `setting`), those that users made have all of it; Mediant only keeps them."""

media_item = Table(
    "media_item",
    metadata,
    Column("path", BytePath, primary_key=True),
    Column("server", Text, primary_key=True),
    Column("item_id", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
"""As what a media server knows a video, as far as one of its hooks has told it."""
