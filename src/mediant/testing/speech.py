"""Human speech with its text, as `make corpora` fetches it, and how far a recogniser is off."""

import re
import unicodedata
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from mediant.subtitles.speech.engine import RATE
from mediant.subtitles.speech.samples import Samples

PAUSE_S = 0.4
"""Between clips that are joined."""

LEAST_WORDS = 8
"""Shorter prompts are titles and numbers."""

_LINE = re.compile(r"<s> (?P<text>.*) </s> \((?P<name>.*)\)")

_TO_TEN = {
    "en": "zero one two three four five six seven eight nine ten",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix",
}
_SHORT = {"mr": "mister", "mrs": "missus", "dr": "doctor"}


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    path: Path
    text: str

    def read(self) -> Samples:
        """int16 [n], mono at 16 kHz."""
        with wave.open(str(self.path), "rb") as file:
            found = np.frombuffer(file.readframes(file.getnframes()), np.dtype("<i2"))
            rate = file.getframerate()
        if rate == RATE:
            return found
        resampled: Samples = soxr.resample(found, rate, RATE)
        return resampled


def read_english(folder: Path) -> list[Clip]:
    """The five clips of LibriVox: 71 words, 25 s."""
    lines = (folder / "en" / "transcription").read_text().splitlines()
    found = (_LINE.fullmatch(line) for line in lines)
    return [
        Clip(match["name"], folder / "en" / f"{match['name']}.wav", match["text"])
        for match in found
        if match
    ]


def read_prompts(folder: Path, language: str, count: int | None = None) -> list[Clip]:
    """The longest prompts of a language (`es`, `fr`) by words, in the order of their names.

    Left out are those with digits or brackets in their text, which say several things or none.
    """
    home = folder / language
    clips = []
    for line in (home / "transcription").read_text().splitlines():
        name, separator, text = line.partition(":")
        path = home / f"{name.strip()}.wav"
        is_plain = not re.search(r"[0-9\[\](){}<>]", text)
        if separator and is_plain and len(text.split()) >= LEAST_WORDS and path.is_file():
            clips.append(Clip(name.strip(), path, text.strip()))
    clips.sort(key=lambda clip: (-len(clip.text.split()), clip.name))
    return sorted(clips[:count], key=lambda clip: clip.name)


def join(clips: Sequence[Clip]) -> tuple[Samples, str]:
    """All of them with pauses, and the whole text."""
    pause = np.zeros(round(PAUSE_S * RATE), np.int16)
    parts = [part for clip in clips for part in (clip.read(), pause)]
    return np.concatenate(parts), " ".join(clip.text for clip in clips)


def word_error_rate(said: str, heard: str, language: str) -> float:
    """Words that were missed, invented or mistaken, over the words that were said.

    Compared without case, punctuation, hyphens and accents (the transcripts lack many of them),
    with digits up to ten as words and titles written out; nothing else is forgiven.
    """
    reference = plain_words(said, language)
    return count_errors(reference, plain_words(heard, language)) / max(1, len(reference))


def plain_words(text: str, language: str) -> list[str]:
    """What is compared."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("’", "'"))
    letters = "".join(mark for mark in folded if not unicodedata.combining(mark))
    words = re.findall(r"[^\W_]+", letters)
    numbers = _TO_TEN[language].split()
    named = (numbers[int(word)] if word.isdigit() and int(word) <= 10 else word for word in words)
    return [_SHORT.get(word, word) for word in named]


def count_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The edit distance of Levenshtein, in words."""
    row = list(range(len(heard) + 1))
    for index, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(heard, start=1):
            changed = diagonal + (word != other)
            diagonal = row[column]
            row[column] = min(changed, diagonal + 1, row[column - 1] + 1)
    return row[-1]
