"""All tables of Mediant in one `metadata`, for migrations and for tests of the schema."""

from mediant.store import (
    schema_access,
    schema_calibration,
    schema_events,
    schema_jobs,
    schema_library,
    schema_subtitles,
    schema_tagging,
)
from mediant.store.schema import metadata

SCHEMAS = (
    schema_access,
    schema_calibration,
    schema_events,
    schema_jobs,
    schema_library,
    schema_subtitles,
    schema_tagging,
)

__all__ = ["SCHEMAS", "metadata"]
