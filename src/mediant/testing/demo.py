"""A small library of synthesised music, so that a first start has something to show."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mutagen
import numpy as np
import soundfile
from numpy.typing import NDArray

from mediant.kernel.paths import temp_beside

RATE = 44_100
Samples = NDArray[np.float64]

MAJOR = (0, 4, 7)
MINOR = (0, 3, 7)


@dataclass(frozen=True, slots=True)
class DemoTrack:
    """One piece: its names, its tempo, its chords (semitones above A2, triad) and its sound."""

    title: str
    album: str
    tempo_bpm: int
    chords: tuple[tuple[int, tuple[int, ...]], ...]
    drums: float
    brightness: float
    attack_s: float
    gain: float
    suffix: str


_HAPPY = ((3, MAJOR), (10, MAJOR), (0, MINOR), (8, MAJOR))
_SAD = ((0, MINOR), (5, MINOR), (8, MAJOR), (7, MINOR))
_DARK = ((0, MINOR), (1, MAJOR), (0, MINOR), (10, MINOR))
_CALM = ((5, MAJOR), (0, MINOR), (3, MAJOR), (10, MAJOR))

TRACKS = (
    DemoTrack("Morning Run", "Fast Lanes", 132, _HAPPY, 0.9, 0.8, 0.005, 0.9, ".flac"),
    DemoTrack("Neon Crossing", "Fast Lanes", 124, _DARK, 1.0, 0.9, 0.005, 0.9, ".flac"),
    DemoTrack("Engine Room", "Fast Lanes", 140, _DARK, 1.0, 1.0, 0.002, 1.0, ".ogg"),
    DemoTrack("Long Shadows", "Slow Water", 66, _SAD, 0.0, 0.2, 0.25, 0.4, ".flac"),
    DemoTrack("Tide", "Slow Water", 58, _CALM, 0.0, 0.15, 0.5, 0.3, ".ogg"),
    DemoTrack("Rain on Glass", "Slow Water", 72, _SAD, 0.1, 0.3, 0.12, 0.4, ".flac"),
    DemoTrack("Kitchen Dance", "Small Rooms", 112, _HAPPY, 0.7, 0.6, 0.01, 0.8, ".ogg"),
    DemoTrack("Paper Boats", "Small Rooms", 92, _CALM, 0.3, 0.4, 0.03, 0.6, ".flac"),
)

ARTIST = "The Synthesised"
LENGTH_S = 45


def write_demo_library(folder: Path) -> list[Path]:
    """The demo tracks as tagged FLAC and Ogg files below `folder`; existing ones are kept."""
    return [_write(track, folder) for track in TRACKS]


def _write(track: DemoTrack, folder: Path) -> Path:
    path = folder / ARTIST / track.album / f"{track.title}{track.suffix}"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = temp_beside(path)
    container = "FLAC" if track.suffix == ".flac" else "OGG"
    soundfile.write(unfinished, render(track), RATE, format=container)
    tags = mutagen.File(unfinished)
    tags["title"], tags["artist"], tags["album"] = track.title, ARTIST, track.album
    tags.save()
    return unfinished.rename(path)


def render(track: DemoTrack) -> Samples:
    """The piece as mono samples in [-1, 1], `LENGTH_S` seconds at 44.1 kHz."""
    mix = np.zeros(LENGTH_S * RATE)
    beat = round(60 / track.tempo_bpm * RATE)
    for start, chord in _bars(track, beat, mix.size):
        _add(mix, start, _chord(chord, 4 * beat, track))
    for index, start in enumerate(range(0, mix.size, beat)):
        _add(mix, start, track.drums * _drum(index))
    return np.asarray(track.gain * 0.9 * mix / np.max(np.abs(mix)))


def _bars(
    track: DemoTrack, beat: int, size: int
) -> Iterator[tuple[int, tuple[int, tuple[int, ...]]]]:
    for bar, start in enumerate(range(0, size, 4 * beat)):
        yield start, track.chords[bar % len(track.chords)]


def _chord(chord: tuple[int, tuple[int, ...]], size: int, track: DemoTrack) -> Samples:
    root, triad = chord
    t = np.arange(size) / RATE
    shape = np.minimum(t / track.attack_s, 1) * np.exp(-t / (1.5 + 3 * track.attack_s))
    notes = [110 * 2 ** ((root - 12) / 12)]
    notes += [220 * 2 ** ((root + step) / 12) for step in triad]
    voices = [_voice(note, t, track.brightness) for note in notes]
    return np.asarray(0.2 * shape * np.sum(voices, axis=0))


def _voice(frequency: float, t: Samples, brightness: float) -> Samples:
    harmonics = range(1, 2 + round(12 * brightness))
    parts = [np.sin(2 * np.pi * k * frequency * t) / k for k in harmonics]
    return np.asarray(np.sum(parts, axis=0))


def _drum(beat: int) -> Samples:
    t = np.arange(RATE // 5) / RATE
    if beat % 2 == 0:
        sweep = np.sin(2 * np.pi * 60 * t * (1 + np.exp(-t / 0.02)))
        return np.asarray(np.exp(-t / 0.06) * sweep)
    noise = np.random.Generator(np.random.PCG64(beat)).uniform(-1, 1, t.size)
    return np.asarray(0.5 * np.exp(-t / 0.03) * noise)


def _add(mix: Samples, start: int, part: Samples) -> None:
    end = min(start + part.size, mix.size)
    mix[start:end] += part[: end - start]
