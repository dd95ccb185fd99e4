"""The videos of a folder, for a wish that is not by the rules."""

import os
from collections.abc import Iterator
from pathlib import Path

from mediant.errors import Invalid, NotFound
from mediant.kernel.paths import is_storable
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.extensions import VIDEO_EXTENSIONS, extension_of
from mediant.subtitles.scanning.scanner import confine


def check_folder(path: Path, settings: SubtitlesSettings) -> Path:
    """The folder. Raises `Invalid`, `NotFound`, and `Forbidden` outside the library's folders."""
    if not path.is_absolute() or not is_storable(str(path)):
        raise Invalid("An absolute path in UTF-8 is needed.", asset=ascii(str(path)))
    confine(path, settings)
    if not path.is_dir():
        raise NotFound("There is no such folder.", asset=str(path))
    return path


def list_videos(folder: Path) -> Iterator[Path]:
    """The videos below it, by name; links to folders are not followed, hidden ones passed over."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            is_media = extension_of(name) in VIDEO_EXTENSIONS and not name.startswith(".")
            if is_media and is_storable(name):
                yield Path(here, name)
