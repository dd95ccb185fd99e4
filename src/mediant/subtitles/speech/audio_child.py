"""Decoding of speech in the sandbox: one audio stream as 16 kHz mono s16le, block by block.

The sound stands where the container says: what begins late begins with silence, a hole in the
timestamps is silence, and what overlaps is cut. Nothing here holds more than a block.
"""

import errno
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from mediant.errors import MediaError
from mediant.kernel.encrypted import ENCRYPTED_AUDIO
from mediant.kernel.unreadable import may_pass, unreadable
from mediant.subtitles.inspection.free_clock import has_free_clock
from mediant.subtitles.inspection.probe import CONTAINERS

RATE = 16_000

JITTER_S = 0.05
"""Timestamps that are off by less than this are rounding, not holes."""

BACKWARDS_S = 10.0
"""A jump back by more is a clock that was set anew; a smaller one is sound told twice."""

BEYOND_S = 60.0
"""A jump to so much behind the announced end is a clock that was set anew, too."""

CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP})
"""What the system says of a path that it will never read for us."""

BLOCK_BYTES = 1 << 20

_SILENCE = bytes(BLOCK_BYTES)
_SAMPLE_BYTES = 2

Part = bytes | dict[str, Any]


def decode(path: str, stream_index: int | None, longest_s: float) -> Iterator[Part]:
    """Yield s16le samples as bytes and, at the end, what was noticed, as a dict.

    `stream_index` is that of the container; None takes its best audio stream. Raises MediaError
    missing, unreadable, empty, no_audio, protected, corrupt or too_long.
    """
    with _open(path) as container:
        stream = _choose_stream(container, stream_index, path)
        reader = _Reader(container, stream, longest_s)
        yield from reader.read()
        if not reader.heard:
            code = "corrupt" if reader.damaged else "empty"
            text = "None of the audio could be decoded." if reader.damaged else "There is no sound."
            raise MediaError(code, text, asset=path)
        yield {"damaged": reader.damaged, "inserted_s": reader.inserted / RATE}


def _open(path: str) -> InputContainer:
    """Open a local file as what its content says; nothing that it names is fetched."""
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise MediaError("unreadable", "This is not a file.", asset=path)
        if not status.st_size:
            raise MediaError("empty", "The file has no bytes.", asset=path)
        return av.open(
            f"file:{path}",
            "r",
            options={"protocol_whitelist": "file", "format_whitelist": CONTAINERS},
            metadata_errors="replace",
        )
    except FileNotFoundError as error:
        raise MediaError("missing", "The file is not there.", asset=path) from error
    except (av.error.FFmpegError, OSError) as error:
        if isinstance(error, MemoryError):
            raise
        if isinstance(error, OSError) and (may_pass(error.errno) or error.errno in CLOSED):
            raise unreadable(path, error) from error
        raise MediaError("corrupt", f"No decoder: {error.strerror}.", asset=path) from error


def _choose_stream(container: InputContainer, index: int | None, path: str) -> AudioStream:
    streams = container.streams.audio
    if not streams:
        kind = container.format.name
        raise MediaError("no_audio", f"The file is of type {kind} and has no audio.", asset=path)
    if index is None:
        best = container.streams.best("audio")
        stream = best if isinstance(best, AudioStream) else streams[0]
    else:
        found = next((one for one in streams if one.index == index), None)
        if found is None:
            raise MediaError("no_audio", f"Stream {index} is no audio stream.", asset=path)
        stream = found
    context = stream.codec_context
    if context is None:
        raise MediaError("corrupt", "There is no decoder for the audio.", asset=path)
    if context.codec_tag in ENCRYPTED_AUDIO:
        text = f"The audio is encrypted ({context.codec_tag})."
        raise MediaError("protected", text, asset=path)
    context.thread_count = 1
    return stream


class _Reader:
    """Lays decoded frames onto the container's time line."""

    def __init__(self, container: InputContainer, stream: AudioStream, longest_s: float) -> None:
        self._container = container
        self._stream = stream
        self._longest = round(longest_s * RATE)
        self._origin_s = _find_origin(container)
        announced = container.duration
        self._end_s = announced / av.time_base + BEYOND_S if announced else None
        self._resampler = _make_resampler()
        self._written = 0
        self._skip = 0
        self.heard = 0
        self.inserted = 0
        self.damaged = 0

    def read(self) -> Iterator[bytes]:
        """The sound, from the beginning of the container's time."""
        pending = bytearray()
        for frame in self._frames():
            for piece in self._place(frame):
                pending += piece
                if len(pending) >= BLOCK_BYTES:
                    yield bytes(pending)
                    pending.clear()
        pending += self._drain()
        if pending:
            yield bytes(pending)

    def _place(self, frame: av.AudioFrame) -> Iterator[bytes]:
        """The frame's samples, after the silence that comes before them."""
        missing = self._measure_gap(frame)
        if missing > 0:
            yield self._drain()
            yield from self._be_silent(missing)
        elif missing < 0:
            self._skip = -missing
        yield from self._convert(frame)

    def _measure_gap(self, frame: av.AudioFrame) -> int:
        """Samples at 16 kHz between what is written and where the frame belongs; 0 for jitter."""
        if frame.pts is None or frame.time_base is None:
            return 0
        wanted_s = float(frame.pts * frame.time_base) - self._origin_s
        gap_s = wanted_s - self._written / RATE
        if abs(gap_s) < JITTER_S:
            return 0
        is_reset = gap_s < -BACKWARDS_S or (self._end_s is not None and wanted_s > self._end_s)
        if is_reset:
            self._origin_s += gap_s
            return 0
        return round(gap_s * RATE)

    def _be_silent(self, samples: int) -> Iterator[bytes]:
        self.inserted += samples
        self._count(samples)
        left = samples * _SAMPLE_BYTES
        while left:
            part = _SILENCE[: min(left, BLOCK_BYTES)]
            left -= len(part)
            yield part

    def _convert(self, frame: av.AudioFrame) -> Iterator[bytes]:
        frame.pts = None  # its place is known; the converter would stop at a hole
        try:
            converted = self._resampler.resample(frame)
        except ValueError:  # format, rate or layout changed
            yield self._drain()
            converted = self._resampler.resample(frame)
        for one in converted:
            yield self._take(one)

    def _drain(self) -> bytes:
        """What the converter still holds; a new one follows."""
        parts = [self._take(frame) for frame in self._resampler.resample(None)]
        self._resampler = _make_resampler()
        return b"".join(parts)

    def _take(self, frame: av.AudioFrame) -> bytes:
        content = bytes(frame.planes[0])[: frame.samples * _SAMPLE_BYTES]
        cut = min(self._skip, frame.samples)
        self._skip -= cut
        kept = frame.samples - cut
        self._count(kept)
        self.heard += kept
        return content[cut * _SAMPLE_BYTES :]

    def _count(self, samples: int) -> None:
        self._written += samples
        if self._written > self._longest:
            text = f"It lasts longer than {self._longest / RATE / 3600:g} hours."
            raise MediaError("too_long", text)

    def _frames(self) -> Iterator[av.AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:
                _raise_if_memory(error)
                self.damaged += 1
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                _raise_if_memory(error)
                self.damaged += 1
                continue
            yield from frames


def _find_origin(container: InputContainer) -> float:
    is_free = has_free_clock(container.format.name)
    return (container.start_time or 0) / av.time_base if is_free else 0.0


def _make_resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=RATE)


def _raise_if_memory(error: av.error.FFmpegError) -> None:
    """Lack of memory says nothing about the data."""
    if isinstance(error, MemoryError):
        raise error
