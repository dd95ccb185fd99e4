"""Takes a speech model out of a zip or tar file.

Only files of the names that a model has are written, under these names and never by the paths in
the archive; links are refused, and what is unpacked is bounded.
"""

import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from mediant.errors import ModelError
from mediant.kernel.units import format_size
from mediant.models.archive import is_link, reading
from mediant.models.place import require_space
from mediant.models.speech_folder import WEIGHTS, is_speech_file, list_missing

LARGEST_BYTES = 16 << 30
"""Of a model; the largest Whisper has 6 GB in single precision."""

_CHUNK_BYTES = 1 << 20
_MOST_MEMBERS = 10_000


@dataclass(frozen=True, slots=True)
class _Member:
    path: PurePosixPath
    size_bytes: int
    is_link: bool
    open: Callable[[], IO[bytes] | None]


def is_archive(path: Path) -> bool:
    """Whether this is a zip or a tar file, packed or not."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def unpack_model(archive: Path, folder: Path) -> None:
    """Write the files of the one model in an archive into a folder. ModelError says what is wrong.

    OSError when the folder cannot be written.
    """
    with reading(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                _unpack(_list_zip(zipped), archive, folder)
        else:
            with tarfile.open(archive) as tarred:
                _unpack(_list_tar(tarred), archive, folder)


def _list_zip(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        if not info.is_dir():
            opens = partial(archive.open, info)
            yield _Member(PurePosixPath(info.filename), info.file_size, is_link(info), opens)


def _list_tar(archive: tarfile.TarFile) -> Iterator[_Member]:
    for info in archive:
        if not info.isdir():
            opens = partial(archive.extractfile, info)
            yield _Member(PurePosixPath(info.name), info.size, not info.isreg(), opens)


def _unpack(members: Iterable[_Member], archive: Path, folder: Path) -> None:
    wanted = _find_model(_count(members, archive), archive)
    missing = list_missing({member.path.name for member in wanted})
    if missing:
        text = f"It holds no Whisper in CTranslate2's form: it lacks {', '.join(missing)}."
        raise ModelError(text, asset=str(archive))
    require_space(str(archive), sum(member.size_bytes for member in wanted), folder)
    for member in wanted:
        _write(member, archive, folder)


def _count(members: Iterable[_Member], archive: Path) -> list[_Member]:
    """All of them; ModelError when they are more than a model can be.

    Neither zipfile nor tarfile gives more bytes of a file than it announces.
    """
    found: list[_Member] = []
    total = 0
    for member in members:
        found.append(member)
        total += member.size_bytes
        if total > LARGEST_BYTES or len(found) > _MOST_MEMBERS:
            text = f"Unpacked it is more than a model of {format_size(LARGEST_BYTES)}."
            raise ModelError(text, asset=str(archive))
    return found


def _find_model(members: Sequence[_Member], archive: Path) -> list[_Member]:
    """The files that lie beside the weights, in the order of the archive."""
    homes = [member.path.parent for member in members if member.path.name == WEIGHTS]
    if len(homes) != 1:
        text = f"It holds {len(homes)} files {WEIGHTS}; a model has one."
        raise ModelError(text, asset=str(archive))
    beside = [member for member in members if member.path.parent == homes[0]]
    wanted = [member for member in beside if is_speech_file(member.path.name)]
    for member in wanted:
        if member.is_link or ".." in member.path.parts or member.path.is_absolute():
            text = f"{member.path} is a link, or lies outside the archive."
            raise ModelError(text, asset=str(archive), remedy="Do not trust where it is from.")
    return wanted


def _write(member: _Member, archive: Path, folder: Path) -> None:
    packed = member.open()
    if packed is None or (folder / member.path.name).exists():
        text = f"It holds {member.path} twice, or as no plain file."
        raise ModelError(text, asset=str(archive))
    with packed, (folder / member.path.name).open("xb") as file:
        shutil.copyfileobj(packed, file, _CHUNK_BYTES)
    if (folder / member.path.name).stat().st_size != member.size_bytes:
        raise ModelError(f"It is cut off in {member.path}.", asset=str(archive))
