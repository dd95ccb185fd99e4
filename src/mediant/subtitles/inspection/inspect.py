"""From a path to what its container says, read in a sandbox."""

import os
from pathlib import Path
from typing import Any

from mediant.errors import MediaError
from mediant.jobs.sandbox import Sandbox, SandboxDied
from mediant.subtitles.inspection.video import AudioTrack, EmbeddedSubtitle, Video

MEMORY_BYTES = 1 << 30
"""What looking into one container may need: some 20 MiB, and four times the largest font that
is attached to it."""
LONGEST_S = 60.0
"""How long it may take; on a sleeping disk the first read waits for some seconds."""

_CHILD = "mediant.subtitles.inspection.probe:probe"


def open_sandbox() -> Sandbox:
    """A sandbox under the limits of an inspection; close it, or use it in a `with` block."""
    return Sandbox(memory_bytes=MEMORY_BYTES, timeout_s=LONGEST_S)


def inspect_video(path: str | os.PathLike[str], sandbox: Sandbox) -> Video:
    """What a media file holds. Its content decides what it is, not its name.

    Raises MediaError: missing, unreadable (perhaps `transient`), empty, corrupt, protected,
    no_audio (neither sound nor moving pictures), decode_crash, decode_timeout, decode_memory.
    """
    name = os.fspath(path)
    try:
        facts = sandbox.call(_CHILD, os.fsencode(name))
    except SandboxDied as death:
        raise _to_media_error(death, name) from death
    return _to_video(name, facts)


def _to_video(path: str, facts: dict[str, Any]) -> Video:
    tracks = tuple(AudioTrack(**track) for track in facts.pop("audio_tracks"))
    embedded = tuple(EmbeddedSubtitle(**stream) for stream in facts.pop("embedded"))
    return Video(path=str(Path(path)), audio_tracks=tracks, embedded=embedded, **facts)


def _to_media_error(death: SandboxDied, path: str) -> MediaError:
    codes = {
        "crash": ("decode_crash", "Reading the file crashed."),
        "timeout": ("decode_timeout", "Reading the file took too long."),
        "memory": ("decode_memory", "Reading the file needed too much memory."),
    }
    code, text = codes[death.kind]
    return MediaError(code, f"{text} {death.text}", asset=path)
