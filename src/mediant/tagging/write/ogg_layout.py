"""Ogg with one stream of Vorbis, Opus, FLAC or Speex (RFC 3533, RFC 7845, RFC 9639 section 10).

The pages of the header packets behind the first (and whatever shares those pages) are laid out
anew, in as many pages as before if their lacing allows it: then no page of the audio changes.
Otherwise the pages of the stream are renumbered. Of a chain of streams only the first gets tags;
the others stay as they are. Streams side by side are refused.
"""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from mediant.tagging.write import ogg_page
from mediant.tagging.write.layout import Layout
from mediant.tagging.write.names import Names
from mediant.tagging.write.ogg_page import CONTINUED, FIRST, LAST, MOST_LACINGS, Page, read_page
from mediant.tagging.write.recipe import (
    Copy,
    Put,
    Renumber,
    Step,
    cut,
    follow,
    join,
    length_of,
    moved,
)
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Source
from mediant.tagging.write.vorbis import parse_block

_VORBIS, _OPUS, _FLAC, _SPEEX = b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   "
_BEFORE_COMMENTS = {_VORBIS: b"\x03vorbis", _OPUS: b"OpusTags", _SPEEX: b""}
_FLAC_COMMENT, _FLAC_HEADER, _FLAC_LARGEST = 4, 4, (1 << 24) - 1
_LARGEST_HEADERS = 1 << 28
_NO_PACKET_ENDS = -1


