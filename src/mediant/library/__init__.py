"""The media folders and the files in them.

Knows: roots, scans, what was added, changed, moved or lost, watching, path maps between containers.
Public: `Library` and its values `LibraryEntry`, `FileEntry`, `LibraryStatistics`, `PathMap`; the
hooks `OnChanged` and `OnMoved`; for whoever writes a file, `read_fingerprint`.
Must not know: what is done with a file, HTTP, or a family's words.

The names are loaded when asked for: worker processes walk roots without the database's library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediant.library.files import FileEntry, LibraryStatistics
    from mediant.library.fingerprint import read_fingerprint
    from mediant.library.libraries import LibraryEntry, OnChanged
    from mediant.library.library import Library
    from mediant.library.moves import OnMoved
    from mediant.library.path_maps import PathMap

__all__ = [
    "FileEntry",
    "Library",
    "LibraryEntry",
    "LibraryStatistics",
    "OnChanged",
    "OnMoved",
    "PathMap",
    "read_fingerprint",
]

_HOMES = {
    "FileEntry": "files",
    "Library": "library",
    "LibraryEntry": "libraries",
    "LibraryStatistics": "files",
    "OnChanged": "libraries",
    "PathMap": "path_maps",
    "OnMoved": "moves",
    "read_fingerprint": "fingerprint",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
