"""Ogg pages (RFC 3533): their header, their checksum, and how they are renumbered."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from mediant.tagging.write.source import BLOCK, Source

HEADER = 27
CONTINUED, FIRST, LAST = 1, 2, 4
MOST_LACINGS = 255
_LARGEST = HEADER + MOST_LACINGS + MOST_LACINGS * 255

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ALL = 0xFFFFFFFF
_MAGIC = re.compile(rb"OggS\0")


@dataclass(frozen=True)
class Page:
    """One page: where it lies and what its header says. Offsets are absolute."""

    start: int
    flags: int
    granule: int
    serial: int
    number: int
    lacings: bytes

    @property
    def body(self) -> int:
        """Where the data begins."""
        return self.start + HEADER + len(self.lacings)

    @property
    def end(self) -> int:
        """The byte after the page."""
        return self.body + sum(self.lacings)

    @property
    def completes(self) -> bool:
        """Whether a packet ends exactly where the page ends."""
        return bool(self.lacings) and self.lacings[-1] < MOST_LACINGS


def parse_page(data: bytes, offset: int, base: int) -> Page | None:
    """The page at `data[offset:]`, which stands at `base + offset` in its file; None if none."""
    if not _MAGIC.match(data, offset) or len(data) < offset + HEADER:
        return None
    flags, granule, serial, number, _, count = struct.unpack_from("<BqIIIB", data, offset + 5)
    lacings = data[offset + HEADER : offset + HEADER + count]
    if len(lacings) != count:
        return None
    return Page(base + offset, flags, granule, serial, number, lacings)


def read_page(source: Source, start: int) -> Page | None:
    """The page that begins at `start` and lies wholly in the file, or None."""
    page = parse_page(source.peek(start, HEADER + MOST_LACINGS), 0, start)
    return page if page and page.end <= source.size else None


def pages(source: Source, start: int, end: int) -> Iterator[tuple[Page, bytes]]:
    """Each page of the range with all its bytes; stops at the first byte that begins none."""
    data, base = b"", start
    while base < end:
        data = source.read(base, min(BLOCK + _LARGEST, end - base))
        offset = 0
        while page := parse_page(data, offset, base):
            size = page.end - page.start
            if offset + size > len(data):
                break
            yield page, data[offset : offset + size]
            offset += size
        if offset == 0:
            return
        base += offset


def checksum(page: bytes) -> int:
    """CRC-32 of RFC 3533 (polynomial 0x04c11db7, start 0, not reflected) of a page whose own
    checksum field is zero.

    zlib computes the reflected form with inverted start and end; mirroring the bits of each byte
    and of the result turns one into the other.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), _ALL) ^ _ALL
    return int.from_bytes(mirrored.to_bytes(4, "big").translate(_REVERSED), "little")


def seal(page: bytes) -> bytes:
    """The page with its checksum set."""
    blank = page[:22] + bytes(4) + page[26:]
    return blank[:22] + struct.pack("<I", checksum(blank)) + blank[26:]


def renumber(page: bytes, by: int) -> bytes:
    """The page with its sequence number moved by `by`."""
    (number,) = struct.unpack_from("<I", page, 18)
    moved = struct.pack("<I", (number + by) & _ALL)
    return seal(page[:18] + moved + page[22:])