class OggLayout(Layout):
    """The header pages of an Ogg file, and its comment packet.

    Packet positions count from the first byte of the comment packet, page headers left out.
    """

    def __init__(self, source: Source, names: Names) -> None:
        """Read the header pages."""
        super().__init__(source, names)
        first = read_page(source, 0)
        if first is None or not first.flags & FIRST:
            raise DamagedContainer("It does not begin with an Ogg page.", asset=str(source.path))
        self.serial = first.serial
        body = source.read(first.body, first.end - first.body)
        self.codec = _codec(body, first)
        self.pages = self._header_pages(first.end, _packets_behind_first(body, self.codec))
        self._starts = [0, *accumulate(page.end - page.body for page in self.pages)]
        self._ends = _packet_ends(self.pages)
        comment = b"".join(follow(self._place(0, self._ends[0]), source))
        self._comments = parse_block(comment, names, self._prefix(comment))
        self._collect((entry.key, [entry.value]) for entry in self._comments.comments)

    def _header_pages(self, at: int, packets: int) -> list[Page]:
        """Pages from the second to the one at whose end that many packets are complete."""
        found: list[Page] = []
        start = at
        while not (found and found[-1].completes and len(_packet_ends(found)) >= packets):
            page = read_page(self.source, at)
            if page is None or at - start > _LARGEST_HEADERS:
                raise DamagedContainer("Its comments are cut off.", asset=str(self.source.path))
            if page.serial != self.serial or page.flags & FIRST:
                raise UnsupportedContainer("It holds several streams side by side.")
            found.append(page)
            at = page.end
        return found

    def _prefix(self, comment: bytes) -> int:
        """How many bytes stand before the block itself."""
        if self.codec == _FLAC:
            if not comment or comment[0] & 0x7F != _FLAC_COMMENT:
                raise UnsupportedContainer("Its second packet holds no comments.")
            return _FLAC_HEADER
        magic = _BEFORE_COMMENTS[self.codec]
        if not comment.startswith(magic):
            raise DamagedContainer("Its second packet holds no comments.")
        return len(magic)

    def _place(self, start: int, length: int) -> list[Copy]:
        """Where a range of the packets lies in the file."""
        copies = []
        while length:
            index = bisect_right(self._starts, start) - 1
            part = min(length, self._starts[index + 1] - start)
            copies.append(Copy(self.pages[index].body + start - self._starts[index], part))
            start, length = start + part, length - part
        return copies

    def plan(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """New header pages, then the audio, renumbered only where it must be."""
        packet = self._packet(tags)
        rest = [Copy(self._ends[0], self._starts[-1] - self._ends[0])]
        sizes = [length_of(packet), *(b - a for a, b in pairwise(self._ends))]
        lacings = b"".join(_lacing(size) for size in sizes)
        new = self._paged(moved([*packet, *rest], self._place), self._shared_out(lacings))
        start, end = self.pages[0].start, self.pages[-1].end
        by = len(new) - len(self.pages)
        steps = [Copy(0, start), *(step for page in new for step in page)]
        return join([*steps, *self._audio(end, by)])

    def _packet(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """The comment packet, in steps on packet positions."""
        block = self._comments.compose(self.names, tags)
        if self.codec != _FLAC:
            return [Copy(0, self._comments.vendor[0]), *block]
        size = length_of(block)
        if size > _FLAC_LARGEST:
            raise UnsupportedContainer("Its comments would be longer than the format allows.")
        return [Copy(0, 1), Put(size.to_bytes(3, "big")), *block]

    def _shared_out(self, lacings: bytes) -> list[bytes]:
        """The lacing values of each new page: as many pages as there were, if that can be."""
        count = max(len(self.pages), -(-len(lacings) // MOST_LACINGS))
        count = min(count, len(lacings))
        bounds = [len(lacings) * index // count for index in range(count + 1)]
        return [lacings[a:b] for a, b in pairwise(bounds)]

    def _paged(self, content: Sequence[Step], shares: Sequence[bytes]) -> list[list[Step]]:
        """The steps of each page. Checksums need the bytes, so the headers are made here."""
        result: list[list[Step]] = []
        at, is_continued = 0, False
        for index, lacings in enumerate(shares):
            part = cut(content, at, at + sum(lacings))
            flags = CONTINUED * is_continued
            if index == len(shares) - 1:
                flags |= self.pages[-1].flags & LAST
            header = self._header(index, flags, lacings)
            page = ogg_page.seal(header + b"".join(follow(part, self.source)))
            result.append([Put(page[: len(header)]), *part])
            at, is_continued = at + sum(lacings), lacings[-1] == MOST_LACINGS
        return result

    def _header(self, index: int, flags: int, lacings: bytes) -> bytes:
        completes = any(lacing < MOST_LACINGS for lacing in lacings)
        granule = 0 if completes else _NO_PACKET_ENDS
        number = (self.pages[0].number + index) & 0xFFFFFFFF
        fields = (0, flags, granule, self.serial, number, 0, len(lacings))
        return b"OggS" + struct.pack("<BBqIIIB", *fields) + lacings

    def _audio(self, start: int, by: int) -> list[Step]:
        """All behind the header pages; only the pages of the first stream are renumbered."""
        end = start
        if by:
            for page, data in ogg_page.pages(self.source, start, self.source.size):
                if ogg_page.seal(data) != data:
                    raise DamagedContainer("An Ogg page has a wrong checksum.")
                end = page.end
                if page.serial == self.serial and page.flags & LAST:
                    break
        run = Renumber(start, end - start, self.serial, by)
        return [run, Copy(end, self.source.size - end)]

    def foreign_digest(self) -> bytes:
        """Over the first page, the foreign comments and the other packets in the header pages."""
        total = hashlib.sha256(self.source.digest([(0, self.pages[0].start)]))
        last = (self._ends[0], self._starts[-1])
        for start, end in [*self._comments.foreign(), last]:
            for data in follow(self._place(start, end - start), self.source):
                total.update(data)
        return total.digest()

    def payload(self) -> Iterator[bytes]:
        """The audio pages without their numbers and checksums, and all that follows."""
        at = self.pages[-1].end
        for page, data in ogg_page.pages(self.source, at, self.source.size):
            yield data[:18] + data[26:]
            at = page.end
        yield from self.source.blocks(at, self.source.size)


def _codec(body: bytes, first: Page) -> bytes:
    for magic in (*_BEFORE_COMMENTS, _FLAC):
        if body.startswith(magic) and first.completes:
            return magic
    raise UnsupportedContainer("It holds no codec whose tags are known.")


def _packets_behind_first(body: bytes, codec: bytes) -> int:
    """How many header packets follow the first one, whose content is `body`.

    Vorbis: comments and setup. FLAC: as its mapping says in bytes 7 and 8 (0: unknown).
    """
    if codec == _FLAC:
        return max(int.from_bytes(body[7:9], "big"), 1)
    return 2 if codec == _VORBIS else 1


def _packet_ends(pages: Sequence[Page]) -> list[int]:
    """Where each packet of the pages ends, in packet positions."""
    ends, at = [], 0
    for lacing in b"".join(page.lacings for page in pages):
        at += lacing
        if lacing < MOST_LACINGS:
            ends.append(at)
    return ends


def _lacing(size: int) -> bytes:
    return bytes([MOST_LACINGS]) * (size // MOST_LACINGS) + bytes([size % MOST_LACINGS])
