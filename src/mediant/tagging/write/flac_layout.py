"""FLAC: metadata blocks before the frames (RFC 9639, section 8)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mediant.tagging.write.id3 import skip_tag
from mediant.tagging.write.layout import Layout
from mediant.tagging.write.names import Names
from mediant.tagging.write.recipe import Copy, Put, Step, edit, length_of, moved
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Source
from mediant.tagging.write.vorbis import new_block, parse_block

_HEADER = 4
_LAST = 0x80
_STREAMINFO, _PADDING, _COMMENT = 0, 1, 4
_LARGEST = (1 << 24) - 1


@dataclass(frozen=True)
class Block:
    """A metadata block: `start` at its header, `body` behind that."""

    kind: int
    is_last: bool
    start: int
    end: int

    @property
    def body(self) -> int:
        """Where the content begins."""
        return self.start + _HEADER


class FlacLayout(Layout):
    """A native FLAC file; an ID3 tag before it is passed over and kept."""

    def __init__(self, source: Source, names: Names) -> None:
        """Walk the metadata blocks."""
        super().__init__(source, names)
        self.blocks = self._walk(skip_tag(source, 0) + 4)
        if not self.blocks or self.blocks[0].kind != _STREAMINFO:
            raise DamagedContainer("It does not begin with stream information.")
        self._tagged = next((b for b in self.blocks if b.kind == _COMMENT), None)
        data = (
            source.read(self._tagged.body, self._tagged.end - self._tagged.body)
            if self._tagged
            else new_block()
        )
        self._comments = parse_block(data, names)
        self._collect((comment.key, [comment.value]) for comment in self._comments.comments)

    def _walk(self, at: int) -> list[Block]:
        blocks: list[Block] = []
        while not blocks or not blocks[-1].is_last:
            head = self.source.read(at, _HEADER)
            end = at + _HEADER + int.from_bytes(head[1:], "big")
            blocks.append(Block(head[0] & ~_LAST, bool(head[0] & _LAST), at, end))
            at = end
        if at > self.source.size:
            raise DamagedContainer("Its metadata is longer than the file.")
        return blocks

    def plan(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """The comment block replaced; padding shrinks or grows where there is some."""
        content = self._content(tags)
        changes: list[tuple[int, int, Sequence[Step]]] = []
        if self._tagged:
            header = _header(_COMMENT, length_of(content), is_last=self._tagged.is_last)
            changes.append((self._tagged.start, self._tagged.end, [header, *content]))
            growth = length_of(content) - (self._tagged.end - self._tagged.body)
        else:
            first = self.blocks[0]
            header = _header(_COMMENT, length_of(content), is_last=first.is_last)
            size = first.end - first.body
            changes.append((first.start, first.body, [_header(_STREAMINFO, size)]))
            changes.append((first.end, first.end, [header, *content]))
            growth = length_of(content) + _HEADER
        return edit(self.source.size, [*changes, *self._repadded(growth)])

    def _content(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        steps = self._comments.compose(self.names, tags)
        if self._tagged:
            base = self._tagged.body
            return moved(steps, lambda start, length: [Copy(base + start, length)])
        empty = new_block()
        return [
            Put(empty[step.start : step.start + step.length]) if isinstance(step, Copy) else step
            for step in steps
        ]

    def _repadded(self, growth: int) -> list[tuple[int, int, Sequence[Step]]]:
        """The first padding block changed by `growth`, where it is large enough."""
        for block in self.blocks:
            size = block.end - block.body - growth
            if block.kind == _PADDING and 0 <= size <= _LARGEST:
                header = _header(_PADDING, size, is_last=block.is_last)
                return [(block.start, block.end, [header, Put(bytes(size))])]
        return []

    def foreign_digest(self) -> bytes:
        """Over every block but padding, and the foreign comments."""
        total = hashlib.sha256(self.source.digest([(0, self.blocks[0].start)]))
        for block in self.blocks:
            if block.kind not in (_PADDING, _COMMENT):
                total.update(bytes([block.kind]))
                total.update(self.source.digest([(block.body, block.end)]))
        if self._tagged:
            base = self._tagged.body
            ranges = self._comments.foreign()
            total.update(self.source.digest([(base + a, base + b) for a, b in ranges]))
        else:
            total.update(hashlib.sha256(new_block()[:-4]).digest())
        return total.digest()

    def payload(self) -> Iterator[bytes]:
        """The frames and what follows them."""
        return self.source.blocks(self.blocks[-1].end, self.source.size)


def _header(kind: int, size: int, *, is_last: bool = False) -> Put:
    if size > _LARGEST:
        raise UnsupportedContainer("Its comments would be longer than the format allows.")
    return Put(bytes([kind | _LAST * is_last]) + size.to_bytes(3, "big"))
