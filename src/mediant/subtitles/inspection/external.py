"""Subtitle files of videos, told from the names in a folder. Pure, but for `list_names`.

Names are relative to the folder, with slashes: `Film.mkv`, `Film.en.srt`, `Subs/2_English.srt`,
`Subs/Film/2_English.srt`. The other media files belong among them: `Film.Part 2.en.srt` is of
`Film.Part 2.mkv` where that exists, and a nameless file in `Subs` is of the only video there is.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from mediant.subtitles.inspection.extensions import (
    MEDIA_EXTENSIONS,
    VIDEO_EXTENSIONS,
    extension_of,
    split_name,
)
from mediant.subtitles.inspection.video import ExternalSubtitle
from mediant.subtitles.naming import (
    EXTENSIONS,
    FOLDERS,
    LYRICS,
    SubtitleName,
    read_folder_name,
    read_name,
)

MARKERS = frozenset({".nosubs", ".subgen_skip"})
"""Names of files that ask to leave their folder, and all below it, alone."""

_SIDE_FILM = re.compile(r"(^|[ ._-])(sample|trailer)$", re.IGNORECASE)
_END_OF_STEM = re.compile(r"(?=[. \[({])|$")
_KEPT = EXTENSIONS | MEDIA_EXTENSIONS | {LYRICS}


def list_names(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """The names in a folder that matter here, and those in its folders of subtitles; sorted.

    Folders of subtitles are `Subs` and the like, and in them those named like a video. A folder
    that is gone or closed to us has none.
    """
    found = []
    for entry in _entries(folder):
        if _is_kept(entry.name):
            found.append(entry.name)
        elif entry.name.casefold() in FOLDERS:
            found += _names_below(entry, 1)
    return tuple(sorted(found))


def group_external(
    folder: str | os.PathLike[str], names: Iterable[str]
) -> dict[str, tuple[ExternalSubtitle, ...]]:
    """The subtitle files of every media file of a folder, by the media file's name.

    The work grows with the number of names, not with its square.
    """
    place, every = Path(folder), sorted(set(names))
    media = [name for name in every if _is_media(name)]
    owners = _Owners(media)
    found: dict[str, list[ExternalSubtitle]] = {stem: [] for stem in owners.stems}
    for name in every:
        if extension_of(name) in EXTENSIONS and (owned := owners.find(name)):
            stem, told = owned
            path = os.fspath(place / name)
            found[stem].append(
                ExternalSubtitle(path, told.language, told.is_forced, told.is_generated)
            )
    return {name: tuple(found[split_name(name)[0]]) for name in media}


def find_lyrics(audio_path: str | os.PathLike[str], names: Iterable[str]) -> str | None:
    """The name of an audio file's `.lrc`, with or without a language, or None."""
    stem = Path(audio_path).stem
    return next(
        (name for name in sorted(names) if extension_of(name) == LYRICS and read_name(name, stem)),
        None,
    )


def find_marker(folder: str | os.PathLike[str], root: str | os.PathLike[str]) -> str | None:
    """The path of the marker that covers a folder: in it or in a parent, up to `root`.

    Only in the folder itself where that does not lie below `root`.
    """
    start, top = Path(folder), Path(root)
    levels = [start, *start.parents] if start.is_relative_to(top) else [start]
    for level in levels:
        if found := next(
            (level / name for name in sorted(MARKERS) if _is_there(level / name)), None
        ):
            return os.fspath(found)
        if level == top:
            break
    return None


def _is_media(name: str) -> bool:
    return "/" not in name and extension_of(name) in MEDIA_EXTENSIONS


class _Owners:
    """Whose a subtitle file is."""

    def __init__(self, media: Iterable[str]) -> None:
        split = [split_name(name) for name in media]
        self.stems = sorted({stem for stem, _ in split})
        self._by_fold: dict[str, list[str]] = {}
        for stem in self.stems:
            self._by_fold.setdefault(stem.casefold(), []).append(stem)
        films = {stem for stem, extension in split if extension in VIDEO_EXTENSIONS}
        films = {stem for stem in films if not _SIDE_FILM.search(stem)}
        self._only_film = films.pop() if len(films) == 1 else None

    def find(self, name: str) -> tuple[str, SubtitleName] | None:
        """The stem of the owner, and what the name says."""
        *folders, bare = PurePosixPath(name).parts
        if len(folders) > 1 and (stem := self._stem_like(folders[-1])) is not None:
            told = read_folder_name(bare, stem)
            return (stem, told) if told else None
        for stem in self._candidates(bare):
            if told := read_name(bare, stem):
                return stem, told
        if folders and self._only_film is not None:
            told = read_folder_name(bare, self._only_film)
            return (self._only_film, told) if told else None
        return None

    def _stem_like(self, folder: str) -> str | None:
        """The stem that a folder is named by; the same letters before the same but for case."""
        same = self._by_fold.get(folder.casefold(), [])
        return folder if folder in same else next(iter(same), None)

    def _candidates(self, bare: str) -> Iterator[str]:
        """Stems that the name begins with, the longest first."""
        name = split_name(bare)[0]
        for end in sorted({match.start() for match in _END_OF_STEM.finditer(name)}, reverse=True):
            same = self._by_fold.get(name[:end].casefold(), [])
            yield from sorted(same, key=lambda stem: stem != name[:end])


def _entries(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def _names_below(folder: os.DirEntry[str], depth: int) -> list[str]:
    """Of subtitles only; a `Subs` folder may be a link, as any other."""
    found = []
    for entry in _entries(folder.path):
        if extension_of(entry.name) in EXTENSIONS:
            found.append(f"{folder.name}/{entry.name}")
        elif depth > 0 and _is_folder(entry):
            found += [f"{folder.name}/{name}" for name in _names_below(entry, depth - 1)]
    return found


def _is_kept(name: str) -> bool:
    return name in MARKERS or extension_of(name) in _KEPT


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
