"""Excerpts of real music, each in a container of its own kind.

The free game music of `make corpora`, and its MIDI pieces as timidity plays them.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile

from mediant.testing.media import MediaFactory
from mediant.testing.signals import Samples

CORPORA = Path(__file__).parents[3] / "corpora"
SUFFIXES = ("mp3", "ogg", "flac", "m4a")
SECONDS = 25.0
RATE = 22_050
SHORTEST_S = 2 * SECONDS
"""Of a recording, so that two excerpts of it are not the same music."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of music, and where the excerpt begins."""

    path: Path
    start_s: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.path.stem}-{self.start_s:.0f}"

    def read(self) -> tuple[Samples, int]:
        """Mono samples, [n], and their rate."""
        if self.path.suffix == ".mid":
            return _play(self.path, self.start_s), RATE
        with soundfile.SoundFile(self.path) as file:
            file.seek(int(self.start_s * file.samplerate))
            samples = file.read(int(SECONDS * file.samplerate), "float32", always_2d=True)
            return samples.mean(axis=1), file.samplerate


def is_there() -> bool:
    """Whether the corpora and timidity are."""
    return (CORPORA / "openttd").is_dir() and shutil.which("timidity") is not None


def list_recordings() -> list[Path]:
    """The recorded pieces that are long enough, sorted."""
    found = [
        path
        for folder in ("amoebax", "asc", "frozen-bubble")
        for path in sorted((CORPORA / folder).iterdir())
        if path.suffix in {".ogg", ".mp3"}
    ]
    return [path for path in found if soundfile.info(path).duration >= SHORTEST_S]


def list_midi() -> list[Path]:
    """The MIDI pieces, sorted."""
    return sorted((CORPORA / "openttd").glob("*.mid"))


def write_all(pieces: Sequence[Piece], media: MediaFactory) -> list[Path]:
    """The excerpts as files of all suffixes in turn, some of them with tags of their own."""
    paths = []
    for piece, suffix, tags in zip(pieces, cycle(SUFFIXES), _invent_tags(), strict=False):
        samples, rate = piece.read()
        paths.append(media.write(f"{piece.name}.{suffix}", samples, rate, bits=None, **tags))
    return paths


def _invent_tags() -> Iterator[dict[str, str]]:
    return cycle(({"title": "A piece", "artist": "Somebody"}, {}, {"album": "Games"}))


def _play(path: Path, start_s: float) -> Samples:
    """Play no more than is needed: [n] at `RATE`."""
    command = ["timidity", "-Or", "-s", str(RATE), "--output-mono", "--output-16bit"]
    command += ["--output-signed", "-o", "-", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as player:
        assert player.stdout is not None
        sound = player.stdout.read(2 * int((start_s + SECONDS) * RATE))
        player.kill()
    samples = np.frombuffer(sound, "<i2").astype(np.float32) / 32768.0
    return samples[int(start_s * RATE) :]
