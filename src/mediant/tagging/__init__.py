"""Listening to tracks: scores, moods, genres, tempo, key and energy, in the database and the file.

Knows: decoding, front ends, networks, pooling, projections, tiers, moods, tags and their undo.
Public: `Tagging`, `TrackReport`; `pipeline.analyse` with `tools.open_tools` for tracks without a
database. Must not know: HTTP, a family's words, how files are found or queued.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediant.tagging.report import TrackReport
    from mediant.tagging.room import Tagging

__all__ = ["Tagging", "TrackReport"]


_HOMES = {"Tagging": "mediant.tagging.room", "TrackReport": "mediant.tagging.report"}


def __getattr__(name: str) -> Any:
    # Workers and the decoder's child import parts of this room. They have no database, and need
    # not pay for the one that the room's face brings along.
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
