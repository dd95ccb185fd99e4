"""From a path to the samples of a track, decoded in a sandbox."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mediant.errors import MediaError
from mediant.jobs.sandbox import Sandbox, SandboxDied
from mediant.kernel.units import format_duration

RATE = 16_000
"""Sample rate of a recording in Hz."""

SILENCE_PEAK = 10 ** (-70 / 20)
"""A track whose largest sample is below -70 dB of full scale is silent: dither and hum reach
-80 dB, the quietest music that is sold lies above -50 dB."""

REMEDIES = {
    "timeout": "The setting `tagging.decode_timeout_s` gives it more time.",
    "memory": "The setting `tagging.decode_memory_mb` gives it more.",
}
"""What helps where a limit was too narrow for a sound file, by the way the decoder died."""

_CHILD = "mediant.tagging.decode_child:decode"
_SAMPLE_BYTES = 4
_SLACK_S = 60


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Which tracks are analysed. Shorter ones only with `allow_short`."""

    min_duration_s: float = 7.0
    max_duration_s: float = 3600.0
    allow_short: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A decoded track: `samples` float32 [n], mono (mean of the channels) at 16 kHz, read-only.

    `sample_rate`, `channels` and `bit_rate` (bits a second) are those of the file; `tags` are
    title, artist, album, album_artist, genre, date and track, as far as the container has them.
    """

    samples: npt.NDArray[np.float32]
    duration_s: float
    container: str | None
    codec: str | None
    sample_rate: int
    channels: int
    bit_rate: int | None
    decoder: Literal["ffmpeg", "libsndfile"]
    warnings: tuple[str, ...]
    tags: dict[str, str]


def decode(
    path: Path,
    sandbox: Sandbox,
    limits: DecodeLimits,
    *,
    stop_if_cancelled: Callable[[], None] = lambda: None,
) -> Recording:
    """Decode the first audio stream of a file.

    Content decides what a file is, not its name. A partly damaged file is used when enough of it
    remains, with a warning. Raises MediaError with one of `MEDIA_CODES`; `stop_if_cancelled`
    runs after each few seconds of audio and ends the decoding by what it raises.
    """
    incoming = _Incoming(str(path), limits, stop_if_cancelled)
    try:
        sandbox.call(_CHILD, str(path), limits.max_duration_s, on_part=incoming.take)
    except SandboxDied as death:
        raise _to_media_error(death, str(path)) from death
    recording = incoming.to_recording()
    _check(recording, incoming.is_damaged, limits, str(path))
    return recording


class _Incoming:
    """Collects what the child sends."""

    def __init__(
        self, path: str, limits: DecodeLimits, stop_if_cancelled: Callable[[], None]
    ) -> None:
        self._path = path
        self._most_bytes = int((limits.max_duration_s + _SLACK_S) * RATE) * _SAMPLE_BYTES
        self._stop_if_cancelled = stop_if_cancelled
        self._bytes = bytearray()
        self._facts: dict[str, Any] = {}

    def take(self, part: Any) -> None:
        self._stop_if_cancelled()
        if isinstance(part, dict):
            self._facts = part
            if part.get("restart"):
                self._bytes.clear()
            return
        self._bytes += part
        if len(self._bytes) > self._most_bytes:
            raise MediaError("too_long", "Decoding gives more and more.", asset=self._path)

    @property
    def is_damaged(self) -> bool:
        """Whether something of the file is missing."""
        return bool(self._facts["damaged"])

    def to_recording(self) -> Recording:
        facts = self._facts
        samples = np.frombuffer(self._bytes, np.float32)
        samples.setflags(write=False)
        same = ("container", "codec", "sample_rate", "channels", "bit_rate", "decoder", "tags")
        return Recording(
            samples=samples,
            duration_s=len(samples) / RATE,
            warnings=tuple(facts["warnings"]),
            **{name: facts[name] for name in same},
        )


def _check(recording: Recording, is_damaged: bool, limits: DecodeLimits, path: str) -> None:
    """Raise MediaError corrupt, silent or too_short when there is nothing to analyse."""
    length = format_duration(recording.duration_s)
    is_short = recording.duration_s < limits.min_duration_s
    if not len(recording.samples) or (is_short and is_damaged):
        text = f"The file is damaged; only {length} could be decoded."
        raise MediaError("corrupt", text, asset=path)
    if is_short and not limits.allow_short:
        text = f"It lasts {length}; the limit is {format_duration(limits.min_duration_s)}."
        raise MediaError("too_short", text, asset=path)
    if max(recording.samples.max(), -recording.samples.min()) < SILENCE_PEAK:
        raise MediaError("silent", f"There is nothing but silence in {length}.", asset=path)


def _to_media_error(death: SandboxDied, path: str) -> MediaError:
    codes = {
        "crash": ("decode_crash", "The decoder crashed on this file."),
        "timeout": ("decode_timeout", "Decoding took too long."),
        "memory": ("decode_memory", "Decoding needed too much memory."),
    }
    code, text = codes[death.kind]
    remedy = REMEDIES.get(death.kind)
    return MediaError(code, f"{text} {death.text}", asset=path, remedy=remedy)
