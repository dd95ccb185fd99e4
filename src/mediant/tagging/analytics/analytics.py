"""The face of analytics: one question a method, answered from the database as it is now."""

from collections.abc import Sequence

from mediant.store import Database
from mediant.tagging.analytics.figures import (
    GenreProfile,
    MoodCorrelations,
    MoodShare,
    TagFrequency,
    TagPair,
)
from mediant.tagging.analytics.moods import share_moods
from mediant.tagging.counted import counting

# The other questions load numpy, which no server needs at its start.


class Analytics:
    """Figures about the tags of all libraries. Keys are without namespace.

    Files that are missing from the disk do not count, as in what Navidrome is told.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is kept between questions: every answer is of now."""
        self._database = database

    def tag_frequencies(self, limit: int = 50) -> list[TagFrequency]:
        """Keys by the number of files that carry them, most common first."""
        from mediant.tagging.analytics.frequencies import count_keys  # noqa: PLC0415

        with counting(self._database) as connection:
            return count_keys(connection, limit)

    def mood_distribution(self, limit: int = 30) -> list[MoodShare]:
        """Moods by the number of files, with their share of all tagged files."""
        with counting(self._database) as connection:
            return share_moods(connection, limit)

    def mood_correlations(self, top_n: int = 20) -> MoodCorrelations:
        """How the `top_n` most common moods go together, and their tiers."""
        from mediant.tagging.analytics.correlations import correlate_moods  # noqa: PLC0415

        with counting(self._database) as connection:
            return correlate_moods(connection, top_n)

    def co_occurrence(self, x: Sequence[TagPair], y: Sequence[TagPair]) -> list[list[int]]:
        """`matrix[j][i]`: files that carry both `x[i]` and `y[j]`.

        Raises Invalid unless each side has 1 to 16 tags.
        """
        from mediant.tagging.analytics.postings import count_pairs  # noqa: PLC0415

        with counting(self._database) as connection:
            return count_pairs(connection, x, y)

    def genre_profiles(self, limit: int = 20) -> list[GenreProfile]:
        """What the `limit` most common genres are like."""
        from mediant.tagging.analytics.genres import profile_genres  # noqa: PLC0415

        with counting(self._database) as connection:
            return profile_genres(connection, limit)
