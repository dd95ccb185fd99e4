"""Messages between a sandbox and its child: a kind, a length, then msgpack or raw bytes.

Not pickle: the child reads files of strangers, and what it sends is not to be trusted. Bytes
travel as they are, so that an array costs one copy on either side.
"""

import socket
import struct
from collections.abc import Callable
from typing import Any

import msgpack

CALL, VALUE, BYTES, DONE, FAILED, NO_MEMORY = range(6)
"""Parent to child: CALL. Child to parent: a part (VALUE or BYTES), then one of the last three."""

NO_MEMORY_STATUS = 12
"""The exit status of a child that lacks the memory to send NO_MEMORY."""

LARGEST_BYTES = 64 << 20
"""No message is larger; a child that announces more is broken."""

_HEAD = struct.Struct("<BI")


def send(line: socket.socket, kind: int, value: Any) -> None:
    """Send one message; `value` is raw bytes for BYTES and anything of msgpack otherwise."""
    body = value if kind == BYTES else msgpack.packb(value)
    line.sendall(_HEAD.pack(kind, memoryview(body).nbytes))
    line.sendall(body)


def receive(
    line: socket.socket, before_wait: Callable[[], None] = lambda: None
) -> tuple[int, Any] | None:
    """The next message as (kind, value); None when the other side is gone.

    `before_wait` runs before every wait for data. Raises ValueError for a message that is not
    one of ours and TimeoutError when the line's own timeout passes.
    """
    head = _receive_exactly(line, _HEAD.size, before_wait)
    if head is None:
        return None
    kind, size = _HEAD.unpack(head)
    if kind > NO_MEMORY or size > LARGEST_BYTES:
        raise ValueError(f"message of kind {kind} and {size} bytes")
    body = _receive_exactly(line, size, before_wait)
    if body is None:
        return None
    return kind, body if kind == BYTES else msgpack.unpackb(body)


def _receive_exactly(
    line: socket.socket, size: int, before_wait: Callable[[], None]
) -> bytearray | None:
    body = bytearray(size)
    rest = memoryview(body)
    while rest:
        before_wait()
        got = line.recv_into(rest)
        if not got:
            return None
        rest = rest[got:]
    return body
