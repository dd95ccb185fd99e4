"""What analytics answers with: plain values, no SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class TagPair(NamedTuple):
    """A tag that a file may carry: its key without namespace, and one value."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TagFrequency:
    """How often a key is used. `key` has no namespace."""

    key: str
    files: int
    """Files that carry the key."""
    values: int
    """Distinct values of it."""


@dataclass(frozen=True, slots=True)
class MoodShare:
    """How common a mood is."""

    mood: str
    files: int
    """Files that have it in any tier, each counted once."""
    percentage: float
    """Of the files that it was counted among, one decimal."""


@dataclass(frozen=True, slots=True)
class MoodCorrelations:
    """How moods go together. Shares are in [0, 1], three decimals."""

    moods: Mapping[str, Mapping[str, float]]
    """A -> B -> files with A and B / files with A; strongest first, at most ten a mood."""
    tiers: Mapping[str, Mapping[str, float]]
    """Mood -> `tier_s`, `tier_a`, `tier_b`: the share of its files whose tier is strict, regular
    only, loose only."""


@dataclass(frozen=True, slots=True)
class GenreProfile:
    """What the files of a genre are like."""

    genre: str
    files: int
    percentage: float
    """Of all tagged files, one decimal."""
    means: Mapping[str, float]
    """Numeric key without namespace -> mean over the genre's files that carry it, four decimals."""
    moods: Sequence[MoodShare]
    """The genre's ten most common moods; percentages of the genre's files."""
