"""Where a subtitle goes, and in which form."""

import os
import shlex
from pathlib import Path

from mediant.errors import Forbidden, WriteError
from mediant.kernel.paths import is_within
from mediant.subtitles.inspection.extensions import split_name
from mediant.subtitles.naming import LYRICS, NamingType, subtitle_name
from mediant.subtitles.rules.output import output_path
from mediant.subtitles.transcribe.order import Order


def choose_path(order: Order, language: str, *, is_video: bool) -> Path:
    """The name that players look for, beside the media file or in the folder that was asked for.

    Lyrics carry the song's own name, for no player reads a language out of it. Raises Forbidden
    for a folder outside the library.
    """
    folder = _folder_of(order)
    _check_roots(folder, order)
    return folder / _choose_name(order, language, is_video=is_video)


def check_folder(order: Order) -> None:
    """That the subtitle can be written, as far as that shows before hours of work.

    Forbidden as above, WriteError for a folder that takes no files, or neither is there nor can be
    made: in a folder that is there, where somebody named it.
    """
    folder = _folder_of(order)
    _check_roots(folder, order)
    if order.folder is not None and not folder.exists() and folder.parent.is_dir():
        folder = folder.parent
    if not folder.is_dir():
        remedy = f"Make it first: mkdir -p {shlex.quote(str(folder))}"
        raise WriteError(
            "There is no such folder for the subtitle.", asset=str(folder), remedy=remedy
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        text = "The subtitle could not be written: this folder takes no files."
        raise WriteError(text, asset=str(folder), remedy="Is it mounted read-only, or not ours?")


def make_folder(order: Order) -> None:
    """Make the folder that was asked for, if it is not there. Raises WriteError."""
    if order.folder is None:
        return
    try:
        order.folder.mkdir(exist_ok=True)
    except OSError as failed:
        text = f"The folder for the subtitle could not be made: {failed.strerror or failed}."
        raise WriteError(text, asset=str(order.folder)) from failed


def _folder_of(order: Order) -> Path:
    return order.folder or order.path.parent


def form_of(path: Path) -> str:
    """The form that a file of this name has."""
    return path.suffix.removeprefix(".").lower()


def _choose_name(order: Order, language: str, *, is_video: bool) -> str:
    settings = order.settings
    if order.form is None:
        return Path(output_path(str(order.path), language, settings, is_video=is_video)).name
    stem = split_name(order.path.name)[0]
    if order.form == LYRICS:
        return f"{stem}.{LYRICS}"
    return subtitle_name(
        stem,
        language,
        naming=NamingType(settings.subtitle_language_naming_type),
        fixed=settings.subtitle_language_name,
        extension=order.form,
    )


def _check_roots(folder: Path, order: Order) -> None:
    roots = [Path(os.path.realpath(root)) for root in order.settings.library_paths]
    real = Path(os.path.realpath(folder))
    if roots and not any(is_within(real, root) for root in roots):
        raise Forbidden("This folder lies outside the library's folders.", asset=str(folder))
