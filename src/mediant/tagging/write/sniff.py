"""What kind of file this really is: decided by its bytes, never by its name."""

from functools import partial
from pathlib import Path
from typing import Protocol

from mediant.tagging.write.flac_layout import FlacLayout
from mediant.tagging.write.id3 import skip_tag
from mediant.tagging.write.id3_layout import ChunkLayout, Mp3Layout
from mediant.tagging.write.layout import Layout
from mediant.tagging.write.mp4_layout import Mp4Layout
from mediant.tagging.write.names import KNOWN_NAMESPACES, Names
from mediant.tagging.write.ogg_layout import OggLayout
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Source

_LAYER_3 = 1
_SEARCHED = 1 << 16
_FRAME_HEADER = 4
_BITRATES = {  # kbit/s of layer III (ISO/IEC 11172-3 and 13818-3), by index
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class _MakeLayout(Protocol):
    def __call__(self, source: Source, names: Names) -> Layout: ...


_LAYOUTS: dict[str, _MakeLayout] = {
    "mp3": Mp3Layout,
    "wav": ChunkLayout,
    "aiff": partial(ChunkLayout, order="big"),
    "mp4": Mp4Layout,
    "flac": FlacLayout,
    "ogg": OggLayout,
}


def sniff(source: Source) -> str | None:
    """`mp3`, `wav`, `aiff`, `mp4`, `flac` or `ogg`; None for every other kind of content."""
    head = source.peek(0, 12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] == b"OggS":
        return "ogg"
    start = skip_tag(source, 0)
    if source.peek(start, 4) == b"fLaC":
        return "flac"
    return "mp3" if _has_mp3_frames(source, start) else None


def _has_mp3_frames(source: Source, start: int) -> bool:
    """Whether two layer III frames follow each other near `start`, behind any further tags."""
    while (behind := skip_tag(source, start)) > start:
        start = behind
    data = source.peek(start, _SEARCHED)
    at = data.find(b"\xff")
    while at >= 0:
        size = _frame_size(data[at : at + _FRAME_HEADER])
        if size and _frame_size(source.peek(start + at + size, _FRAME_HEADER)):
            return True
        if data[at : at + 2] in (b"\xff\xf1", b"\xff\xf9"):  # ADTS: raw AAC
            return False
        at = data.find(b"\xff", at + 1)
    return False


def _frame_size(head: bytes) -> int:
    """The length of the layer III frame that begins with `head`; 0 when none does."""
    if len(head) < _FRAME_HEADER or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version not in _RATES or layer != _LAYER_3 or not 0 < bitrate < 15 or rate > 2:
        return 0
    is_first = version == max(_RATES)
    per_frame = 144 if is_first else 72
    bits = _BITRATES[1 if is_first else 2][bitrate] * 1000
    return per_frame * bits // _RATES[version][rate] + (head[2] >> 1 & 1)


def take_apart(source: Source, namespace: str) -> Layout:
    """The layout of an open file; `UnsupportedContainer` or `DamagedContainer` if there is none."""
    kind = sniff(source)
    if kind is None:
        raise UnsupportedContainer(asset=str(source.path))
    try:
        return _LAYOUTS[kind](source, Names(namespace))
    except (UnsupportedContainer, DamagedContainer) as error:
        error.asset = error.asset or str(source.path)
        raise


def supported_container(path: Path) -> str | None:
    """The kind of container that tags can be written into, or None; OSError when unreadable.

    `ogg` stands for Vorbis, Opus, FLAC and Speex in Ogg. None also for what only looks the part:
    fragmented MP4, several Ogg streams side by side, a damaged structure.
    """
    with Source(path) as source:
        try:
            take_apart(source, KNOWN_NAMESPACES[0])
        except (UnsupportedContainer, DamagedContainer):
            return None
        return sniff(source)
