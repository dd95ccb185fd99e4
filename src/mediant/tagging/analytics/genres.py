"""What the files of a genre are like: means of their numbers, and their moods."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
from sqlalchemy import Connection

from mediant.tagging.analytics.digests import read_digests
from mediant.tagging.analytics.figures import GenreProfile, MoodShare
from mediant.tagging.analytics.moods import (
    LOOSE,
    count_tagged,
    list_shares,
    percentage,
)
from mediant.tagging.analytics.postings import (
    Bits,
    count_common,
    count_files,
    read_commonest,
    read_postings,
)
from mediant.tagging.digest import MOST_DIGITS

GENRE = "genre"
TOP_MOODS = 10
DIGITS = 4

Means = dict[str, float]


def profile_genres(connection: Connection, limit: int) -> list[GenreProfile]:
    """The `limit` most common genres."""
    files = read_commonest(connection, GENRE, limit)
    counts = {genre: count_files(bits) for genre, bits in files.items()}
    means = _average(connection, list(files.values()))
    moods = dict(read_postings(connection, LOOSE))
    tagged = count_tagged(connection)
    return [
        GenreProfile(genre, n, percentage(n, tagged), mean, _list_moods(files[genre], n, moods))
        for (genre, n), mean in zip(counts.items(), means, strict=True)
    ]


def _list_moods(genre: Bits, total: int, moods: Mapping[str, Bits]) -> list[MoodShare]:
    common = {mood: count_common(genre, files) for mood, files in moods.items()}
    ranked = sorted((m for m in common if common[m]), key=lambda mood: (-common[mood], mood))
    return list_shares({mood: common[mood] for mood in ranked[:TOP_MOODS]}, total)


def _average(connection: Connection, genres: list[Bits]) -> list[Means]:
    """Of each genre: key -> mean over its files that carry the key as a decimal."""
    carries = [np.unpackbits(bits) for bits in genres]
    sums: list[Counter[tuple[str, int]]] = [Counter() for _genre in genres]
    counts: list[Counter[str]] = [Counter() for _genre in genres]
    for block in read_digests(connection, with_ids=True):
        keys = [key for key, _digits in block.form.decimals]
        for genre, files in enumerate(carries):
            # Picking rows beats a product of matrices: most files are in none of the genres, it
            # needs no floating point, and no threads that wait for cores which others use.
            own = np.flatnonzero(files[block.ids])
            totals = block.numbers[own].sum(axis=0, dtype=np.int64).tolist()
            sums[genre].update(dict(zip(block.form.decimals, totals, strict=True)))
            counts[genre].update(dict.fromkeys(keys, own.size))
    return [_divide(*both) for both in zip(sums, counts, strict=True)]


def _divide(sums: Mapping[tuple[str, int], int], counts: Mapping[str, int]) -> Means:
    totals: Counter[str] = Counter()
    for (key, digits), total in sums.items():
        totals[key] += total * 10 ** (MOST_DIGITS - digits)
    return {
        key: round(totals[key] / 10**MOST_DIGITS / n, DIGITS)
        for key, n in sorted(counts.items())
        if n
    }
