"""Files whose tags are ID3v2: MP3, and the `id3 ` chunk of WAV and AIFF."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mediant.tagging.write.id3 import Frame, Tag, compose, find_tag, skip_tag
from mediant.tagging.write.layout import Layout
from mediant.tagging.write.names import Names
from mediant.tagging.write.recipe import Put, Step, edit, length_of
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Range, Source

_FORM_HEADER = 12
_CHUNK_HEADER = 8
_LARGEST = (1 << 32) - 1


class _Id3Layout(Layout):
    """What MP3, WAV and AIFF have in common: one tag somewhere in the file."""

    tag: Tag | None = None

    def _take(self, tag: Tag | None) -> None:
        self.tag = tag
        frames = tag.frames if tag else ()
        self._collect((self._key(frame), frame.values) for frame in frames)

    def _key(self, frame: Frame) -> str | None:
        return None if frame.name is None else self.names.from_colon(frame.name)

    def _compose(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        frames = self.tag.frames if self.tag else ()
        ours = [frame for frame in frames if self._key(frame) is not None]
        new = [(self.names.to_colon(key), values) for key, values in tags.items()]
        return compose(self.tag, ours, new)

    def _foreign_ranges(self) -> list[Range]:
        if self.tag is None:
            return []
        kept = [frame for frame in self.tag.frames if self._key(frame) is None]
        return [*((frame.start, frame.end) for frame in kept), self.tag.tail]


class Mp3Layout(_Id3Layout):
    """An MPEG audio stream with an ID3v2 tag before it; what lies behind it is not touched."""

    def __init__(self, source: Source, names: Names) -> None:
        """Read the tag, if there is one."""
        super().__init__(source, names)
        self._take(find_tag(source, 0))
        self._audio = skip_tag(source, 0)

    def plan(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """A new tag, then everything as it was."""
        return edit(self.source.size, [(0, self._audio, self._compose(tags))])

    def foreign_digest(self) -> bytes:
        """Over the foreign frames."""
        return self.source.digest(self._foreign_ranges())

    def payload(self) -> Iterator[bytes]:
        """All that follows the tag."""
        return self.source.blocks(self._audio, self.source.size)


@dataclass(frozen=True)
class Chunk:
    """A chunk of a RIFF or FORM file; `end` is without the pad byte."""

    name: bytes
    start: int
    end: int
    next: int


class ChunkLayout(_Id3Layout):
    """WAV (RIFF, little-endian) and AIFF or AIFF-C (FORM, big-endian)."""

    _AUDIO = (b"data", b"SSND")

    def __init__(
        self, source: Source, names: Names, order: Literal["little", "big"] = "little"
    ) -> None:
        """Walk the chunks and read the tag, if there is one."""
        super().__init__(source, names)
        self.order: Literal["little", "big"] = order
        self.end = 8 + self._number(4)
        if self.end > source.size + 1:
            raise UnsupportedContainer(
                "Its header announces more bytes than there are.", asset=str(source.path)
            )
        self.chunks = self._walk()
        if not any(chunk.name in self._AUDIO for chunk in self.chunks):
            raise UnsupportedContainer("It has no audio chunk.", asset=str(source.path))
        self._tagged = next((c for c in self.chunks if c.name.lower() == b"id3 "), None)
        self._take(self._tag_of(self._tagged))

    def _number(self, at: int) -> int:
        return int.from_bytes(self.source.read(at, 4), self.order)

    def _walk(self) -> list[Chunk]:
        chunks, at = [], _FORM_HEADER
        limit = min(self.end, self.source.size)
        while at + _CHUNK_HEADER <= limit:
            name, size = self.source.read(at, 4), self._number(at + 4)
            end = at + _CHUNK_HEADER + size
            if end > limit or not name.isascii() or not name.decode().isprintable():
                raise DamagedContainer(
                    f"Its chunk {name!r} does not fit its place.", asset=str(self.source.path)
                )
            following = min(end + size % 2, limit)
            chunks.append(Chunk(name, at, end, following))
            at = following
        return chunks

    def _tag_of(self, chunk: Chunk | None) -> Tag | None:
        if chunk is None:
            return None
        tag = find_tag(self.source, chunk.start + _CHUNK_HEADER)
        if tag is None or tag.end > chunk.end:
            raise DamagedContainer("Its ID3 chunk holds no tag.", asset=str(self.source.path))
        return tag

    def plan(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """The tag's chunk replaced, or appended as the last chunk."""
        new = self._chunk(self._compose(tags))
        last = self.chunks[-1]
        if self._tagged:
            start, end = self._tagged.start, self._tagged.next
        else:
            start = end = last.next
            if (last.end - last.start) % 2 and last.next == last.end:
                new = [Put(b"\0"), *new]  # the last chunk lacks its pad byte
        size = min(self.end, self.source.size) - 8 + length_of(new) - (end - start)
        if size > _LARGEST:
            raise UnsupportedContainer(
                "It would be longer than the 4 GB of its format.", asset=str(self.source.path)
            )
        header = Put(size.to_bytes(4, self.order))
        return edit(self.source.size, [(4, 8, [header]), (start, end, new)])

    def _chunk(self, content: list[Step]) -> list[Step]:
        size = length_of(content)
        if not size:
            return []
        name = self._tagged.name if self._tagged else self._new_name
        return [Put(name + size.to_bytes(4, self.order)), *content, Put(bytes(size % 2))]

    @property
    def _new_name(self) -> bytes:
        return b"id3 " if self.order == "little" else b"ID3 "

    def foreign_digest(self) -> bytes:
        """Over the foreign frames, the chunks that hold no audio, and what follows the form."""
        total = hashlib.sha256(self.source.digest(self._foreign_ranges()))
        for chunk in self.chunks:
            if chunk is not self._tagged and chunk.name not in self._AUDIO:
                total.update(self.source.digest([(chunk.start, chunk.end)]))
        total.update(self.source.read(8, 4))
        total.update(self.source.digest([(min(self.end, self.source.size), self.source.size)]))
        return total.digest()

    def payload(self) -> Iterator[bytes]:
        """The audio chunks."""
        for chunk in self.chunks:
            if chunk.name in self._AUDIO:
                yield from self.source.blocks(chunk.start, chunk.end)
