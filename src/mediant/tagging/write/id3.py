"""ID3v2 tags, frame by frame (id3.org: ID3v2.2, 2.3 and 2.4 structure documents).

The stored bytes of every foreign frame are copied as they are, in their order; our TXXX frames
are dropped and new ones follow the foreign ones, in the version that the tag has. An extended
header is dropped when the tag is rewritten, since its checksum and padding size would be wrong.
What follows the last frame that can be read, except zeros, is kept behind ours.
"""

import re
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mediant.tagging.write.names import SEPARATOR, split_values
from mediant.tagging.write.recipe import Copy, Put, Step, length_of
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Range, Source

HEADER = 10
_UNSYNC, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
_FRAME_ID = {2: re.compile(rb"[A-Z0-9]{3}"), 3: re.compile(rb"[A-Z0-9]{3}[A-Z0-9 \0]")}
_FRAME_ID[4] = _FRAME_ID[3]
_LARGEST = (1 << 28) - 1
_ROUND_TO = 1024
_SPARE = 256
_MOST_TEXT = 1 << 20
_CODECS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}


@dataclass(frozen=True)
class Frame:
    """One frame: where its bytes lie, absolute, and the text if it is a TXXX that can be read."""

    start: int
    end: int
    name: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tag:
    """One ID3v2 tag. `tail`: bytes behind the last frame that are not padding."""

    start: int
    end: int
    version: int
    revision: int
    flags: int
    frames: tuple[Frame, ...]
    tail: Range
    plain_sizes: bool

    @property
    def room(self) -> int:
        """How many bytes frames and padding take."""
        footer = HEADER if self.flags & _FOOTER else 0
        return self.end - self.start - HEADER - footer


def find_tag(source: Source, start: int) -> Tag | None:
    """The ID3v2 tag that begins at `start`, or None."""
    end = skip_tag(source, start)
    if end == start:
        return None
    version, revision, flags = source.read(start + 3, 3)
    if version not in _FRAME_ID or (version == 2 and flags & _EXTENDED):
        raise UnsupportedContainer(
            f"Its ID3 tag is of the unknown version 2.{version}.", asset=str(source.path)
        )
    body = source.read(start + HEADER, end - start - HEADER)
    if flags & _FOOTER:
        body = body[:-HEADER]
    reader = _Reader(body, start + HEADER, version, flags)
    frames, tail, plain = reader.read()
    return Tag(start, end, version, revision, flags, frames, tail, plain)


def skip_tag(source: Source, start: int) -> int:
    """The byte after the ID3v2 tag at `start`; `start` itself where there is none."""
    head = source.peek(start, HEADER)
    if len(head) < HEADER or head[:3] != b"ID3" or max(head[6:]) > 0x7F or 0xFF in head[3:5]:
        return start
    footer = HEADER if head[3] == 4 and head[5] & _FOOTER else 0
    end = start + HEADER + _syncsafe(head[6:]) + footer
    if end > source.size:
        raise DamagedContainer("Its ID3 tag is longer than the file.", asset=str(source.path))
    return end


class _Reader:
    """Finds the frames in the body of a tag, and where each lies in the file."""

    def __init__(self, body: bytes, base: int, version: int, flags: int) -> None:
        self.base, self.version, self.flags = base, version, flags
        self.stuffed: list[int] = []
        if flags & _UNSYNC and version < 4:
            spots = [match.start() + 1 for match in re.finditer(rb"\xff\0", body)]
            self.stuffed = [spot - rank for rank, spot in enumerate(spots)]
            body = body.replace(b"\xff\0", b"\xff")
        self.body = body
        self.head = 6 if version == 2 else 10

    def read(self) -> tuple[tuple[Frame, ...], Range, bool]:
        """The frames, the tail, and whether the sizes of a 2.4 tag are plain numbers.

        Old iTunes wrote plain sizes into 2.4 tags; only the reading that ends cleanly is right.
        """
        first = self._after_extended()
        frames, end = self._walk(first, plain=self.version == 3)
        plain = False
        if self.version == 4 and not self._is_clean(end):
            others, other_end = self._walk(first, plain=True)
            if self._is_clean(other_end):
                frames, end, plain = others, other_end, True
        tail_end = len(self.body.rstrip(b"\0"))
        tail = (self._place(end), self._place(max(end, tail_end)))
        return tuple(frames), tail, plain

    def _place(self, position: int) -> int:
        """The place in the file of a byte of the body as it was before unsynchronisation."""
        return self.base + position + bisect_right(self.stuffed, position)

    def _is_clean(self, end: int) -> bool:
        return not self.body[end:].strip(b"\0")

    def _after_extended(self) -> int:
        if self.version == 2 or not self.flags & _EXTENDED:
            return 0
        size = self.body[:4].ljust(4, b"\0")
        if self.version == 3:
            return min(4 + int.from_bytes(size, "big"), len(self.body))
        return min(_syncsafe(size), len(self.body))

    def _walk(self, at: int, *, plain: bool) -> tuple[list[Frame], int]:
        frames = []
        while (end := self._frame_end(at, plain=plain)) is not None:
            frames.append(self._frame(at, end))
            at = end
        return frames, at

    def _frame_end(self, at: int, *, plain: bool) -> int | None:
        head = self.body[at : at + self.head]
        if len(head) < self.head or not _FRAME_ID[self.version].match(head):
            return None
        if self.version == 2:
            size = int.from_bytes(head[3:6], "big")
        elif plain:
            size = int.from_bytes(head[4:8], "big")
        elif max(head[4:8]) > 0x7F:
            return None
        else:
            size = _syncsafe(head[4:8])
        end = at + self.head + size
        return end if end <= len(self.body) else None

    def _frame(self, at: int, end: int) -> Frame:
        place = self._place(at), self._place(end)
        if not self.body.startswith(b"TXX" if self.version == 2 else b"TXXX", at):
            return Frame(*place)
        flags = 0 if self.version == 2 else self.body[at + 9]
        data = self._unpacked(self.body[at + self.head : end], flags)
        text = None if data is None else _read_text(data)
        return Frame(*place, *text) if text else Frame(*place)

    def _unpacked(self, data: bytes, flags: int) -> bytes | None:
        """The content of a frame; None where it is encrypted or broken."""
        is_v4 = self.version == 4
        compressed, encrypted, grouped, sized = (8, 4, 64, 1) if is_v4 else (128, 64, 32, 128)
        if flags & encrypted:
            return None
        data = data[bool(flags & grouped) + 4 * bool(flags & sized) :]
        if is_v4 and (flags & 2 or self.flags & _UNSYNC):
            data = data.replace(b"\xff\0", b"\xff")
        try:
            return zlib.decompressobj().decompress(data, _MOST_TEXT) if flags & compressed else data
        except zlib.error:
            return None


