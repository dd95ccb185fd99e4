"""How common moods are. Asked of the three inclusive lists of every track."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from mediant.store.schema_tagging import tag_value, track
from mediant.tagging.analytics.figures import MoodShare
from mediant.tagging.counted import is_present

LOOSE, REGULAR, STRICT = "mood-loose", "mood-regular", "mood-strict"
"""Each list contains the stricter ones, so a mood of any tier stands in the loose list once."""


def count_tagged(connection: Connection) -> int:
    """Tracks that are tagged and there."""
    wanted = track.c.state == "tagged", is_present(connection, track.c.file_id)
    return connection.scalar(select(func.count()).select_from(track).where(*wanted)) or 0


def count_values(connection: Connection, key: str, limit: int | None = None) -> dict[str, int]:
    """Value of a key -> files, most common first, equal numbers by name."""
    files = func.count().label("files")
    wanted = tag_value.c.key == key, is_present(connection, tag_value.c.file_id)
    query = select(tag_value.c.value, files).where(*wanted)
    found = connection.execute(query.group_by(tag_value.c.value))
    counts: list[tuple[str, int]] = [(row.value, row.files) for row in found]
    return dict(sorted(counts, key=lambda item: (-item[1], item[0]))[:limit])


def share_moods(connection: Connection, limit: int) -> list[MoodShare]:
    """The most common moods, with their share of all tagged files."""
    return list_shares(count_values(connection, LOOSE, limit), count_tagged(connection))


def list_shares(counts: Mapping[str, int], total: int) -> list[MoodShare]:
    """Counts with their percentages of `total`."""
    return [MoodShare(word, n, percentage(n, total)) for word, n in counts.items()]


def percentage(part: int, whole: int) -> float:
    """In percent, one decimal."""
    return round(100.0 * part / whole, 1) if whole else 0.0
