"""What lies beside a media file: its subtitle files, its lyrics, a marker that covers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from mediant.subtitles.inspection.external import (
    find_lyrics,
    find_marker,
    group_external,
    list_names,
)
from mediant.subtitles.inspection.video import ExternalSubtitle


@dataclass(frozen=True, slots=True)
class Beside:
    """Told by names alone; found anew at each look."""

    external: tuple[ExternalSubtitle, ...] = ()
    lyrics: str | None = None
    """The name of an audio file's `.lrc`."""
    marker: str | None = None
    """The path of a file that asks to leave this folder alone."""

    def names_in(self, folder: PurePosixPath) -> tuple[str, ...]:
        """The names of those of these files that lie in the media file's own folder."""
        paths = [PurePosixPath(one.path) for one in self.external]
        named = [path.name for path in paths if path.parent == folder]
        return tuple(named if self.lyrics is None else [*named, self.lyrics])

    def to_list(self) -> list[Any]:
        """Plain values, as short as they get: most files have nothing beside them."""
        files = [[one.path, one.language, one.is_forced, one.is_generated] for one in self.external]
        return [files, self.lyrics, self.marker]

    @classmethod
    def from_list(cls, told: Sequence[Any]) -> "Beside":
        """The other way."""
        files, lyrics, marker = told
        return cls(tuple(ExternalSubtitle(*one) for one in files), lyrics, marker)


@dataclass(frozen=True, slots=True)
class _Folder:
    names: tuple[str, ...]
    external: Mapping[str, tuple[ExternalSubtitle, ...]]
    marker: str | None
    has_lyrics: bool


@dataclass(slots=True)
class Surroundings:
    """Lists each folder once while a walk is in it; remembers no more than the walk's way up."""

    roots: Sequence[str]
    """Markers count up to the root that a folder lies in."""
    folders: dict[str, _Folder] = field(default_factory=dict)

    def of(self, path: str) -> Beside:
        """What lies beside this file."""
        above, _, name = path.rpartition("/")
        folder = self.folders.get(above) or self._list(above)
        lyrics = find_lyrics(path, folder.names) if folder.has_lyrics else None
        return Beside(folder.external.get(name, ()), lyrics, folder.marker)

    def _list(self, above: str) -> _Folder:
        names = list_names(above)
        marker = find_marker(above, self._root_of(above))
        has_lyrics = any(name.lower().endswith(".lrc") for name in names)
        folder = _Folder(names, group_external(above, names), marker, has_lyrics)
        on_the_way = (one for one in self.folders if above.startswith(f"{one}/"))
        self.folders = {one: self.folders[one] for one in on_the_way} | {above: folder}
        return folder

    def _root_of(self, above: str) -> str:
        inside = [root for root in self.roots if PurePosixPath(above).is_relative_to(root)]
        return min(inside, key=len, default=above)
