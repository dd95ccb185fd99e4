"""Stretches of sound in which somebody speaks, and how they are joined for recognition.

Positions are samples at 16 kHz. Pure.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mediant.subtitles.speech.engine import RATE

PAD = round(0.4 * RATE)
"""Added before and behind each voice, as far as the next one is away."""

LONG_PAUSE_S = 2.0
"""A pause worth cutting at; longer ones are not better."""


@dataclass(frozen=True, slots=True)
class Voice:
    """From `start` up to `stop`, without it."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """In samples."""
        return self.stop - self.start

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.length / RATE


@dataclass(frozen=True, slots=True)
class Passage:
    """Voices that are heard as one sound, their pauses left out."""

    voices: tuple[Voice, ...]

    @property
    def length(self) -> int:
        """In samples, without the pauses."""
        return sum(voice.length for voice in self.voices)

    @property
    def stop(self) -> int:
        """Where it ends in the whole sound."""
        return self.voices[-1].stop

    def find_span(self, start_s: float, stop_s: float) -> tuple[float, float]:
        """Seconds of the whole sound for seconds of the passage.

        Both ends are put into that voice in which their middle lies: nothing that is said begins
        before a pause and ends behind it.
        """
        middle = (start_s + stop_s) / 2 * RATE
        begin = 0
        for voice in self.voices:
            if middle < begin + voice.length or voice is self.voices[-1]:
                break
            begin += voice.length
        shift_s = (voice.start - begin) / RATE
        lowest, highest = voice.start / RATE, voice.stop / RATE
        start = min(max(start_s + shift_s, lowest), highest)
        return start, min(max(stop_s + shift_s, start), highest)


def pad(voices: Sequence[Voice], total: int, by: int = PAD) -> list[Voice]:
    """The same voices with some of the pause around each; two never overlap."""
    padded = []
    for index, voice in enumerate(voices):
        before = voices[index - 1].stop if index else -by
        behind = voices[index + 1].start if index + 1 < len(voices) else total + by
        start = max(0, voice.start - min(by, (voice.start - before) // 2))
        stop = min(total, voice.stop + min(by, (behind - voice.stop + 1) // 2))
        padded.append(Voice(start, stop))
    return padded


def fill(voices: Sequence[Voice], total: int, longest: int) -> list[Voice]:
    """Stretches that cover the whole sound and part in the middle of pauses.

    For sound in which everything is to be recognised, sung or not. None is longer than `longest`.
    """
    cuts = [(one.stop + other.start) // 2 for one, other in itertools.pairwise(voices)]
    edges = [0, *cuts, total]
    whole = [Voice(start, stop) for start, stop in itertools.pairwise(edges)]
    return [part for voice in whole if voice.length for part in _chop(voice, longest)]


def pack(voices: Sequence[Voice], pauses: Sequence[int], longest: int) -> list[Passage]:
    """As few passages of at most `longest` samples as possible, cut at the longest pauses.

    `pauses[i]` is the length of the pause after voice i. A voice longer than `longest` is cut.
    """
    parts, gaps = _cut_long(voices, pauses, longest)
    best = _find_cuts(parts, gaps, longest)
    return [Passage(tuple(parts[start:stop])) for start, stop in best]


def find_pauses(voices: Sequence[Voice]) -> list[int]:
    """The length of the pause after each voice; 0 after the last."""
    gaps = [other.start - one.stop for one, other in itertools.pairwise(voices)]
    return [*gaps, 0] if voices else []


def count_speech(voices: Iterable[Voice]) -> int:
    """Samples in which somebody speaks."""
    return sum(voice.length for voice in voices)


def _chop(voice: Voice, longest: int) -> list[Voice]:
    """Equal parts, none longer than `longest`."""
    count = -(-voice.length // longest)
    edges = [voice.start + voice.length * index // count for index in range(count + 1)]
    return [Voice(start, stop) for start, stop in itertools.pairwise(edges)]


def _cut_long(
    voices: Sequence[Voice], pauses: Sequence[int], longest: int
) -> tuple[list[Voice], list[int]]:
    parts: list[Voice] = []
    gaps: list[int] = []
    for voice, pause in zip(voices, pauses, strict=True):
        pieces = _chop(voice, longest) if voice.length > longest else [voice]
        parts += pieces
        gaps += [0] * (len(pieces) - 1) + [pause]
    return parts, gaps


def _find_cuts(parts: Sequence[Voice], gaps: Sequence[int], longest: int) -> list[tuple[int, int]]:
    """Dynamic programming over the end of each passage: fewest passages, then longest pauses."""
    most_gap = round(LONG_PAUSE_S * RATE)
    # For each number of parts: passages so far, less pauses used, where the last passage begins.
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for stop in range(1, len(parts) + 1):
        gain = min(gaps[stop - 1], most_gap) if stop < len(parts) else 0
        length = 0
        choices = []
        for start in range(stop - 1, -1, -1):
            length += parts[start].length
            if length > longest:
                break
            passages, used, _ = best[start]
            choices.append((passages + 1, used - gain, start))
        best.append(min(choices))
    cuts = []
    stop = len(parts)
    while stop:
        start = best[stop][2]
        cuts.append((start, stop))
        stop = start
    return cuts[::-1]