def _read_text(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """Description and values of a TXXX frame, or None when it is none."""
    codec = _CODECS.get(data[0]) if data else None
    if codec is None:
        return None
    wide = codec.startswith("utf-16")
    try:
        parts = [_decode(part, codec) for part in _split(data[1:], 2 if wide else 1)]
    except UnicodeDecodeError:
        return None
    return parts[0], tuple(split_values(parts[1:]))


def _decode(data: bytes, codec: str) -> str:
    if codec == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16-le"  # a second string without a mark, as some writers leave it
    return data.decode(codec)


def _split(data: bytes, width: int) -> Iterator[bytes]:
    """The strings between NUL characters of `width` bytes."""
    start = 0
    for at in range(0, len(data) - width + 1, width):
        if data[at : at + width] == bytes(width):
            yield data[start:at]
            start = at + width
    yield data[start : len(data) - (len(data) - start) % width]


def compose(
    tag: Tag | None, dropped: Iterable[Frame], new: Sequence[tuple[str, Sequence[str]]]
) -> list[Step]:
    """The steps for `tag` without the frames `dropped` and with `new` TXXX frames.

    Nothing at all when no frame would be left. The old size is kept when everything fits.
    """
    gone = set(dropped)
    kept = [frame for frame in tag.frames if frame not in gone] if tag else []
    version = tag.version if tag else 4
    content: list[Step] = [Copy(frame.start, frame.end - frame.start) for frame in kept]
    stuffing = bool(tag and tag.flags & _UNSYNC and version < 4)
    plain = bool(tag and tag.plain_sizes)
    for name, values in new:
        frame = _text_frame(version, name, values, plain=plain)
        content.append(Put(frame.replace(b"\xff", b"\xff\0") if stuffing else frame))
    if tag and tag.tail[0] < tag.tail[1]:
        content.append(Copy(tag.tail[0], tag.tail[1] - tag.tail[0]))
    return _framed(tag, content) if content else []


def _framed(tag: Tag | None, content: list[Step]) -> list[Step]:
    """Header, content, and padding or footer."""
    size = length_of(content)
    room = _padded(size, tag)
    if room > _LARGEST:
        raise UnsupportedContainer("Its ID3 tag would be longer than the format allows.")
    version, revision = (tag.version, tag.revision) if tag else (4, 0)
    flags = tag.flags & ~_EXTENDED if tag else 0
    head = struct.pack(">3B", version, revision, flags) + _to_syncsafe(room)
    footer = b"3DI" + head if flags & _FOOTER else b""
    return [Put(b"ID3" + head), *content, Put(bytes(room - size) + footer)]


def _padded(size: int, tag: Tag | None) -> int:
    if tag and tag.flags & _FOOTER:  # the standard forbids padding before a footer
        return size
    if tag and size <= tag.room:
        return tag.room
    total = -(-(HEADER + size + _SPARE) // _ROUND_TO) * _ROUND_TO
    return total - HEADER


def _text_frame(version: int, name: str, values: Sequence[str], *, plain: bool) -> bytes:
    if version == 4:
        data = b"\x03" + "\0".join([name, *values]).encode()
        size = len(data).to_bytes(4, "big") if plain else _to_syncsafe(len(data))
        return b"TXXX" + size + bytes(2) + data
    data = _narrow_or_wide(name, SEPARATOR.join(values))
    if version == 2:
        return b"TXX" + len(data).to_bytes(3, "big") + data
    return b"TXXX" + len(data).to_bytes(4, "big") + bytes(2) + data


def _narrow_or_wide(name: str, text: str) -> bytes:
    """Latin-1 where it suffices, else UTF-16 with a byte order mark before each string."""
    try:
        return b"\0" + f"{name}\0{text}".encode("latin-1")
    except UnicodeEncodeError:
        mark = b"\xff\xfe"
        wide = (mark + part.encode("utf-16-le") for part in (name, text))
        return b"\x01" + b"\0\0".join(wide)


def _syncsafe(data: bytes) -> int:
    total = 0
    for byte in data:
        total = total << 7 | byte & 0x7F
    return total


def _to_syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
