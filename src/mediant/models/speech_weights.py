"""Walks through the file of a Whisper's weights as CTranslate2 writes it, and reads none of them.

The form (`ctranslate2.specs.model_spec`), little-endian: version u32; name of the kind; its
revision u32; number of variables u32; each: name, rank u8, dimensions u32, type u8, length in bytes
u32, the bytes; number of aliases u32; each: two names. A name is its length u16, then text and a
zero byte.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mediant.errors import ModelError

_SPEC = b"WhisperSpec\0"
_OLDEST = 4
"""Of the versions that say how long each variable is."""
_MOST_VARIABLES = 100_000
_HIGHEST_RANK = 8
_FIRST_LAYER = b"encoder/conv1/weight\0"
_TOKENS = b"decoder/embeddings/weight\0"


@dataclass(frozen=True, slots=True)
class SpeechWeights:
    """What the shapes of the weights tell."""

    bands: int
    """Of the spectrogram that goes in."""
    pieces: int
    """Of words that come out."""


def read_weights(path: Path) -> SpeechWeights:
    """The shapes in a file that is whole; ModelError when it is cut off, or no Whisper."""
    with path.open("rb") as file:
        try:
            return _walk(file, os.fstat(file.fileno()).st_size)
        except struct.error as error:
            raise ModelError(f"{path.name} is cut off.", asset=str(path)) from error


def _walk(file: IO[bytes], size: int) -> SpeechWeights:
    (version,) = _take(file, "I")
    if _take_name(file) != _SPEC or version < _OLDEST:
        raise ModelError("model.bin is no Whisper in CTranslate2's form.")
    _revision, count = _take(file, "II")
    if count > _MOST_VARIABLES:
        raise ModelError("model.bin is damaged.")
    shapes = dict(_take_variable(file, size) for _ in range(count))
    try:
        (_, bands, _), (pieces, _) = shapes[_FIRST_LAYER], shapes[_TOKENS]
    except (KeyError, ValueError) as error:
        raise ModelError("model.bin lacks parts of a Whisper.") from error
    return SpeechWeights(bands, pieces)


def _take_variable(file: IO[bytes], size: int) -> tuple[bytes, tuple[int, ...]]:
    name = _take_name(file)
    (rank,) = _take(file, "B")
    if rank > _HIGHEST_RANK:
        raise ModelError("model.bin is damaged.")
    shape = _take(file, f"{rank}I")
    _type, length = _take(file, "BI")
    file.seek(length, os.SEEK_CUR)
    if file.tell() > size:
        raise struct.error
    return name, shape


def _take_name(file: IO[bytes]) -> bytes:
    (length,) = _take(file, "H")
    return file.read(length)


def _take(file: IO[bytes], form: str) -> tuple[int, ...]:
    exact = struct.Struct(f"<{form}")
    return exact.unpack(file.read(exact.size))
