"""Brings in a speech model that lies in a folder or an archive, for houses without a hub."""

import re
import shutil
from pathlib import Path

from mediant.errors import Invalid, ModelError, Refused
from mediant.models.archive import require_checksum
from mediant.models.facts import hash_file
from mediant.models.install import open_workplace
from mediant.models.place import put_folder, require_space
from mediant.models.speech_archive import is_archive, unpack_model
from mediant.models.speech_catalog import SPEECH_CATALOG
from mediant.models.speech_check import complete_folder
from mediant.models.speech_folder import (
    SPEECH_FOLDER,
    SpeechModel,
    find_licence,
    is_speech_file,
    list_missing,
    read_speech_model,
)

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_ENDS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")


def import_speech(
    source: Path, models: Path, name: str | None = None, sha256: str | None = None
) -> SpeechModel:
    """Copy, check and install a Whisper in CTranslate2's form as `<models>/asr/<name>/`.

    `source` is its folder, or a zip or tar file that holds it; `name` is the source's own without
    one; `sha256` is what the archive's checksum shall be. Invalid for a name that cannot be a
    folder's; Refused when a model of this name is there; ModelError when it is no whole Whisper.
    """
    chosen = name or _name_of(source)
    if not _NAME.fullmatch(chosen) or chosen in SPEECH_CATALOG:
        text = "A model cannot have this name: letters, digits, dots, hyphens and underscores can."
        raise Invalid(text, asset=chosen, remedy="Name it with --name.")
    place = models / SPEECH_FOLDER / chosen
    if place.exists():
        text = "There is a model of this name already."
        raise Refused(text, asset=str(place), remedy="Remove it first, or give another --name.")
    _require_source(source, sha256)
    with open_workplace(models) as workplace:
        folder = workplace / chosen
        folder.mkdir()
        _bring(source, folder)
        complete_folder(folder, chosen, f"imported from {source.name}", find_licence(folder))
        put_folder(folder, place)
    return read_speech_model(place)


def _name_of(source: Path) -> str:
    name = source.resolve().name
    ends = (end for end in _ENDS if source.is_file() and name.lower().endswith(end))
    return name[: len(name) - len(next(ends, ""))]


def _require_source(source: Path, sha256: str | None) -> None:
    """ModelError where it is neither folder nor archive, or not the one that was meant."""
    try:
        if source.is_dir():
            if sha256:
                raise Invalid("A folder has no checksum.", asset=str(source))
            return
        if not is_archive(source):
            text = "It is neither a folder nor a zip or tar file."
            raise ModelError(text, asset=str(source))
        if sha256:
            require_checksum(source, hash_file(source), sha256)
    except OSError as error:
        text = f"It cannot be read: {error.strerror or error}."
        raise ModelError(text, asset=str(source)) from error


def _bring(source: Path, folder: Path) -> None:
    if source.is_dir():
        _copy(source, folder)
    else:
        unpack_model(source, folder)


def _copy(source: Path, folder: Path) -> None:
    """Links are followed: in the folders of a hub's client the files are links."""
    try:
        names = [path.name for path in source.iterdir() if is_speech_file(path.name)]
        found = [source / name for name in sorted(names) if (source / name).is_file()]
        total = sum(path.stat().st_size for path in found)
    except OSError as error:
        raise ModelError(f"It cannot be read: {error.strerror}.", asset=str(source)) from error
    missing = list_missing({path.name for path in found})
    if missing:
        text = f"It is no Whisper in CTranslate2's form: it lacks {', '.join(missing)}."
        raise ModelError(text, asset=str(source))
    require_space(str(source), total, folder)
    for path in found:
        shutil.copyfile(path, folder / path.name)
