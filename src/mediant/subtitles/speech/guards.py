"""Sorts out what a recogniser made up: silence told as text, loops, phantom lines.

Pure. Each guard takes segments and gives those that stay, with mended words and times.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from mediant.subtitles.script import is_spaceless
from mediant.subtitles.speech.engine import RATE, Segment
from mediant.subtitles.speech.phantoms import fold, is_phantom
from mediant.subtitles.speech.voices import Voice
from mediant.subtitles.words import Word


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """From where on a text is not believed. Those of Whisper's own decoder, and ours."""

    no_speech: float = 0.6
    logprob: float = -1.0
    compression: float = 2.4
    repeats: int = 3
    longest_repeat: int = 120
    """Characters; who says more than that three times over has said it. Loops are short."""
    fastest_cps: float = 35.0
    slowest_cps: float = 1.0
    unsure_logprob: float = -0.6
    """What is said too fast or too slowly stays only when it is surer than this."""
    low_speech: float = 0.2
    """Share of voices in the minute around a segment, below which phantoms appear."""
    around_s: float = 30.0


LIMITS = GuardLimits()


def guard(
    segments: Sequence[Segment],
    language: str,
    voices: Sequence[Voice] | None,
    limits: GuardLimits = LIMITS,
) -> list[Segment]:
    """All guards, in order. `voices` None: nobody knows where somebody speaks.

    What remains has words, and its times are those of its words.
    """
    kept = [one for one in segments if one.text.strip() and not is_silence(one, limits)]
    if voices is not None:
        kept = [one for one in kept if touches(one, voices)]
    kept = [fit_to_words(collapse_loops(one, limits)) for one in kept]
    kept = [one for one in kept if not is_lone_phantom(one, language, voices, limits)]
    kept = [one for one in kept if is_speakable(one, limits)]
    return collapse_repeats(kept, limits)


def is_silence(segment: Segment, limits: GuardLimits = LIMITS) -> bool:
    """Whether the recogniser heard no speech and is not sure of its text either."""
    return segment.no_speech_prob > limits.no_speech and segment.avg_logprob < limits.logprob


def touches(segment: Segment, voices: Sequence[Voice]) -> bool:
    """Whether any of its words (or itself, without words) lies where somebody speaks."""
    spans = [(word.start_s, word.end_s) for word in segment.words]
    spans = spans or [(segment.start_s, segment.end_s)]
    return any(
        start * RATE < voice.stop and max(stop * RATE, start * RATE + 1) > voice.start
        for start, stop in spans
        for voice in voices
    )


def collapse_loops(segment: Segment, limits: GuardLimits = LIMITS) -> Segment:
    """A text that says the same again and again says it once, when it packs suspiciously well."""
    if segment.compression_ratio <= limits.compression or not segment.words:
        return segment
    words = _drop_repeats(segment.words, limits.repeats)
    if len(words) == len(segment.words):
        return segment
    text = "".join(word.text for word in words)
    return replace(segment, words=words, text=text, compression_ratio=compression_ratio(text))


def collapse_repeats(segments: Sequence[Segment], limits: GuardLimits = LIMITS) -> list[Segment]:
    """Of as many equal texts in a row as count for a loop, the first remains; long ones all do."""
    kept: list[Segment] = []
    for text, run in groupby(segments, key=lambda one: fold(one.text)):
        same = list(run)
        is_loop = len(same) >= limits.repeats and len(text) <= limits.longest_repeat
        kept += same[:1] if is_loop else same
    return kept


def is_lone_phantom(
    segment: Segment,
    language: str,
    voices: Sequence[Voice] | None,
    limits: GuardLimits = LIMITS,
) -> bool:
    """Whether it is a known phantom line where hardly anybody speaks."""
    if not is_phantom(segment.text, language):
        return False
    if segment.no_speech_prob > limits.no_speech:
        return True
    return voices is not None and _share_of_speech(segment, voices, limits) < limits.low_speech


def is_speakable(segment: Segment, limits: GuardLimits = LIMITS) -> bool:
    """Whether a mouth could say it in its time; a sure text may be odd."""
    spoken_s = sum(max(0.0, word.end_s - word.start_s) for word in segment.words)
    spoken_s = spoken_s or segment.end_s - segment.start_s
    letters = len(segment.text.strip())
    if any(is_spaceless(mark) for mark in segment.text):
        letters *= 2  # a sign of these scripts takes as long as two letters and more
    if spoken_s <= 0:
        return segment.avg_logprob >= limits.unsure_logprob
    is_odd = not limits.slowest_cps <= letters / spoken_s <= limits.fastest_cps
    return not is_odd or segment.avg_logprob >= limits.unsure_logprob


def fit_to_words(segment: Segment) -> Segment:
    """The segment lasts as long as its words."""
    if not segment.words:
        return segment
    start = min(word.start_s for word in segment.words)
    return replace(segment, start_s=start, end_s=max(word.end_s for word in segment.words))


def compression_ratio(text: str) -> float:
    """How well a text packs, as Whisper measures it: bytes over bytes packed by zlib."""
    content = text.encode()
    return len(content) / len(zlib.compress(content)) if content else 1.0


def _drop_repeats(words: Sequence[Word], repeats: int) -> tuple[Word, ...]:
    """Runs of one and the same word group, `repeats` times or more, become one."""
    kept, before = list(words), 0
    while len(kept) != before:  # what was parted by a loop may be one itself
        before = len(kept)
        for width in range(1, before // repeats + 1):
            kept = _drop_width(kept, width, repeats)
    return tuple(kept)


def _drop_width(words: list[Word], width: int, repeats: int) -> list[Word]:
    folded = [fold(word.text) for word in words]
    kept: list[Word] = []
    position = 0
    while position < len(words):
        group = folded[position : position + width]
        stop = position + width
        while len(group) == width and folded[stop : stop + width] == group:
            stop += width
        is_loop = (stop - position) // width >= repeats and len(group) == width
        kept += words[position : position + (width if is_loop else 1)]
        position = stop if is_loop else position + 1
    return kept


def _share_of_speech(segment: Segment, voices: Iterable[Voice], limits: GuardLimits) -> float:
    """How much of the sound around a segment is speech."""
    start = max(0.0, segment.start_s - limits.around_s)
    stop = segment.end_s + limits.around_s
    spoken = sum(
        max(0.0, min(stop, voice.stop / RATE) - max(start, voice.start / RATE)) for voice in voices
    )
    return spoken / (stop - start) if stop > start else 0.0
