"""The checkpoint reader gives what was written, and refuses everything that is not sound."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediant.errors import ModelError
from mediant.models.checkpoint import Floats, read_checkpoint
from mediant.models.crc32c import crc32c


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _mask(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _entry_message(
    shape: tuple[int, ...], offset: int, size: int, crc: int, dtype: int = 1
) -> bytes:
    dimensions = b""
    for length in shape:
        dimension = b"\x08" + _varint(length)
        dimensions += b"\x12" + _varint(len(dimension)) + dimension
    message = b"\x08" + _varint(dtype) + b"\x12" + _varint(len(dimensions)) + dimensions
    if offset:
        message += b"\x20" + _varint(offset)
    return message + b"\x28" + _varint(size) + b"\x35" + struct.pack("<I", _mask(crc))


def _block(entries: Sequence[tuple[bytes, bytes]], kind: int = 0) -> bytes:
    """A table block with shared key prefixes, its trailer included."""
    body, before = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(before), len(key)) and before[shared] == key[shared]:
            shared += 1
        body += _varint(shared) + _varint(len(key) - shared) + _varint(len(value))
        body += key[shared:] + value
        before = key
    body += struct.pack("<II", 0, 1)
    trailer = bytes([kind])
    return body + trailer + struct.pack("<I", _mask(crc32c(body + trailer)))


def _write_checkpoint(
    tensors: Mapping[str, Floats], *, dtype: int = 1, kind: int = 0
) -> tuple[bytes, bytes]:
    """(index, data) of a checkpoint with these arrays."""
    data, entries = b"", [(b"", b"\x08\x01")]
    for name in sorted(tensors):
        raw = np.ascontiguousarray(tensors[name], dtype="<f4").tobytes()
        message = _entry_message(tensors[name].shape, len(data), len(raw), crc32c(raw), dtype)
        entries.append((name.encode(), message))
        data += raw
    first = _block(entries, kind)
    directory = _block([(b"zzz", _varint(0) + _varint(len(first) - 5))])
    handles = _varint(0) + _varint(0) + _varint(len(first)) + _varint(len(directory) - 5)
    footer = handles.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    return first + directory + footer, data


def _shapes(tensors: Mapping[str, Floats]) -> dict[str, tuple[int, ...]]:
    return {name: tensor.shape for name, tensor in tensors.items()}


def test_reads_every_tensor_exactly(tensors):
    index, data = _write_checkpoint(tensors)
    found = read_checkpoint(index, data, _shapes(tensors), asset="test")
    assert {name: value.tolist() for name, value in found.items()} == {
        name: value.tolist() for name, value in tensors.items()
    }


def test_a_flipped_bit_in_the_data_is_refused(tensors):
    index, data = _write_checkpoint(tensors)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 0x10
    with pytest.raises(ModelError, match="dense/kernel is damaged"):
        read_checkpoint(index, bytes(damaged), _shapes(tensors), asset="test")


@pytest.mark.parametrize("kept", [0, 10, 1000])
def test_cut_data_are_refused(tensors, kept):
    index, data = _write_checkpoint(tensors)
    with pytest.raises(ModelError, match="cut within the tensor"):
        read_checkpoint(index, data[:kept], _shapes(tensors), asset="test")


def test_a_compressed_block_is_refused(tensors):
    index, data = _write_checkpoint(tensors, kind=1)
    with pytest.raises(ModelError, match="compressed"):
        read_checkpoint(index, data, _shapes(tensors), asset="test")


def test_another_type_is_refused(tensors):
    index, data = _write_checkpoint(tensors, dtype=2)
    with pytest.raises(ModelError, match="not float32"):
        read_checkpoint(index, data, _shapes(tensors), asset="test")


def test_a_missing_tensor_is_refused(tensors):
    index, data = _write_checkpoint(tensors)
    with pytest.raises(ModelError, match="has no tensor other"):
        read_checkpoint(index, data, {"other": (1,)}, asset="test")


def test_another_shape_is_refused(tensors):
    index, data = _write_checkpoint(tensors)
    with pytest.raises(ModelError, match="instead of"):
        read_checkpoint(index, data, {"dense/bias": (100, 2)}, asset="test")


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_index_gives_the_truth_or_a_refusal(data):
    tensors = {"a/kernel": np.arange(12, dtype=np.float32).reshape(3, 4)}
    index, raw = _write_checkpoint(tensors)
    cut = data.draw(st.integers(0, len(index)))
    changed = bytearray(index[:cut] if data.draw(st.booleans()) else index)
    if changed:
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place] ^= data.draw(st.integers(0, 255))
    try:
        found = read_checkpoint(bytes(changed), raw, {"a/kernel": (3, 4)}, asset="test")
    except ModelError:
        return
    assert found["a/kernel"].tolist() == tensors["a/kernel"].tolist()
