"""Words begin where their sound begins. Pure.

Recognition often lets the first word after a pause begin within the pause, up to half a second
too early. The sound itself shows where it is loud at last.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mediant.subtitles.speech.engine import RATE, Heard, Segment
from mediant.subtitles.speech.samples import Samples
from mediant.subtitles.words import Word

FRAME_S = 0.02
QUIET = 0.1
"""Below this share of a word's loudest moment (-20 dB) it has not begun."""
SOFT_S = 0.08
"""A soft consonant may stand so long before the loud part."""
LEAST_S = 0.15
"""Smaller corrections are not worth it: nobody sees them."""
SHORTEST_S = 0.1
"""So much of a word is left at least."""

_FRAME = round(FRAME_S * RATE)


def mend_onsets(heard: Heard, samples: Samples) -> Heard:
    """The same words; those that begin in silence begin later, none begins earlier."""
    segments = tuple(_mend_segment(segment, samples) for segment in heard.segments)
    return replace(heard, segments=segments)


def _mend_segment(segment: Segment, samples: Samples) -> Segment:
    words = tuple(_mend(segment.words, samples))
    if not words:
        return segment
    return replace(segment, words=words, start_s=max(segment.start_s, words[0].start_s))


def _mend(words: tuple[Word, ...], samples: Samples) -> Iterator[Word]:
    for word in words:
        start_s = _find_onset(word, samples) - SOFT_S
        latest_s = word.end_s - SHORTEST_S
        is_early = start_s - word.start_s >= LEAST_S
        yield replace(word, start_s=min(start_s, latest_s)) if is_early else word


def _find_onset(word: Word, samples: Samples) -> float:
    """When the word is loud for the first time; its start where it never is."""
    begin, stop = round(word.start_s * RATE), round(word.end_s * RATE)
    part = samples[max(0, begin) : max(0, stop)]
    count = len(part) // _FRAME
    if count < 2:
        return word.start_s
    frames = np.abs(part[: count * _FRAME].reshape(count, _FRAME).astype(np.int32)).max(axis=1)
    loud = int(np.argmax(frames > frames.max() * QUIET))
    return word.start_s + loud * FRAME_S
