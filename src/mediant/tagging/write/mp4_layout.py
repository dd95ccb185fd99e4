"""MP4, M4A, M4B: tags in moov/udta/meta/ilst, and the tables of absolute offsets beside them.

The list of tags changes its size; so do the atoms around it, and everything behind `moov` moves.
A `free` atom behind the list, or behind `moov`, takes up the difference when the audio lies
behind; only when there is too little room the audio moves and the offsets in `stco` and `co64`
with it (then spare room is left for the next time). Fragmented files are refused.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from mediant.tagging.write.layout import Layout
from mediant.tagging.write.mp4_atoms import (
    Atom,
    atoms,
    find_atom,
    header,
    make_atom,
    make_freeform,
    make_handler,
    meta_children,
    read_freeform,
)
from mediant.tagging.write.names import Names
from mediant.tagging.write.recipe import Copy, Put, Shift, Step, edit, length_of
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Source

_TABLES = {b"stco": 4, b"co64": 8}
_FREE = (b"free", b"skip")
_TREE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_OWN_TREE = (b"udta", b"meta", b"ilst")
_FIXED_PLACES = (b"saio", b"iloc")
_TABLE_HEAD = 8
_SPARE = 1024
_SMALLEST = 8

Change = tuple[int, int, Sequence[Step]]


class Mp4Layout(Layout):
    """The atoms of a file that matter for its tags."""

    def __init__(self, source: Source, names: Names) -> None:
        """Walk the tree; `UnsupportedContainer` for fragmented or compressed ones."""
        super().__init__(source, names)
        self.top = list(atoms(source, 0, source.size))
        self.moov = self._only_moov()
        self.leaves = self._walk()
        self._path, self._list = self._find_list()
        self._items = list(atoms(source, self._list.body, self._list.end)) if self._list else []
        self._texts = {item: read_freeform(source, item) for item in self._items}
        self._collect((self._key(item), self._values(item)) for item in self._items)

    def _only_moov(self) -> Atom:
        found = [atom for atom in self.top if atom.kind == b"moov"]
        if len(found) != 1 or find_atom(self.top, b"moof"):
            raise UnsupportedContainer("It is fragmented, or has no index.")
        inner = list(atoms(self.source, found[0].body, found[0].end))
        if find_atom(inner, b"mvex") or not find_atom(inner, b"trak"):
            raise UnsupportedContainer("It is fragmented, or has no index.")
        return found[0]

    def _walk(self) -> list[Atom]:
        """All below `moov` that does not itself lead to the tables; however deep it is nested."""
        leaves: list[Atom] = []
        open_atoms = [self.moov]
        while open_atoms:
            for child in self._children(open_atoms.pop()):
                (open_atoms if child.kind in _TREE else leaves).append(child)
        return leaves

    def _find_list(self) -> tuple[list[Atom], Atom | None]:
        """The atoms around the list of tags, from outside, as far as there are; and the list."""
        path = [self.moov]
        children = self._children(self.moov)
        for kind in _OWN_TREE:
            found = find_atom(children, kind)
            if found is None:
                return path, None
            if kind == b"ilst":
                self._check_handler(children)
                return path, found
            path.append(found)
            children = self._children(found)
        return path, None

    def _check_handler(self, children: Sequence[Atom]) -> None:
        handler = find_atom(children, b"hdlr")
        if handler and self.source.peek(handler.body + 8, 4) != b"mdir":
            raise UnsupportedContainer("Its tags are kept in an unknown form.")

    def _key(self, item: Atom) -> str | None:
        text = self._texts[item]
        return self.names.from_colon(text[0]) if text else None

    def _values(self, item: Atom) -> list[str]:
        text = self._texts[item]
        return text[1] if text else []

    def plan(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """The list replaced (or made), sizes and, where needed, offsets put right."""
        start, end, spare = self._place()
        content = self._list_steps(tags)
        room = end - start - length_of(self._wrapped(content))
        if not self._is_before_audio():
            after = spare
        elif room == 0 or room >= _SMALLEST:
            after = room
        else:
            after = 0 if self._find_follower(-room) else _SPARE
        new = self._wrapped([*content, *_free(after)])
        by = length_of(new) - (end - start)
        return edit(self.source.size, [(start, end, new), *self._sizes(by), *self._behind(by)])

    def _place(self) -> tuple[int, int, int]:
        """What is replaced: the list and the free atom behind it, whose size comes third."""
        if self._list is None:
            parent = self._path[-1]
            children = self._children(parent)
            at = children[-1].end if children else parent.end  # before QuickTime's closing zeros
            return at, at, 0
        siblings = self._children(self._path[-1])
        behind = find_atom([a for a in siblings if a.start == self._list.end], b"free")
        end = behind.end if behind else self._list.end
        return self._list.start, end, end - self._list.end

    def _children(self, parent: Atom) -> list[Atom]:
        if parent.kind == b"meta":
            return meta_children(self.source, parent)
        return list(atoms(self.source, parent.body, parent.end))

    def _list_steps(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        kept = [item for item in self._items if self._key(item) is None]
        content: list[Step] = [Copy(item.start, item.size) for item in kept]
        new = [make_freeform(self.names.to_colon(key), values) for key, values in tags.items()]
        content += map(Put, new)
        return [Put(header(b"ilst", 8 + length_of(content))), *content]

    def _wrapped(self, steps: Sequence[Step]) -> list[Step]:
        """The list inside the atoms around it that the file does not have yet."""
        wrapped = list(steps)
        for kind in reversed(_OWN_TREE[len(self._path) - 1 : -1]):
            extra = bytes(4) + make_handler() if kind == b"meta" else b""
            size = _SMALLEST + len(extra) + length_of(wrapped)
            wrapped = [Put(header(kind, size) + extra), *wrapped]
        return wrapped

    def _sizes(self, by: int) -> Iterator[Change]:
        """The size fields of the atoms around the list."""
        for atom in self._path if by else ():
            if atom.body - atom.start > _SMALLEST:
                size = (atom.size + by).to_bytes(8, "big")
                yield atom.start + 8, atom.start + 16, [Put(size)]
            elif self.source.read(atom.start, 4) != bytes(4):  # 0: up to the end of the file
                yield atom.start, atom.start + 4, [Put((atom.size + by).to_bytes(4, "big"))]

    def _behind(self, by: int) -> Iterator[Change]:
        """What a change of size means for all behind `moov`."""
        if not by or not self._is_before_audio():
            return
        follower = self._find_follower(by)
        if follower:
            yield follower.start, follower.end, _free(follower.size - by)
            return
        if any(leaf.kind in _FIXED_PLACES for leaf in [*self.leaves, *self.top]):
            raise UnsupportedContainer("It refers to its data in a way that cannot be moved.")
        for table in self._tables():
            yield table.body + _TABLE_HEAD, table.end, list(self._shifts(table, by))

    def _find_follower(self, growth: int) -> Atom | None:
        """The free atom right behind `moov`, if it can give `growth` bytes."""
        for atom in self.top:
            if atom.start == self.moov.end and atom.kind == b"free":
                rest = atom.size - growth
                return atom if rest == 0 or rest >= _SMALLEST else None
        return None

    def _tables(self) -> list[Atom]:
        return [leaf for leaf in self.leaves if leaf.kind in _TABLES]

    def _offsets(self, table: Atom) -> list[int]:
        width = _TABLES[table.kind]
        data = self.source.read(table.body, table.end - table.body)
        count = int.from_bytes(data[4:8], "big")
        entries = data[_TABLE_HEAD : _TABLE_HEAD + count * width]
        if len(entries) != count * width:
            raise DamagedContainer("A table of its index is cut off.", asset=str(self.source.path))
        return [
            int.from_bytes(entries[i : i + width], "big") for i in range(0, len(entries), width)
        ]

    def _is_before_audio(self) -> bool:
        """Whether some audio lies behind the index, and would move with it."""
        end = self.moov.end
        return any(offset >= end for table in self._tables() for offset in self._offsets(table))

    def _shifts(self, table: Atom, by: int) -> Iterator[Step]:
        """The entries of a table: those that point behind `moov` move."""
        width, at = _TABLES[table.kind], table.body + _TABLE_HEAD
        offsets = self._offsets(table)
        if max(offsets, default=0) + by >= 1 << 8 * width:
            raise UnsupportedContainer("It is too long for its table of offsets.")
        for behind, run in groupby(offset >= self.moov.end for offset in offsets):
            length = width * sum(1 for _ in run)
            yield Shift(at, length, width, by) if behind else Copy(at, length)
            at += length
        yield Copy(at, table.end - at)

    def foreign_digest(self) -> bytes:
        """Over all atoms but audio, free ones, tables of offsets and ours."""
        total = hashlib.sha256()
        for atom in self._foreign():
            total.update(atom.kind)
            total.update(self.source.digest([(atom.body, atom.end)]))
        return total.digest()

    def _foreign(self) -> Iterator[Atom]:
        ours = {atom.start for atom in self._path}
        skipped = (*_FREE, *_TABLES, b"moov", b"mdat")
        for atom in [*self.top, *self.leaves]:
            if atom.kind not in skipped and atom.start not in ours:
                yield atom
        for parent in self._path[1:]:
            for atom in self._children(parent):
                if atom.kind not in (*_FREE, *_OWN_TREE, b"hdlr"):
                    yield atom
        yield from (item for item in self._items if self._key(item) is None)

    def payload(self) -> Iterator[bytes]:
        """The media data, and where in it each chunk of each track begins."""
        data = [atom for atom in self.top if atom.kind not in (*_FREE, b"moov")]
        for atom in data:
            yield from self.source.blocks(atom.body, atom.end)
        starts = [atom.start for atom in data]
        for table in self._tables():
            for offset in self._offsets(table):
                index = bisect_right(starts, offset) - 1
                place = (index, offset - (starts[index] if index >= 0 else 0))
                yield repr(place).encode()


def _free(size: int) -> list[Step]:
    return [Put(make_atom(b"free", bytes(size - _SMALLEST)))] if size else []
