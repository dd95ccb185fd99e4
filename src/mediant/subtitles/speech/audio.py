"""From a path to samples: 16 kHz mono int16, decoded in a sandbox, or raw PCM as it lies.

There is one copy of the whole sound, as int16 (3 hours: 346 MB; of raw PCM none, it stays in its
file). Recognition turns one stretch at a time into float32.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mediant.errors import MediaError
from mediant.jobs.sandbox import Sandbox, SandboxDied
from mediant.subtitles.speech.engine import RATE
from mediant.subtitles.speech.samples import Samples

LONGEST_S = 12 * 3600.0
"""Of one sound; the rest is taken for a damaged file that never ends."""

SANDBOX_BYTES = 1 << 30
SANDBOX_TIMEOUT_S = 3600.0

_CHILD = "mediant.subtitles.speech.audio_child:decode"
_SAMPLE_BYTES = 2
_DEATHS = {
    "crash": ("decode_crash", "The decoder crashed on this file."),
    "timeout": ("decode_timeout", "Decoding took too long."),
    "memory": ("decode_memory", "Decoding needed too much memory."),
}


def make_sandbox() -> Sandbox:
    """The decoder's process, under limits that fit films."""
    return Sandbox(memory_bytes=SANDBOX_BYTES, timeout_s=SANDBOX_TIMEOUT_S)


def decode_speech(
    path: Path,
    sandbox: Sandbox,
    *,
    stream_index: int | None = None,
    longest_s: float = LONGEST_S,
    advance: Callable[[float], None] = lambda _: None,
) -> Samples:
    """The sound of one audio stream, on the container's time line: int16 [n] at 16 kHz.

    Sound that begins at 5 s has 5 s of silence before it, so that every time in it is a time of
    the container. `stream_index` is the container's; None takes the best audio stream. `advance`
    is told the seconds decoded so far; what it raises ends the decoding. Raises MediaError with
    one of `MEDIA_CODES`; partly damaged files give what remains.
    """
    sound = bytearray()

    def take(part: Any) -> None:
        if isinstance(part, dict):
            return
        nonlocal sound
        sound += part
        advance(len(sound) / _SAMPLE_BYTES / RATE)

    try:
        sandbox.call(_CHILD, str(path), stream_index, longest_s, on_part=take)
    except SandboxDied as death:
        code, text = _DEATHS[death.kind]
        raise MediaError(code, f"{text} {death.text}", asset=str(path)) from death
    except MediaError as error:
        raise MediaError(
            error.code, error.text, asset=str(path), transient=error.transient
        ) from error
    samples = np.frombuffer(sound, np.dtype("<i2"))
    samples.setflags(write=False)
    return samples


def read_pcm(path: Path) -> Samples:
    """Raw s16le samples, mono at 16 kHz, without loading them: the file is mapped.

    Raises MediaError missing, unreadable or empty.
    """
    try:
        size = path.stat().st_size // _SAMPLE_BYTES
        if not size:
            raise MediaError("empty", "There is no sound in it.", asset=str(path))
        return np.memmap(path, np.dtype("<i2"), "r", shape=(size,))
    except FileNotFoundError as error:
        raise MediaError("missing", "The file is not there.", asset=str(path)) from error
    except OSError as error:
        text = f"The file cannot be read: {error.strerror}."
        raise MediaError("unreadable", text, asset=str(path)) from error
