"""Which language is spoken: where to listen, and how the votes are counted. Pure."""

from collections.abc import Callable, Mapping, Sequence

from mediant.subtitles.speech.engine import RATE, DetectWindows, Finding
from mediant.subtitles.speech.voices import Voice, count_speech

SPREAD = (0.1, 0.8)
"""Windows spread from a tenth to eight tenths of the sound, past openings and before credits."""

SEARCH_S = 60.0
"""Voices are looked for in stretches of this length, until a window is full."""

FARTHEST_S = 600.0
"""And no farther than this from where a window should begin."""

_SHOWN = 5


def find_places(total: int, windows: DetectWindows) -> list[int]:
    """Where, in samples, each window begins to look for voices.

    Sound that is hardly longer than the windows is heard from its beginning.
    """
    first = min(round(windows.offset_s * RATE), total)
    room = total - first
    if room <= windows.count * windows.length_s * RATE:
        return [first] * windows.count
    low, high = SPREAD
    if windows.count == 1:
        return [first + round(low * room)]
    step = (high - low) / (windows.count - 1)
    return [first + round((low + step * index) * room) for index in range(windows.count)]


def gather(
    places: Sequence[int],
    total: int,
    length: int,
    find: Callable[[int, int], list[Voice]],
) -> list[list[Voice]]:
    """The voices of each window, `length` samples of speech at most.

    `find(start, stop)` gives the voices there. No sound is in two windows; a window that finds no
    voices of its own is left out, and where none finds any the beginning is searched.
    """
    windows: list[list[Voice]] = []
    heard_until = 0
    for place in places:
        window = _gather_one(max(place, heard_until), total, length, find)
        if window:
            windows.append(window)
            heard_until = window[-1].stop
    if windows:
        return windows
    window = _gather_one(0, total, length, find)
    return [window] if window else []


def _gather_one(
    place: int, total: int, length: int, find: Callable[[int, int], list[Voice]]
) -> list[Voice]:
    window: list[Voice] = []
    position = place
    last = min(total, place + round(FARTHEST_S * RATE))
    while position < last and count_speech(window) < length:
        stop = min(position + round(SEARCH_S * RATE), last)
        window += find(position, stop)
        position = stop
    return _trim(window, length)


def _trim(voices: Sequence[Voice], length: int) -> list[Voice]:
    trimmed: list[Voice] = []
    left = length
    for voice in voices:
        if left <= 0:
            break
        kept = min(voice.length, left)
        trimmed.append(Voice(voice.start, voice.start + kept))
        left -= kept
    return trimmed


def count_votes(votes: Sequence[Mapping[str, float]], threshold: float) -> Finding:
    """The average of all windows' probabilities; no language when the best is not above it."""
    if not votes:
        return Finding(None, 0.0)
    languages = {language for vote in votes for language in vote}
    averages = {
        language: sum(vote.get(language, 0.0) for vote in votes) / len(votes)
        for language in languages
    }
    ranked = sorted(averages.items(), key=lambda pair: (-pair[1], pair[0]))
    best, confidence = ranked[0]
    confidence = min(1.0, confidence)
    return Finding(best if confidence >= threshold else None, confidence, tuple(ranked[:_SHOWN]))
