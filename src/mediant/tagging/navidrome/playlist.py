"""What becomes of a query: a preview, and a smart playlist for Navidrome."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PreviewTrack:
    """One track that a query finds. `path` is absolute; `title` and `artist` may be unknown."""

    path: str
    title: str | None
    artist: str | None


@dataclass(frozen=True, slots=True)
class PlaylistPreview:
    """How many tracks a query finds, and the first of them."""

    matched: int
    tracks: tuple[PreviewTrack, ...]


@dataclass(frozen=True, slots=True)
class SmartPlaylist:
    """A smart playlist. `content` is the text of its `.nsp` file (JSON)."""

    name: str
    query: str
    content: str


@dataclass(frozen=True, slots=True)
class PlaylistTemplate:
    """A query made of words that this library has; `files`: how many tracks it finds, never 0."""

    id: str
    name: str
    description: str
    query: str
    files: int
