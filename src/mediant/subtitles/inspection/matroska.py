"""The languages of a Matroska file's tracks, where they stand as BCP 47 tags.

FFmpeg 8 reads only the older element with its three letters, and calls a track English that has
none. By the specification (RFC 9559, 5.1.4.1.20) the tag counts where there is one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_EBML, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_TRACKS, _TRACK, _TYPE, _TAG = 0x1654AE6B, 0xAE, 0x83, 0x22B59D

_KINDS = {1: "video", 2: "audio", 0x11: "subtitle", 0x21: "data"}
"""The track types of which FFmpeg makes streams, in the order of the file."""

_LONGEST_TRACKS = 1 << 22
_MOST_ELEMENTS = 64
"""Before the tracks, on the file's upper level; a file with more is not followed."""


@dataclass(frozen=True, slots=True)
class TrackTag:
    """What one track says of itself."""

    kind: str
    """`video`, `audio`, `subtitle` or `data`."""
    tag: str
    """BCP 47; empty where the element is absent."""


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    at: int
    """Of its content, from the beginning of the file."""
    size: int | None
    """None: unknown, until whatever cannot be in it."""


def read_track_tags(file: BinaryIO) -> list[TrackTag]:
    """The tracks in the order of the file; none where they cannot be found.

    Raises OSError only: what makes no sense has no tags.
    """
    try:
        return _read_tracks(file)
    except (EOFError, UnicodeDecodeError):
        return []


def _read_tracks(file: BinaryIO) -> list[TrackTag]:
    head = _element(file, 0)
    if head.id != _EBML or head.size is None:
        return []
    segment = _element(file, head.at + head.size)
    tracks = _find_tracks(file, segment) if segment.id == _SEGMENT else None
    if tracks is None or tracks.size is None or tracks.size > _LONGEST_TRACKS:
        return []
    entries = [entry for entry in _children(file, tracks) if entry.id == _TRACK]
    told = [{one.id: one for one in _children(file, entry)} for entry in entries]
    return [
        TrackTag(_KINDS[kind], _text(file, fields.get(_TAG)))
        for fields in told
        if (kind := _number(file, fields.get(_TYPE))) in _KINDS
    ]


def _find_tracks(file: BinaryIO, segment: _Element) -> _Element | None:
    """Before the first cluster, or where the index says; editors move it to the end."""
    at, told = segment.at, None
    for _ in range(_MOST_ELEMENTS):
        element = _element(file, at)
        if element.id == _TRACKS:
            return element
        if element.id == _SEEK_HEAD:
            told = _seek_position(file, element) or told
        if element.id == _CLUSTER or element.size is None:
            break
        at = element.at + element.size
    if told is None:
        return None
    found = _element(file, segment.at + told)
    return found if found.id == _TRACKS else None


def _seek_position(file: BinaryIO, head: _Element) -> int | None:
    for seek in _children(file, head):
        fields = {one.id: one for one in _children(file, seek)} if seek.id == _SEEK else {}
        if _number(file, fields.get(_SEEK_ID)) == _TRACKS:
            return _number(file, fields.get(_SEEK_POSITION))
    return None


def _children(file: BinaryIO, parent: _Element) -> Iterator[_Element]:
    at, end = parent.at, parent.at + (parent.size or 0)
    while at < end:
        child = _element(file, at)
        if child.size is None:
            return
        yield child
        at = child.at + child.size


def _element(file: BinaryIO, at: int) -> _Element:
    """The head of the element at `at`; raises EOFError where there is none."""
    file.seek(at)
    head = file.read(12)
    id_length = _length(head, 0, 4)
    size_length = _length(head, id_length, 8)
    end = id_length + size_length
    if len(head) < end:
        raise EOFError
    size = int.from_bytes(head[id_length:end], "big") & ((1 << 7 * size_length) - 1)
    is_unknown = size == (1 << 7 * size_length) - 1
    number = int.from_bytes(head[:id_length], "big")
    return _Element(number, at + end, None if is_unknown else size)


def _length(head: bytes, at: int, most: int) -> int:
    """How many bytes a number of variable length takes: the leading zeros of the first, and one."""
    if at >= len(head) or head[at] == 0:
        raise EOFError
    length = 9 - head[at].bit_length()
    if length > most:
        raise EOFError
    return length


def _content(file: BinaryIO, element: _Element, most: int) -> bytes:
    file.seek(element.at)
    return file.read(min(element.size or 0, most))


def _number(file: BinaryIO, element: _Element | None) -> int | None:
    return None if element is None else int.from_bytes(_content(file, element, 8), "big")


def _text(file: BinaryIO, element: _Element | None) -> str:
    return "" if element is None else _content(file, element, 255).rstrip(b"\0").decode("ascii")
