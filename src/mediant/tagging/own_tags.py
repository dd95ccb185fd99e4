"""Our tags in a file as it is now, and what is the matter with one that cannot hold any."""

from pathlib import Path

from mediant.errors import MediaError, WriteError
from mediant.kernel.unreadable import unreadable
from mediant.tagging.write import (
    DamagedContainer,
    UnsupportedContainer,
    read_own,
    skip_tag,
    sniff,
)
from mediant.tagging.write.source import Source

_OTHERS = (
    b"\x30\x26\xb2\x75",  # ASF: WMA
    b"MAC ",  # Monkey's Audio
    b"wvpk",  # WavPack
    b"\x1a\x45\xdf\xa3",  # EBML: Matroska
    b"RF64",
    b"riff\x2e\x91\xcf\x11",  # Wave64
    b"caff",
    b".snd",
    b"ADIF",  # raw AAC
    b"TTA1",
    b"MPCK",
    b"MP+",
)
"""First bytes of sound files that have no place for our tags."""
_SYNC, _SYNC_BITS, _LAYER_3 = 0xFF, 0xE0, 1


def read_own_tags(path: Path, namespace: str, *, is_sound: bool = False) -> dict[str, list[str]]:
    """Our tags in a file; none in a kind of file that has no place for them.

    MediaError `empty` or `corrupt` for what is no sound file at all, unless it `is_sound`, which
    who has decoded it knows; `missing` or `unreadable` as the system says.
    """
    try:
        return read_own(path, namespace)
    except (UnsupportedContainer, DamagedContainer) as refused:
        check_sound(path, refused, is_sound=is_sound)
        return {}
    except WriteError as failed:
        raise _unread(path, failed) from failed


def check_sound(path: Path, refused: WriteError | None = None, *, is_sound: bool = False) -> None:
    """Raise MediaError `empty` or `corrupt` for a file without a place for tags, when that is
    because it is damaged or no sound file; `refused` is what its container was refused for."""
    if is_sound:
        return
    try:
        with Source(path) as source:
            if not source.size:
                raise MediaError("empty", "The file has no bytes.", asset=str(path))
            start = skip_tag(source, 0)
            if sniff(source) is None and not _is_other(source.peek(start, 8)):
                text = "The file holds nothing that Mediant knows as sound."
                raise MediaError("corrupt", text, asset=str(path))
    except DamagedContainer as damaged:
        raise MediaError("corrupt", damaged.text, asset=str(path)) from damaged
    except OSError as failed:
        raise unreadable(str(path), failed) from failed
    if isinstance(refused, DamagedContainer):
        raise MediaError("corrupt", refused.text, asset=str(path))


def _is_other(head: bytes) -> bool:
    """Whether these bytes begin a sound file of another kind: by its mark, or by the sync word of
    MPEG layers I and II and of raw AAC."""
    is_stream = len(head) > 1 and head[0] == _SYNC and head[1] & _SYNC_BITS == _SYNC_BITS
    # Of layer III more is asked than a sync word: `sniff` has found no frames of it.
    is_other_layer = is_stream and head[1] >> 1 & 3 != _LAYER_3
    return is_other_layer or head.startswith(_OTHERS)


def _unread(path: Path, failed: WriteError) -> MediaError:
    if failed.code == "vanished":
        return MediaError("missing", "The file is not there.", asset=str(path))
    cause = failed.__cause__
    if isinstance(cause, OSError):
        return unreadable(str(path), cause)
    return MediaError("unreadable", failed.text, asset=str(path))
