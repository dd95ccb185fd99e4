"""Archives that people bring: whether one is what was meant, and what is wrong with it."""

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path

from mediant.errors import ModelError

_FILE_TYPE = 0o170000
_LINK = 0o120000


def require_checksum(archive: Path, found: str, wished: str) -> None:
    """ModelError unless the SHA-256 that was found is the one that was given."""
    if found != wished.strip().lower():
        text = f"Its SHA-256 is {found}, not the one that was given."
        raise ModelError(text, asset=str(archive), remedy="Download it again.")


@contextmanager
def reading(archive: Path, form: str = "archive") -> Iterator[None]:
    """What zipfile and tarfile raise of a bad archive within the block, as ModelError in words.

    `form` is the word for what it should be. OSError, which may be of the target's disk, passes.
    """
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError) as error:
        raise ModelError(f"It is no sound {form}: {error}.", asset=str(archive)) from error
    except RuntimeError as error:  # encrypted, or packed in a rare way (NotImplementedError)
        raise ModelError(f"It cannot be unpacked: {error}.", asset=str(archive)) from error


def is_link(info: zipfile.ZipInfo) -> bool:
    """Whether the entry of a zip stands for a symbolic link."""
    return (info.external_attr >> 16) & _FILE_TYPE == _LINK
