"""What a decoder says about a file, in the same words for every decoder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

LOUDEST = 1000.0
"""No sample is larger: 60 dB over full scale is damage, and would overflow what follows."""

RATES = range(1000, 1_000_001)
"""Sample rates that are believed, in Hz."""

_TAG_NAMES = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "album_artist": "album_artist",
    "albumartist": "album_artist",
    "album artist": "album_artist",
    "genre": "genre",
    "date": "date",
    "year": "date",
    "track": "track",
    "tracknumber": "track",
}
_LONGEST_TAG = 500


class DataError(Exception):
    """A decoder does not accept the data; another one may."""


@dataclass
class Facts:
    """What is known before decoding, and what was noticed while decoding."""

    decoder: str
    container: str | None
    codec: str | None
    sample_rate: int
    channels: int
    bit_rate: int | None
    announced_s: float | None
    tags: dict[str, str]
    decoded_s: float = 0.0
    damaged: int = 0
    intact: int = 0
    warnings: list[str] = field(default_factory=list)


class MediaSource(Protocol):
    """An opened file. SHALL yield mono float32 [n] with its rate; raises `DataError`."""

    facts: Facts

    def blocks(self) -> Iterator[tuple[Samples, int]]: ...


def pick_tags(*sources: Mapping[str, object]) -> dict[str, str]:
    """Our seven tag names from a container's own, the first source that has one wins."""
    found: dict[str, str] = {}
    for source in sources:
        for key, value in source.items():
            name = _TAG_NAMES.get(key.lower())
            if name and str(value).strip():
                found.setdefault(name, str(value).strip()[:_LONGEST_TAG])
    return found


def heal(mono: Samples, facts: Facts) -> Samples:
    """Zero what is no number or beyond all loudness; one such value would poison the filter."""
    if mono.size and not (mono.max() < LOUDEST and mono.min() > -LOUDEST):
        bad = ~(np.abs(mono) < LOUDEST)
        mono[bad] = 0
        facts.damaged += 1
        text = "Some samples are not numbers or beyond all loudness; they were taken as silence."
        if text not in facts.warnings:
            facts.warnings.append(text)
    return mono
