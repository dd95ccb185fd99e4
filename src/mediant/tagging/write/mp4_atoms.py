"""Atoms of MP4 (ISO/IEC 14496-12) and the freeform tags that iTunes keeps in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mediant.tagging.write.names import split_values
from mediant.tagging.write.refusals import DamagedContainer
from mediant.tagging.write.source import Source

_HEADER, _LONG_HEADER = 8, 16
_FULL = 4
_TEXT = 1
MEAN = b"com.apple.iTunes"
MOST_FREEFORM = 1 << 20
"""A longer freeform atom is not read: it is not one of ours."""


@dataclass(frozen=True)
class Atom:
    """One atom: `start` at its size field, `body` behind its header."""

    kind: bytes
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Its length with the header."""
        return self.end - self.start


def atoms(source: Source, start: int, end: int) -> Iterator[Atom]:
    """The atoms of a range, one after the other; `DamagedContainer` when they do not fit it.

    A remainder too short for an atom (the four zeros that end a QuickTime list) is passed over.
    """
    while start + _HEADER <= end:
        head = source.read(start, _HEADER)
        size, kind, body = int.from_bytes(head[:4], "big"), head[4:], start + _HEADER
        if size == 1:
            size, body = int.from_bytes(source.read(body, 8), "big"), start + _LONG_HEADER
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            raise DamagedContainer(
                f"Its atom {kind!r} does not fit its place.", asset=str(source.path)
            )
        yield Atom(kind, start, body, start + size)
        start += size


def find_atom(children: Sequence[Atom], kind: bytes) -> Atom | None:
    """The first child of that kind."""
    return next((child for child in children if child.kind == kind), None)


def meta_children(source: Source, meta: Atom) -> list[Atom]:
    """The children of a `meta` atom, which has version and flags in MP4 and none in QuickTime."""
    plain = source.peek(meta.body + 4, 4) == b"hdlr"
    return list(atoms(source, meta.body + (0 if plain else _FULL), meta.end))


def read_freeform(source: Source, atom: Atom) -> tuple[str, list[str]] | None:
    """Name and values of a freeform atom of iTunes' kind; None for every other."""
    if atom.kind != b"----" or atom.size > MOST_FREEFORM:
        return None
    mean = name = b""
    values = []
    for child in atoms(source, atom.body, atom.end):
        data = source.read(child.body, child.end - child.body)
        if child.kind == b"mean":
            mean = data[_FULL:]
        elif child.kind == b"name":
            name = data[_FULL:]
        elif child.kind == b"data":
            values.append(data[8:].decode("utf-8", "replace"))
    if mean != MEAN:
        return None
    return name.decode("utf-8", "replace"), split_values(values)


def make_freeform(name: str, values: Sequence[str]) -> bytes:
    """The atom that holds `values` under `name`."""
    parts = [make_atom(b"mean", bytes(_FULL) + MEAN), make_atom(b"name", bytes(4) + name.encode())]
    head = _TEXT.to_bytes(4, "big") + bytes(4)
    parts += [make_atom(b"data", head + value.encode()) for value in values]
    return make_atom(b"----", b"".join(parts))


def make_atom(kind: bytes, body: bytes) -> bytes:
    """An atom with a short header."""
    return header(kind, _HEADER + len(body)) + body


def header(kind: bytes, size: int) -> bytes:
    """A short header for an atom of `size` bytes in all."""
    return size.to_bytes(4, "big") + kind


def make_handler() -> bytes:
    """The handler that says: this `meta` holds iTunes tags."""
    return make_atom(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
