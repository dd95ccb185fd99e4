"""Figures of all libraries' tags: how often, how common, what goes with what.

Knows: the stored tags and their digests. Public: `Analytics` and the values that it answers with.
Must not know: HTTP, families' words, files.
"""

from mediant.tagging.analytics.analytics import Analytics
from mediant.tagging.analytics.figures import (
    GenreProfile,
    MoodCorrelations,
    MoodShare,
    TagFrequency,
    TagPair,
)

__all__ = [
    "Analytics",
    "GenreProfile",
    "MoodCorrelations",
    "MoodShare",
    "TagFrequency",
    "TagPair",
]
