"""Reads the tensors of a TensorFlow 1 "V2" checkpoint, and believes nothing it cannot check.

Such a checkpoint is a sorted table of names (`.index`) and the raw tensors (`.data-...`).
Every block and every tensor carries a CRC-32C, and every one is verified.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mediant.errors import ModelError
from mediant.models.crc32c import crc32c, unmask

Floats = npt.NDArray[np.float32]

_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
_TRAILER_BYTES = 5
_PLAIN = 0
_FLOAT32 = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


@dataclass(frozen=True, slots=True)
class _Entry:
    shape: tuple[int, ...]
    offset: int
    size: int
    crc: int


def read_checkpoint(
    index: bytes, data: bytes, wanted: Mapping[str, tuple[int, ...]], *, asset: str
) -> dict[str, Floats]:
    """The wanted tensors, by name, with exactly the wanted shapes.

    ModelError when anything is damaged, cut, compressed, missing or of another shape or type.
    """
    try:
        entries = _read_entries(index, asset)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise ModelError("The checkpoint's index is cut or damaged.", asset=asset) from error
    return {name: _read_tensor(name, shape, entries, data, asset) for name, shape in wanted.items()}


def _read_tensor(
    name: str,
    shape: tuple[int, ...],
    entries: Mapping[str, bytes],
    data: bytes,
    asset: str,
) -> Floats:
    if name not in entries:
        raise ModelError(f"The checkpoint has no tensor {name}.", asset=asset)
    try:
        entry = _parse_entry(name, entries[name], asset)
    except (IndexError, struct.error) as error:
        text = f"The description of the tensor {name} is damaged."
        raise ModelError(text, asset=asset) from error
    if entry.shape != shape:
        text = f"The tensor {name} has the shape {entry.shape} instead of {shape}."
        raise ModelError(text, asset=asset)
    raw = data[entry.offset : entry.offset + entry.size]
    if len(raw) != entry.size or entry.size != 4 * int(np.prod(shape, dtype=np.int64)):
        raise ModelError(f"The checkpoint is cut within the tensor {name}.", asset=asset)
    if crc32c(raw) != entry.crc:
        raise ModelError(f"The tensor {name} is damaged: its checksum is wrong.", asset=asset)
    return np.frombuffer(raw, dtype="<f4").reshape(shape).astype(np.float32)


def _read_entries(index: bytes, asset: str) -> dict[str, bytes]:
    """Every name in the table with its undecoded description."""
    footer = index[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or struct.unpack("<Q", footer[-8:])[0] != _MAGIC:
        raise ModelError("This is not a checkpoint's index, or it is cut.", asset=asset)
    position = 0
    handle = []
    for _ in range(4):
        value, position = _varint(footer, position)
        handle.append(value)
    entries: dict[str, bytes] = {}
    for _, where in _read_block(index, handle[2], handle[3], asset):
        offset, position = _varint(where, 0)
        size, _ = _varint(where, position)
        for key, value_bytes in _read_block(index, offset, size, asset):
            entries[key.decode()] = value_bytes
    return entries


def _read_block(index: bytes, offset: int, size: int, asset: str) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each entry of one block, after its checksum was found right."""
    block = index[offset : offset + size]
    trailer = index[offset + size : offset + size + _TRAILER_BYTES]
    if len(block) < size or len(trailer) < _TRAILER_BYTES:
        raise ModelError("The checkpoint's index is cut.", asset=asset)
    if crc32c(block + trailer[:1]) != unmask(struct.unpack("<I", trailer[1:])[0]):
        raise ModelError("The checkpoint's index is damaged: a checksum is wrong.", asset=asset)
    if trailer[0] != _PLAIN:
        text = f"The checkpoint's index is compressed (type {trailer[0]}), which is not read."
        raise ModelError(text, asset=asset)
    restarts = struct.unpack("<I", block[-4:])[0]
    return _block_entries(block[: size - 4 - 4 * restarts])


def _block_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Entries share the beginning of their key with the entry before."""
    position, key = 0, b""
    while position < len(block):
        shared, position = _varint(block, position)
        unshared, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + unshared]
        position += unshared
        yield key, block[position : position + length]
        position += length


def _parse_entry(name: str, message: bytes, asset: str) -> _Entry:
    """Fields: 1 type, 2 shape, 3 shard, 4 offset, 5 size, 6 masked CRC; an absent one is 0."""
    numbers = {1: 0, 3: 0, 4: 0, 5: 0, 6: 0}
    shape: tuple[int, ...] = ()
    for field, value in _fields(message):
        if isinstance(value, int):
            numbers[field] = value
        elif field == 2:
            shape = _parse_shape(value)
    if numbers[1] != _FLOAT32:
        text = f"The tensor {name} has the type {numbers[1]}, not float32."
        raise ModelError(text, asset=asset)
    if numbers[3] != 0:
        raise ModelError(f"The tensor {name} lies in another shard.", asset=asset)
    return _Entry(shape, numbers[4], numbers[5], unmask(numbers[6]))


def _parse_shape(message: bytes) -> tuple[int, ...]:
    """A repeated field 2, each with the size in its own field 1."""
    sizes = []
    for field, dimension in _fields(message):
        if field == 2 and isinstance(dimension, bytes):
            parts = dict(_fields(dimension))
            size = parts.get(1, 0)
            sizes.append(size if isinstance(size, int) else 0)
    return tuple(sizes)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field number and value of each field of a protobuf message."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        wire = tag & 7
        if wire == _VARINT:
            value, position = _varint(message, position)
            yield tag >> 3, value
        elif wire == _BYTES:
            size, position = _varint(message, position)
            yield tag >> 3, message[position : position + size]
            position += size
        elif wire in (_FIXED32, _FIXED64):
            size = 4 if wire == _FIXED32 else 8
            yield tag >> 3, int.from_bytes(message[position : position + size], "little")
            position += size
        else:
            raise IndexError(wire)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number in base 128, lowest digit first, and the position after it."""
    value = 0
    for digit in range(_LONGEST_VARINT):
        byte = data[position + digit]
        value |= (byte & 0x7F) << (7 * digit)
        if byte < 0x80:
            return value, position + digit + 1
    raise IndexError(position)
