"""What another program did to files, and what follows from it: jobs that tag, scans that look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import Forbidden, MediantError
from mediant.jobs.job import Enqueued
from mediant.kernel.paths import real
from mediant.library.libraries import covering
from mediant.library.library import Library
from mediant.tagging.room import Tagging


@dataclass(frozen=True, slots=True)
class FileNews:
    """What a program that keeps files in order says that it did. All paths are as it names them.

    `written`: files with new content. `displaced`: files that came, went or were moved; their
    folders are looked at. `folders`: folders to look at whole. What is looked at may be gone.
    """

    written: Sequence[str] = ()
    displaced: Sequence[str] = ()
    folders: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A path of the news of which nothing could be made, and why."""

    path: str
    error: MediantError


@dataclass(frozen=True, slots=True)
class Heeded:
    """What was enqueued: jobs that tag, scans, and what stood in the way of the rest."""

    tags: list[Enqueued]
    scans: list[Enqueued]
    troubles: list[Trouble]


def heed(library: Library, tagging: Tagging, news: FileNews) -> Heeded:
    """Tag the files that were written, and scan where files came, went or moved.

    No row is removed: a scan marks as missing what is gone, and knows a moved file again when its
    old and its new folder are looked at in one go. One path's failure stops no other; raises the
    first `MediantError` when nothing at all could be done.
    """
    heeded = Heeded([], [], [])
    for path in dict.fromkeys(news.written):
        try:
            heeded.tags.extend(tagging.tag_path(library.to_ours(path)))
        except MediantError as error:
            heeded.troubles.append(Trouble(path, error))
    for library_id, folders in _group(library, news, heeded.troubles).items():
        try:
            heeded.scans.append(library.scan(library_id, paths=list(folders.values())))
        except MediantError as error:
            heeded.troubles.extend(Trouble(path, error) for path in folders)
    if heeded.troubles and not heeded.tags and not heeded.scans:
        raise heeded.troubles[0].error
    return heeded


def _group(library: Library, news: FileNews, troubles: list[Trouble]) -> dict[int, dict[str, Path]]:
    """The folders to look at, by library and by the path that asks for it."""
    libraries = library.list_libraries()
    groups: dict[int, dict[str, Path]] = {}
    for path, is_file in _places(news):
        try:
            ours = library.to_ours(path)
            folder = real(ours.parent if is_file else ours)
            home = covering(libraries, folder)
            if home is None:
                remedy = "Add its folder first: `mediant libraries add FOLDER`."
                raise Forbidden("The path lies in no library.", asset=str(ours), remedy=remedy)
        except MediantError as error:
            troubles.append(Trouble(path, error))
        else:
            groups.setdefault(home.id, {})[path] = folder
    return groups


def _places(news: FileNews) -> Iterator[tuple[str, bool]]:
    yield from ((path, True) for path in news.displaced)
    yield from ((path, False) for path in news.folders)
