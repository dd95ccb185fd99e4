"""Reading audio with FFmpeg through PyAV, streamed. Runs in the sandbox."""

import errno
from collections.abc import Iterator
from io import RawIOBase
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from mediant.errors import MediaError
from mediant.kernel.encrypted import ENCRYPTED_AUDIO
from mediant.kernel.unreadable import may_pass
from mediant.tagging.media_source import DataError, Facts, Samples, heal, pick_tags

BLOCK = 131_072
"""Samples a channel that are mixed and resampled at once."""

_DTYPES = {
    "u8": (np.uint8, 128),
    "s16": (np.int16, 1 << 15),
    "s32": (np.int32, 1 << 31),
    "s64": (np.int64, 1 << 63),
    "flt": (np.float32, 1),
    "dbl": (np.float64, 1),
}


class FFmpegSource:
    """The first audio stream of a file."""

    def __init__(self, path: str, file: RawIOBase | None = None) -> None:
        """Open the file, or `file` in its place; ours to close.

        Raises DataError, or MediaError no_audio, protected or unreadable.
        """
        self._file = file
        self._container = _open(path, file)
        streams = self._container.streams.audio
        if not streams:
            self._container.close()
            kind = self._container.format.name
            raise MediaError("no_audio", f"The file is of type {kind} and has no audio stream.")
        self._stream = streams[0]
        self._check_codec()
        self.facts = _facts(self._container, self._stream)

    def blocks(self) -> Iterator[tuple[Samples, int]]:
        """Mono blocks float32 [n] with their rate in Hz. Damaged packets are counted, skipped.

        The rate may change inside the file; the mean over channels is ours, because FFmpeg's own
        downmix to mono is 3 dB louder in float than in 16 bit.
        """
        fifo = av.AudioFifo()
        for frame in self._frames():
            frame.pts = None  # the queue refuses gaps in time; a gap is no reason to stop
            try:
                fifo.write(frame)
            except ValueError:  # format, rate or layout changed
                yield from self._drain(fifo)
                fifo = av.AudioFifo()
                fifo.write(frame)
            if fifo.samples >= BLOCK:
                yield self._mix(fifo.read(BLOCK))
        yield from self._drain(fifo)
        self._container.close()
        if self._file is not None:
            self._file.close()

    def _check_codec(self) -> None:
        context = self._stream.codec_context
        if context is None:
            raise DataError("FFmpeg: no decoder for the audio stream")
        if context.codec_tag in ENCRYPTED_AUDIO:
            raise MediaError("protected", f"The audio is encrypted ({context.codec_tag}).")
        context.thread_count = 1

    def _drain(self, fifo: av.AudioFifo) -> Iterator[tuple[Samples, int]]:
        if fifo.samples:
            yield self._mix(fifo.read(0, partial=True))

    def _frames(self) -> Iterator[av.AudioFrame]:
        facts = self.facts
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:
                _raise_if_ours(error)
                if isinstance(error, av.error.PatchWelcomeError):
                    raise DataError(f"FFmpeg: {error.strerror}") from error
                facts.damaged += 1
                facts.warnings.append(f"Reading ended early: {error.strerror}.")
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                _raise_if_ours(error)
                facts.damaged += 1
                continue
            facts.intact += 1
            yield from frames

    def _mix(self, frame: av.AudioFrame | None) -> tuple[Samples, int]:
        if frame is None:
            raise DataError("FFmpeg: the queue of samples is empty")
        return heal(mix(frame), self.facts), frame.sample_rate


def mix(frame: av.AudioFrame) -> Samples:
    """The mean over the channels of a frame as float32 [n]; integers by their full scale."""
    name = frame.format.name
    dtype, full_scale = _DTYPES[name.removesuffix("p")]
    channels, count = frame.layout.nb_channels, frame.samples
    buffers: tuple[Any, ...] = frame.planes
    if frame.format.is_planar:
        planes = [np.frombuffer(buffer, dtype, count) for buffer in buffers]
    else:
        packed = np.frombuffer(buffers[0], dtype, count * channels)
        planes = list(packed.reshape(count, channels).T)
    total: Samples = planes[0].astype(np.float32)
    for plane in planes[1:]:
        np.add(total, plane, out=total, dtype=np.float32, casting="same_kind")
    if dtype is np.uint8:
        total -= np.float32(128 * channels)
    if full_scale * channels != 1:
        total *= np.float32(1 / (full_scale * channels))
    return total


def _open(path: str, file: RawIOBase | None) -> InputContainer:
    """Open a local file as what its content says; nothing that it names is fetched."""
    what = file or f"file:{path}"
    try:
        return av.open(what, "r", options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except av.error.FFmpegError as error:
        _raise_if_ours(error)
        raise DataError(f"FFmpeg: {error.strerror}") from error


def _raise_if_ours(error: av.error.FFmpegError) -> None:
    """Memory and disk faults say nothing about the data."""
    if isinstance(error, MemoryError):
        raise error
    if error.errno == errno.ENODEV or may_pass(error.errno):
        text = f"The disk failed while reading: {error.strerror}."
        raise MediaError("unreadable", text, transient=may_pass(error.errno))


def _facts(container: InputContainer, stream: AudioStream) -> Facts:
    context = stream.codec_context
    announced = None if container.duration is None else container.duration / av.time_base
    return Facts(
        decoder="ffmpeg",
        container=container.format.name,
        codec=context.name,
        sample_rate=context.sample_rate,
        channels=context.layout.nb_channels,
        bit_rate=stream.bit_rate or container.bit_rate or None,
        announced_s=announced,
        tags=pick_tags(container.metadata, stream.metadata),
    )
