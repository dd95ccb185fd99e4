"""How moods go together, and at which tiers they stand."""

from collections.abc import Mapping

from sqlalchemy import Connection

from mediant.tagging.analytics.figures import MoodCorrelations
from mediant.tagging.analytics.moods import LOOSE, REGULAR, STRICT, count_values
from mediant.tagging.analytics.postings import (
    Bits,
    count_common,
    count_files,
    read_commonest,
)

BEST = 10
"""Partners that are told of each mood."""
DIGITS = 3


def correlate_moods(connection: Connection, top_n: int) -> MoodCorrelations:
    """The shares among the `top_n` most common moods."""
    files = read_commonest(connection, LOOSE, top_n)
    loose = {mood: count_files(bits) for mood, bits in files.items()}
    regular, strict = count_values(connection, REGULAR), count_values(connection, STRICT)
    tiers = {
        mood: _share(n, regular.get(mood, 0), strict.get(mood, 0)) for mood, n in loose.items()
    }
    return MoodCorrelations({mood: _list_best(mood, files, loose) for mood in loose}, tiers)


def _share(loose: int, regular: int, strict: int) -> dict[str, float]:
    parts = {"tier_s": strict, "tier_a": regular - strict, "tier_b": loose - regular}
    return {tier: round(part / loose, DIGITS) for tier, part in parts.items()}


def _list_best(mood: str, files: Mapping[str, Bits], counts: Mapping[str, int]) -> dict[str, float]:
    common = {o: count_common(files[mood], files[o]) for o in counts if o != mood}
    ranked = sorted((o for o in common if common[o]), key=lambda other: (-common[other], other))
    return {other: round(common[other] / counts[mood], DIGITS) for other in ranked[:BEST]}
