"""When each cue comes and goes, once it is known what it says.

A cue comes with its first word and goes `lead_out_s` after its last one, later if it takes longer
to read. Where the next one follows too soon, it may come a little earlier and the next one a little
later, within the snap; what is missing then stays missing, except for the shortest duration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mediant.subtitles.cue_rules import CueRules

_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Spoken:
    """When the words of a cue are said, and how wide it is."""

    start_ms: int
    end_ms: int
    cells: int


def place(spoken: Sequence[Spoken], rules: CueRules) -> list[tuple[int, int]]:
    """Start and end of each cue in milliseconds; they rise and keep the gap."""
    if not spoken:
        return []
    needs = [_need(one, rules) for one in spoken]
    starts = _starts(spoken, needs, rules)
    nexts = [*(start - rules.gap_ms for start in starts[1:]), _NEVER]
    return [
        (start, _end(one, start, need, (following, rules)))
        for one, start, need, following in zip(spoken, starts, needs, nexts, strict=True)
    ]


def _need(one: Spoken, rules: CueRules) -> int:
    reading = rules.reading_ms(one.cells)
    return min(max(reading, rules.shortest_ms), rules.longest_ms)


def _starts(spoken: Sequence[Spoken], needs: Sequence[int], rules: CueRules) -> list[int]:
    starts = [one.start_ms for one in spoken]
    snap, gap = round(rules.snap_s * 1000), rules.gap_ms
    for index, need in enumerate(needs):
        free = 0
        if index:
            starts[index] = max(starts[index], starts[index - 1] + rules.shortest_ms + gap)
            free = starts[index - 1] + needs[index - 1] + gap
        if index + 1 == len(starts):
            break
        lack = starts[index] + need + gap - starts[index + 1]
        earliest = max(free, spoken[index].start_ms - snap, 0)
        if lack > 0 and earliest < starts[index]:
            taken = min(lack, starts[index] - earliest)
            starts[index] -= taken
            lack -= taken
        if lack > 0:
            after = starts[index + 2] if index + 2 < len(starts) else _NEVER
            room = after - gap - needs[index + 1] - starts[index + 1]
            starts[index + 1] += max(0, min(lack, snap, room))
    return starts


def _end(one: Spoken, start: int, need: int, limits: tuple[int, CueRules]) -> int:
    following, rules = limits
    latest = min(following, start + rules.longest_ms)
    end = min(max(one.end_ms + round(rules.lead_out_s * 1000), start + need), latest)
    is_loose = following - end < rules.closed_gap_ms - rules.gap_ms
    return following if is_loose and following <= latest else end
