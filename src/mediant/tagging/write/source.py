"""A file read by position, in large blocks, never whole."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from mediant.tagging.write.refusals import DamagedContainer

BLOCK = 1 << 20

Range = tuple[int, int]
"""First byte and the byte after the last."""


class Source:
    """An open file; the ranges asked for must lie within it (`DamagedContainer`)."""

    def __init__(self, path: Path) -> None:
        """Open `path` for reading; OSError as the system says."""
        self.path = path
        self._file = path.open("rb", buffering=0)
        self.stat = os.fstat(self._file.fileno())
        self.size = self.stat.st_size

    def __enter__(self) -> "Source":
        """The source itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    def read(self, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start`."""
        data = self.peek(start, length)
        if len(data) != length:
            raise DamagedContainer(
                f"It ends at byte {self.size}, where {start + length} bytes are announced.",
                asset=str(self.path),
            )
        return data

    def peek(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`; fewer at the end of the file."""
        if start < 0 or length <= 0:
            return b""
        parts = []
        while length and (part := os.pread(self._file.fileno(), length, start)):
            parts.append(part)
            start, length = start + len(part), length - len(part)
        return b"".join(parts)

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a range, block by block."""
        for position in range(start, end, BLOCK):
            yield self.read(position, min(BLOCK, end - position))

    def digest(self, ranges: Iterable[Range] | None = None) -> bytes:
        """SHA-256 over `ranges` in order, or over the whole file."""
        total = hashlib.sha256()
        for start, end in [(0, self.size)] if ranges is None else ranges:
            for block in self.blocks(start, end):
                total.update(block)
        return total.digest()


def same_bytes(one: Iterable[bytes], other: Iterable[bytes]) -> bool:
    """Whether two streams of blocks are the same bytes, however they are cut."""
    left, right = (filter(None, blocks) for blocks in (one, other))
    a, b = next(left, b""), next(right, b"")
    while a and b:
        size = min(len(a), len(b))
        if a[:size] != b[:size]:
            return False
        a, b = a[size:] or next(left, b""), b[size:] or next(right, b"")
    return not a and not b
