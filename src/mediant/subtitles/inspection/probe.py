"""Reading what a container says of its streams, with FFmpeg through PyAV. Runs in the sandbox.

Nothing is decoded beyond what FFmpeg needs to know the codecs.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import av
from av.audio.codeccontext import AudioCodecContext
from av.codec.context import CodecContext
from av.container import InputContainer
from av.stream import Disposition, Stream

from mediant.errors import MediaError
from mediant.kernel.encrypted import ENCRYPTED
from mediant.kernel.languages import canonical_code
from mediant.kernel.unreadable import may_pass, unreadable
from mediant.subtitles.inspection import titles
from mediant.subtitles.inspection.matroska import TrackTag, read_track_tags

CONTAINERS = (
    "aa,aac,ac3,aiff,amr,ape,asf,asf_o,au,av1,avi,"
    "caf,dsf,dts,dtshd,dv,"  # codespell:ignore caf
    "eac3,flac,flv,gxf,h264,hevc,ivf,kux,live_flv,loas,m4v,matroska,mjpeg,mlp,mov,mp3,mp4,mpc,mpc8,"
    "mpeg,mpegts,mpegvideo,mxf,nsv,nut,nuv,obu,ogg,oma,pva,rm,swf,tak,truehd,tta,vc1,w64,wav,webm,"
    "wtv,wv,xwma"
)
"""What FFmpeg may take a file for. Playlists (hls, concat, dash) would make it open other files."""

_NO_PICTURE = (
    Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
)  # of a film

_BITMAP_SUB = 1 << 16
"""FFmpeg's AV_CODEC_PROP_BITMAP_SUB."""

_IMPAIRED = Disposition.hearing_impaired | Disposition.captions


def probe(name: bytes) -> dict[str, Any]:
    """The fields of a `Video` but its path; `name` is the path as bytes.

    Raises MediaError missing, unreadable, empty, protected, corrupt or no_audio (neither sound nor
    moving pictures).
    """
    path = os.fsdecode(name)
    try:
        status = Path(path).stat()
        _check_file(status, path)
        with Path(path).open("rb") as file:
            tags = read_track_tags(file)
    except OSError as error:
        raise _to_media_error(error, path) from error
    try:
        options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
        with av.open(f"file:{path}", "r", options=options, metadata_errors="replace") as container:
            facts = _facts(container, tags, path)
    except av.error.FFmpegError as error:
        raise _refusal(error, path) from error
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, **facts}


def _check_file(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise MediaError("unreadable", "This is not a file.", asset=path)
    if not status.st_size:
        raise MediaError("empty", "The file has no bytes.", asset=path)


def _to_media_error(error: OSError, path: str) -> MediaError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return MediaError("missing", "The file is not there.", asset=path)
    return unreadable(path, error)


def _refusal(error: av.error.FFmpegError, path: str) -> Exception:
    """Faults of memory and disk say nothing about the data."""
    if isinstance(error, MemoryError):
        return error
    if may_pass(error.errno) or error.errno == errno.ENODEV:
        return _to_media_error(OSError(error.errno, error.strerror), path)
    text = f"This is no media file, or it is damaged ({error.strerror})."
    return MediaError("corrupt", text, asset=path)


def _facts(container: InputContainer, tags: list[TrackTag], path: str) -> dict[str, Any]:
    streams = list(container.streams)
    languages = _languages(streams, tags)
    audio = [stream for stream in streams if stream.type == "audio"]
    is_video = any(_is_moving(stream) for stream in streams)
    if not audio and not is_video:
        kind = container.format.name
        text = f"The file is of type {kind} and has neither sound nor moving pictures."
        raise MediaError("no_audio", text, asset=path)
    if audio and all(_tag_of_codec(stream) in ENCRYPTED for stream in audio):
        raise MediaError("protected", "The audio is encrypted.", asset=path)
    return {
        "duration_s": _length_s(container),
        "start_s": _seconds(container.start_time, av.time_base),
        "is_video": is_video,
        "audio_tracks": [
            {"index": index, **_audio(stream, languages[stream.index])}
            for index, stream in enumerate(audio)
        ],
        "embedded": [
            _subtitle(stream, languages[stream.index])
            for stream in streams
            if stream.type == "subtitle"
        ],
    }


def _languages(streams: list[Stream], tags: list[TrackTag]) -> list[str]:
    """By stream: the tag that Matroska gives, otherwise what FFmpeg read."""
    found = [canonical_code(stream.metadata.get("language")) for stream in streams]
    is_same_order = len(tags) <= len(streams) and all(
        tag.kind in (stream.type, "data") for tag, stream in zip(tags, streams, strict=False)
    )
    if is_same_order:
        for index, tag in enumerate(tags):
            found[index] = canonical_code(tag.tag) if tag.tag else found[index]
    return found


def _is_moving(stream: Stream) -> bool:
    return stream.type == "video" and not stream.disposition & _NO_PICTURE


def _audio(stream: Stream, language: str) -> dict[str, Any]:
    title = titles.pick_title(stream.metadata)
    return {
        **_common(stream, language, title),
        "channels": _channels(_context(stream)),
        "is_commentary": _has(stream, Disposition.comment) or titles.is_commentary(title),
        "start_s": _seconds(stream.start_time, stream.time_base and 1 / stream.time_base),
        "duration_s": _track_length_s(stream),
        "is_forced": _has(stream, Disposition.forced),
    }


def _subtitle(stream: Stream, language: str) -> dict[str, Any]:
    title = titles.pick_title(stream.metadata)
    return {
        **_common(stream, language, title),
        "is_forced": _has(stream, Disposition.forced) or titles.is_forced(title),
        "is_image": _is_image(stream),
        "is_hearing_impaired": _has(stream, _IMPAIRED) or titles.is_hearing_impaired(title),
        "is_commentary": _has(stream, Disposition.comment) or titles.is_commentary(title),
    }


def _common(stream: Stream, language: str, title: str) -> dict[str, Any]:
    context = _context(stream)
    return {
        "stream_index": stream.index,
        "codec": "unknown" if context is None else context.codec.canonical_name,
        "language": language,
        "title": title,
        "is_default": _has(stream, Disposition.default),
    }


def _has(stream: Stream, disposition: Disposition) -> bool:
    return bool(stream.disposition & disposition)


def _is_image(stream: Stream) -> bool:
    """What FFmpeg has no decoder for (teletext) can be read as little as pictures."""
    context = _context(stream)
    return context is None or bool(context.codec.properties & _BITMAP_SUB)


def _tag_of_codec(stream: Stream) -> str:
    context = _context(stream)
    return "" if context is None else context.codec_tag


def _channels(context: CodecContext | None) -> int:
    return context.layout.nb_channels if isinstance(context, AudioCodecContext) else 0


def _context(stream: Stream) -> CodecContext | None:
    """None where FFmpeg has no decoder, which PyAV's types do not tell."""
    return stream.codec_context


def _length_s(container: InputContainer) -> float:
    if container.duration is not None:
        return max(0.0, _seconds(container.duration, av.time_base))
    return max([0.0, *(_track_length_s(stream) or 0.0 for stream in container.streams)])


def _track_length_s(stream: Stream) -> float | None:
    if stream.duration is not None and stream.time_base:
        return float(stream.duration * stream.time_base)
    return _clock_s(stream.metadata.get("DURATION", ""))


def _clock_s(text: str) -> float | None:
    """Seconds of Matroska's `00:23:51.123000000`."""
    parts = text.split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds


def _seconds(ticks: int | None, rate: Any) -> float:
    return 0.0 if ticks is None or not rate else float(ticks / rate)
