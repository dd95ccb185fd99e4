"""Chained ogg files whose links differ: each link decoded as a file of its own. In the sandbox.

FFmpeg gives up on a link whose sample rate or channels are others than before. Radio recorders
and album rippers make such files, and nothing in them is damaged.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mediant.tagging.ffmpeg import FFmpegSource
from mediant.tagging.media_source import DataError, Samples

_MAGIC = b"OggS"
_HEAD_BYTES = 27
_BEGINS = 0x02


class OggChainSource:
    """All links of a chained ogg file, one after the other; the facts are those of the first."""

    def __init__(self, path: str) -> None:
        """Open the file. Raises DataError without words when it is no chain."""
        with Path(path).open("rb") as file:
            self._links = list(find_links(file))
        if len(self._links) < 2:
            raise DataError
        self._path = path
        self.facts = self._open(*self._links[0]).facts
        self.facts.announced_s = None

    def blocks(self) -> Iterator[tuple[Samples, int]]:
        """Mono blocks float32 [n] with the rate of their link in Hz."""
        for start, end in self._links:
            source = self._open(start, end)
            yield from source.blocks()
            self.facts.damaged += source.facts.damaged
            self.facts.intact += source.facts.intact
            self.facts.warnings += source.facts.warnings

    def _open(self, start: int, end: int) -> FFmpegSource:
        return FFmpegSource(self._path, Window(Path(self._path).open("rb"), start, end))


def find_links(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Byte ranges of the links: a link begins where a stream begins after pages of another."""
    start, at, is_heading = 0, 0, True
    while len(head := file.read(_HEAD_BYTES)) == _HEAD_BYTES and head.startswith(_MAGIC):
        begins = bool(head[5] & _BEGINS)
        if begins and not is_heading:
            yield start, at
            start = at
        is_heading = begins
        sizes = file.read(head[26])
        at += _HEAD_BYTES + len(sizes) + sum(sizes)
        file.seek(at)
    if at > start:
        yield start, at


class Window(io.RawIOBase):
    """Part of a file as a file of its own; closes the whole with itself."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        """The bytes from `start` up to `end`."""
        self._file, self._start, self._size = file, start, end - start
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes."""
        left = self._size - self._at
        self._file.seek(self._start + self._at)
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move inside the window."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = min(max(0, base + offset), self._size)
        return self._at

    def tell(self) -> int:
        """Where we are inside the window."""
        return self._at

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readable(self) -> bool:
        """Yes."""
        return True

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()
