"""Where media files may lie: paths of other programs, and the folders that are ours to touch."""

import os
from collections.abc import Sequence
from pathlib import Path

from mediant.errors import Forbidden, Invalid, MediaError
from mediant.kernel.paths import is_within
from mediant.settings.subtitles import SubtitlesSettings


def to_ours(path: str | Path, settings: SubtitlesSettings) -> Path:
    """A path as this machine says it.

    With `use_path_mapping` the prefix of another program becomes ours; a prefix ends at a folder,
    so that `/tv` does not take `/tv2`. Nothing is resolved.
    """
    found = Path(path)
    if not settings.use_path_mapping:
        return found
    theirs, ours = Path(settings.path_mapping_from), Path(settings.path_mapping_to)
    return ours / found.relative_to(theirs) if is_within(found, theirs) else found


def to_theirs(path: Path, settings: SubtitlesSettings) -> Path:
    """A path of ours as the other programs say it: the way back of `to_ours`."""
    theirs, ours = Path(settings.path_mapping_from), Path(settings.path_mapping_to)
    if not settings.use_path_mapping or not is_within(path, ours):
        return path
    return theirs / path.relative_to(ours)


def check_place(path: Path, roots: Sequence[str]) -> Path:
    """The path with links resolved.

    MediaError `missing` when no file is there, Forbidden when it lies outside all `roots` (with
    none of them everything is allowed). A link that leads out of the roots lies outside.
    """
    real = Path(os.path.realpath(path))
    if roots and not any(is_within(real, Path(os.path.realpath(root))) for root in roots):
        raise Forbidden(
            "It lies outside the library's folders.",
            asset=str(path),
            remedy="Add its folder to `library_paths`.",
        )
    if not real.is_file():
        raise MediaError("missing", f"File not found: {path}")
    return real


def refuse_folder(path: Path) -> None:
    """Raise Invalid for what is there and no regular file: a folder, a device, a pipe."""
    real = Path(os.path.realpath(path))
    if real.is_dir():
        remedy = "Name its files, or have the scan rules look at it."
        raise Invalid("This is a folder; a job is for one file.", asset=str(path), remedy=remedy)
    if real.exists() and not real.is_file():
        raise Invalid("This is no file, but a device or a pipe.", asset=str(path))
