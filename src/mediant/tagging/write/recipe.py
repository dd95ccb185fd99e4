"""How one file is made from another: a list of steps, and its exact inverse.

A recipe copies ranges of its source and puts new bytes between them. The inverse of the recipe
that made a new file is what undo stores: it holds only the bytes of the old file that the new one
no longer has, never a cover image or the audio. Two steps exist for changes that run through a
whole file: `Shift` (tables of absolute offsets in MP4) and `Renumber` (page numbers in Ogg).

Stored form: `MDR1`, then zlib over the msgpack list of the steps.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

import msgpack

from mediant.errors import Invalid
from mediant.tagging.write import ogg_page
from mediant.tagging.write.source import Source

_MAGIC = b"MDR1"


@dataclass(frozen=True)
class Copy:
    """`length` bytes of the source from `start`."""

    start: int
    length: int


@dataclass(frozen=True)
class Put:
    """New bytes."""

    data: bytes

    @property
    def length(self) -> int:
        """How many bytes it makes."""
        return len(self.data)


@dataclass(frozen=True)
class Shift:
    """A table of big-endian unsigned numbers of `width` bytes, each moved by `by`."""

    start: int
    length: int
    width: int
    by: int


@dataclass(frozen=True)
class Renumber:
    """A run of Ogg pages; those of the stream `serial` get `by` added to their number."""

    start: int
    length: int
    serial: int
    by: int


Step = Copy | Put | Shift | Renumber
_KINDS: tuple[type[Step], ...] = (Copy, Put, Shift, Renumber)


def length_of(steps: Iterable[Step]) -> int:
    """How many bytes the steps make."""
    return sum(step.length for step in steps)


def follow(steps: Iterable[Step], source: Source) -> Iterator[bytes]:
    """The bytes that the steps make of `source`, block by block."""
    for step in steps:
        match step:
            case Put(data):
                yield data
            case Copy(start, length):
                yield from source.blocks(start, start + length)
            case Shift():
                yield from _shifted(step, source)
            case Renumber():
                yield from _renumbered(step, source)


def _shifted(step: Shift, source: Source) -> Iterator[bytes]:
    letter = {4: "I", 8: "Q"}[step.width]
    for block in source.blocks(step.start, step.start + step.length):
        layout = f">{len(block) // step.width}{letter}"
        yield struct.pack(layout, *(number + step.by for number in struct.unpack(layout, block)))


def _renumbered(step: Renumber, source: Source) -> Iterator[bytes]:
    for page, data in ogg_page.pages(source, step.start, step.start + step.length):
        yield ogg_page.renumber(data, step.by) if page.serial == step.serial else data


def join(steps: Iterable[Step]) -> list[Step]:
    """The same recipe with neighbours made one and empty steps left out."""
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        if not step.length:
            continue
        if isinstance(step, Copy) and isinstance(last, Copy) and _follows(last, step):
            joined[-1] = Copy(last.start, last.length + step.length)
        elif isinstance(step, Put) and isinstance(last, Put):
            joined[-1] = Put(last.data + step.data)
        else:
            joined.append(step)
    return joined


def _follows(last: Copy, step: Copy) -> bool:
    return last.start + last.length == step.start


def invert(steps: Sequence[Step], source: Source) -> list[Step]:
    """The recipe that makes `source` again from what `steps` made of it."""
    placed: list[tuple[int, Step]] = []
    at = 0
    for step in steps:
        if not isinstance(step, Put):
            placed.append((step.start, _backwards(step, at)))
        at += step.length
    placed.sort(key=lambda pair: pair[0])
    inverse: list[Step] = []
    end = 0
    for start, step in placed:
        if start < end:  # taken twice: once is enough
            continue
        inverse += [*_lost(source, end, start), step]
        end = start + step.length
    return join([*inverse, *_lost(source, end, source.size)])


def _backwards(step: Copy | Shift | Renumber, at: int) -> Step:
    match step:
        case Copy():
            return Copy(at, step.length)
        case Shift():
            return Shift(at, step.length, step.width, -step.by)
        case Renumber():
            return Renumber(at, step.length, step.serial, -step.by)


def _lost(source: Source, start: int, end: int) -> Iterator[Step]:
    return (Put(block) for block in source.blocks(start, end))


def cut(steps: Iterable[Step], start: int, end: int) -> list[Step]:
    """The part of what copies and puts make that lies in [start, end)."""
    part: list[Step] = []
    at = 0
    for step in steps:
        first, last = max(start - at, 0), min(end - at, step.length)
        if first < last:
            part.append(_part_of(step, first, last))
        at += step.length
    return part


def _part_of(step: Step, first: int, last: int) -> Step:
    match step:
        case Copy(start, _):
            return Copy(start + first, last - first)
        case Put(data):
            return Put(data[first:last])
        case _:
            raise TypeError(step)


def edit(size: int, replacements: Iterable[tuple[int, int, Sequence[Step]]]) -> list[Step]:
    """A recipe for a source of `size` bytes: each (start, end, steps) replaces that range."""
    steps: list[Step] = []
    at = 0
    for start, end, new in sorted(replacements, key=lambda item: item[:2]):
        steps += [Copy(at, start - at), *new]
        at = end
    return join([*steps, Copy(at, size - at)])


def moved(steps: Iterable[Step], place: Callable[[int, int], Sequence[Copy]]) -> list[Step]:
    """The recipe with each copied range (start, length) replaced by where it really lies."""
    result: list[Step] = []
    for step in steps:
        result += place(step.start, step.length) if isinstance(step, Copy) else [step]
    return join(result)


def pack(steps: Iterable[Step]) -> bytes:
    """The stored form."""
    rows = [[_KINDS.index(type(step)), *astuple(step)] for step in steps]
    return _MAGIC + zlib.compress(msgpack.packb(rows), 9)


def unpack(data: bytes) -> list[Step]:
    """The steps of a stored form; `Invalid` when it is none."""
    if data[: len(_MAGIC)] != _MAGIC:
        raise Invalid("The undo record is of an unknown kind.")
    try:
        rows = msgpack.unpackb(zlib.decompress(data[len(_MAGIC) :]))
        return [_KINDS[kind](*values) for kind, *values in rows]
    except (zlib.error, ValueError, TypeError, IndexError) as error:
        raise Invalid("The undo record is damaged.") from error
