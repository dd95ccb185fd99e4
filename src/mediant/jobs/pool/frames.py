"""Frames on the pipe between server and worker: a length of four bytes, then msgpack."""

import struct
from collections.abc import Mapping
from typing import Any

import msgpack

LIMIT_BYTES = 1 << 30
_LENGTH = struct.Struct(">I")

Frame = Mapping[str, Any]


def pack(frame: Frame) -> bytes:
    """The bytes of one frame."""
    body: bytes = msgpack.packb(frame, use_bin_type=True)
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Every frame that is complete now; a rest stays. ValueError for an absurd length."""
        self._buffer += data
        frames = []
        start, have = 0, len(self._buffer)
        while have - start >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer, start)
            if size > LIMIT_BYTES:
                raise ValueError(f"a frame of {size} bytes")
            end = start + _LENGTH.size + size
            if end > have:
                break
            body = memoryview(self._buffer)[start + _LENGTH.size : end]
            frames.append(msgpack.unpackb(body, raw=False, strict_map_key=False))
            body.release()
            start = end
        if start:
            del self._buffer[:start]
        return frames
