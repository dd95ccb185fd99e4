"""Navidrome reads our tags: its tag configuration, queries, previews and smart playlists.

Knows: the query grammar, Navidrome's rules (`.nsp`), its `Tags` configuration (TOML).
Public: `Navidrome` and what it answers. Must not know: HTTP, files, how tags come about.
"""

from mediant.tagging.navidrome.navidrome import Navidrome
from mediant.tagging.navidrome.playlist import (
    PlaylistPreview,
    PlaylistTemplate,
    PreviewTrack,
    SmartPlaylist,
)
from mediant.tagging.navidrome.tags import NavidromeTag

__all__ = [
    "Navidrome",
    "NavidromeTag",
    "PlaylistPreview",
    "PlaylistTemplate",
    "PreviewTrack",
    "SmartPlaylist",
]
