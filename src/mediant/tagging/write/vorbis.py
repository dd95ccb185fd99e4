"""Vorbis comments: the block that FLAC and the Ogg codecs share (Xiph: "Ogg Vorbis I", section 5).

Vendor, count, then each comment as length and `NAME=value`. Foreign comments, the vendor and what
follows the last comment (the framing bit of Vorbis, binary data of Opus) are copied as they are.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediant.tagging.write.names import Names
from mediant.tagging.write.recipe import Copy, Put, Step
from mediant.tagging.write.refusals import DamagedContainer
from mediant.tagging.write.source import Range


@dataclass(frozen=True)
class Comment:
    """One comment: where it lies in the block, its length field included, and its short key."""

    start: int
    end: int
    key: str | None
    value: str


@dataclass(frozen=True)
class CommentBlock:
    """A parsed block; all positions count from its first byte."""

    vendor: Range
    comments: tuple[Comment, ...]
    trailing: Range

    def kept(self) -> list[Comment]:
        """The foreign comments."""
        return [comment for comment in self.comments if comment.key is None]

    def foreign(self) -> list[Range]:
        """All that is not ours."""
        kept = [(comment.start, comment.end) for comment in self.kept()]
        return [self.vendor, *kept, self.trailing]

    def compose(self, names: Names, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """The steps for the block with `tags` behind the foreign comments."""
        new = [_comment(names.to_vorbis(key), value) for key in tags for value in tags[key]]
        kept = self.kept()
        count = struct.pack("<I", len(kept) + len(new))
        copies = [Copy(comment.start, comment.end - comment.start) for comment in kept]
        trailing = Copy(self.trailing[0], self.trailing[1] - self.trailing[0])
        vendor = Copy(self.vendor[0], self.vendor[1] - self.vendor[0])
        return [vendor, Put(count), *copies, *map(Put, new), trailing]


def parse_block(data: bytes, names: Names, start: int = 0) -> CommentBlock:
    """The block that begins at `data[start:]`; `DamagedContainer` when it is none."""
    try:
        vendor_end = _end(data, start)
        (count,) = struct.unpack_from("<I", data, vendor_end)
        comments, at = [], vendor_end + 4
        for _ in range(count):
            end = _end(data, at)
            comments.append(Comment(at, end, *_own(data[at + 4 : end], names)))
            at = end
    except struct.error:
        raise DamagedContainer("Its comment block is cut off.") from None
    return CommentBlock((start, vendor_end), tuple(comments), (at, len(data)))


def new_block(vendor: bytes = b"Mediant") -> bytes:
    """A block without comments."""
    return struct.pack("<I", len(vendor)) + vendor + bytes(4)


def _end(data: bytes, at: int) -> int:
    (size,) = struct.unpack_from("<I", data, at)
    end: int = at + 4 + size
    if end > len(data):
        raise struct.error
    return end


def _own(comment: bytes, names: Names) -> tuple[str | None, str]:
    name, equals, value = comment.partition(b"=")
    if not equals or not name.isascii():
        return None, ""
    key = names.from_vorbis(name.decode("ascii"))
    return (key, value.decode("utf-8", "replace")) if key else (None, "")


def _comment(name: str, value: str) -> bytes:
    data = f"{name}={value}".encode()
    return struct.pack("<I", len(data)) + data
