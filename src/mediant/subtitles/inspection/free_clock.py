"""Containers whose clock begins anywhere; players count from its beginning."""

from collections.abc import Mapping
from pathlib import PurePath

FREE_CLOCKS: Mapping[str, tuple[str, ...]] = {
    "mpegts": (".ts", ".m2t", ".m2ts", ".mts"),
    "mpeg": (".mpg", ".mpeg", ".vob"),
    "wtv": (".wtv",),
}
"""FFmpeg's name of the format -> the endings of its files."""

_ENDINGS = frozenset(ending for endings in FREE_CLOCKS.values() for ending in endings)


def has_free_clock(format_name: str) -> bool:
    """Whether a format is one of them. FFmpeg names several of one kind with commas."""
    return any(name in FREE_CLOCKS for name in format_name.split(","))


def is_named_so(path: PurePath) -> bool:
    """Whether a file is one of them by its ending, where nobody has looked inside."""
    return path.suffix.lower() in _ENDINGS
