"""Mending the times of words: finite, rising, without overlap; the order of the words is kept.

Recognition sometimes gives a word a time far from its neighbours, runs backwards or stretches a
word over silence. The words are in the order in which they were said, so the largest set of words
whose starts rise is believed, and the others are placed between them.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from mediant.subtitles.words import Word

_LONGEST_WORD_MS = 3000
_LATEST_S = 1e7
"""Sixteen weeks: what lies behind it is no time of a recording."""
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff\ud800-\udfff]")
"""Control characters, byte order marks and halves of characters: no file can hold them."""

Times = list[tuple[int, int]]
"""Start and end of each word in milliseconds."""


def clean(text: str) -> str:
    """`text` as a subtitle file can hold it: nothing invisible, no arrow that reads as a time."""
    return without_arrow(_UNWRITABLE.sub("", text))


def without_arrow(text: str) -> str:
    """`text` with every arrow that reads as a time made shorter."""
    while "-->" in text:
        text = text.replace("-->", "->")
    return text


def retime(words: Sequence[Word]) -> Times:
    """When each word is said: starts rise, and each ends before the next one starts."""
    starts = [_to_ms(word.start_s) for word in words]
    if any(start is None for start in starts) or not _rises(starts):
        starts = _fill(starts, _believed(starts))
    known = [start or 0 for start in starts]
    if not known:
        return []
    nexts = [*known[1:], None]
    return [
        (start, _end(start, _to_ms(word.end_s), following))
        for word, start, following in zip(words, known, nexts, strict=True)
    ]


def _end(start: int, end: int | None, following: int | None) -> int:
    end = start if end is None else min(max(end, start), start + _LONGEST_WORD_MS)
    return end if following is None else min(end, following)


def _to_ms(time_s: float) -> int | None:
    if not math.isfinite(time_s) or not 0 <= time_s <= _LATEST_S:
        return None
    return round(time_s * 1000)


def _rises(starts: Sequence[int | None]) -> bool:
    known = [start for start in starts if start is not None]
    return all(one <= other for one, other in pairwise(known))


def _believed(starts: Sequence[int | None]) -> list[int]:
    """Indices of a longest run of starts, not necessarily neighbours, that never fall.

    Patience sorting, O(n log n).
    """
    tails: list[int] = []
    tail_at: list[int] = []
    before: list[int] = [-1] * len(starts)
    for index, start in enumerate(starts):
        if start is None:
            continue
        length = bisect_right(tails, start)
        before[index] = tail_at[length - 1] if length else -1
        tails[length : length + 1] = [start]
        tail_at[length : length + 1] = [index]
    run, index = [], tail_at[-1] if tail_at else -1
    while index >= 0:
        run.append(index)
        index = before[index]
    return run[::-1]


def _fill(starts: Sequence[int | None], believed: Sequence[int]) -> list[int | None]:
    """Between two believed starts the others stand at even distances."""
    filled: list[int | None] = list(starts)
    left, left_ms = -1, 0
    for right in [*believed, len(starts)]:
        right_ms = starts[right] if right < len(starts) else left_ms
        span = (right_ms or 0) - left_ms
        for index in range(left + 1, right):
            filled[index] = left_ms + span * (index - left) // (right - left)
        left, left_ms = right, right_ms or 0
    return filled
