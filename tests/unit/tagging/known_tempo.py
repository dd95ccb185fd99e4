"""Music of known tempo and notes: MIDI files read by their own events, rendered by timidity."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 16_000
STEADY_SHARE = 0.9
DEFAULT_BEAT_US = 500_000
DRUM_CHANNEL = 9


@dataclass(frozen=True)
class Event:
    """A moment of a MIDI track; a new tempo, or a note (channel, pitch) that begins or ends."""

    tick: int
    beat_us: int = 0
    note: tuple[int, int] | None = None
    is_on: bool = False


def true_tempo(path: Path) -> float | None:
    """BPM of the longest stretch; None when it holds for less than 90 % of the time."""
    division, events = _read(path)
    end = max(event.tick for event in events)
    changes = sorted((e.tick, e.beat_us) for e in events if e.beat_us)
    starts = [(0, DEFAULT_BEAT_US), *changes, (end, 0)]
    seconds: dict[int, float] = {}
    for (tick, beat_us), (until, _) in pairwise(starts):
        lasts = max(0, until - tick) / division * beat_us / 1e6
        seconds[beat_us] = seconds.get(beat_us, 0.0) + lasts
    beat_us, longest = max(seconds.items(), key=lambda item: item[1])
    return 60e6 / beat_us if longest > STEADY_SHARE * sum(seconds.values()) else None


def pitch_classes(path: Path) -> npt.NDArray[np.float64]:
    """How long each pitch class sounds, drums aside, C first, [12] in ticks."""
    sounding: dict[tuple[int, int], int] = {}
    total = np.zeros(12)
    for event in sorted(_read(path)[1], key=lambda e: e.tick):
        if event.note is None or event.note[0] == DRUM_CHANNEL:
            continue
        if (since := sounding.pop(event.note, None)) is not None:
            total[event.note[1] % 12] += event.tick - since
        if event.is_on:
            sounding[event.note] = event.tick
    return total


def render(path: Path, folder: Path) -> Path:
    """A wav of the MIDI file in `folder`, 16 kHz mono, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    wav = folder / f"{path.stem}.wav"
    if not wav.exists():
        temporary = folder / f"{path.stem}.{os.getpid()}.part"
        command = [
            "timidity",
            "-Ow",
            "-s",
            str(RATE),
            "--output-mono",
            "-o",
            str(temporary),
            str(path),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        temporary.rename(wav)
    return wav


def is_renderable() -> bool:
    return shutil.which("timidity") is not None


def _read(path: Path) -> tuple[int, list[Event]]:
    """Ticks a beat, and the events of all tracks."""
    data = path.read_bytes()
    division: int = struct.unpack(">H", data[12:14])[0]
    events: list[Event] = []
    at = 14
    while at < len(data):
        size = struct.unpack(">I", data[at + 4 : at + 8])[0]
        if data[at : at + 4] == b"MTrk":
            events += _track(data[at + 8 : at + 8 + size])
        at += 8 + size
    return division, events


def _track(data: bytes) -> Iterator[Event]:
    at = tick = status = 0
    while at < len(data):
        delta, at = _number(data, at)
        tick += delta
        if data[at] >= 0x80:
            status = data[at]
            at += 1
        if status == 0xFF:
            kind = data[at]
            size, at = _number(data, at + 1)
            beat_us = int.from_bytes(data[at : at + size], "big") if kind == 0x51 else 0
            yield Event(tick, beat_us=beat_us)
            at += size
        elif status in (0xF0, 0xF7):
            size, at = _number(data, at)
            at += size
        else:
            if status & 0xE0 == 0x80:
                is_on = status & 0xF0 == 0x90 and data[at + 1] > 0
                yield Event(tick, note=(status & 0x0F, data[at]), is_on=is_on)
            else:
                yield Event(tick)
            at += 1 if status & 0xE0 == 0xC0 else 2


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at
