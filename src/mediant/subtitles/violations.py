"""Which reading rules a list of cues breaks, whoever made it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mediant.subtitles.cue import Cue
from mediant.subtitles.cue_rules import CueRules
from mediant.subtitles.pieces import is_unbreakable
from mediant.subtitles.script import count_cells, has_text

Rule = Literal[
    "lines",
    "line_length",
    "cue_length",
    "needless_break",
    "no_text",
    "shortest",
    "longest",
    "reading_speed",
    "order",
    "overlap",
    "gap",
    "loose_gap",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """One cue breaks one rule."""

    rule: Rule
    cue: int
    """Its index, from 0."""
    measured: float
    limit: float
    """Both in the unit of the rule: lines, characters, characters per second, or seconds."""
    is_forced: bool = False
    """Whether nobody could keep the rule with these words.

    A line without a place to break it; a cue read too fast that already stands until the next one
    comes, or as long as it may; a cue without text where no cue has any.
    """


def violations(cues: Sequence[Cue], rules: CueRules) -> list[Violation]:
    """Every broken rule, in the order of the cues."""
    is_silent = not any(has_text(cue.text) for cue in cues)
    found: list[Violation] = []
    for index, cue in enumerate(cues):
        following = cues[index + 1] if index + 1 < len(cues) else None
        found += _of_text(index, cue, rules)
        if not has_text(cue.text):
            found.append(Violation("no_text", index, 0, 1, is_silent))
        found += _of_time(index, cue, following, rules)
        if following is not None:
            found += _of_gap(index, cue, following, rules)
    return found


def _of_text(index: int, cue: Cue, rules: CueRules) -> Iterator[Violation]:
    widths = [count_cells(line) for line in cue.lines]
    unit = rules.cells_per_char
    if len(cue.lines) > rules.lines:
        yield Violation("lines", index, len(cue.lines), rules.lines)
    for line, width in zip(cue.lines, widths, strict=True):
        if width > rules.line_cells:
            is_forced = is_unbreakable(line)
            yield Violation("line_length", index, width / unit, rules.line_chars, is_forced)
    if sum(widths) > rules.cue_cells:
        is_forced = len(cue.lines) == 1 and is_unbreakable(cue.lines[0])
        yield Violation("cue_length", index, sum(widths) / unit, rules.cue_cells / unit, is_forced)
    joined = sum(widths) + len(widths) - 1
    if len(cue.lines) > 1 and joined <= rules.line_cells and not _is_dialogue(cue):
        yield Violation("needless_break", index, len(cue.lines), 1)


def _is_dialogue(cue: Cue) -> bool:
    return all(line.startswith(("-", "–", "—")) for line in cue.lines)


def _of_time(index: int, cue: Cue, following: Cue | None, rules: CueRules) -> Iterator[Violation]:
    duration = cue.duration_ms
    if duration < rules.shortest_ms:
        yield Violation("shortest", index, duration / 1000, rules.shortest_s)
    if duration > rules.longest_ms:
        yield Violation("longest", index, duration / 1000, rules.longest_s)
    cells = sum(map(count_cells, cue.lines))
    if duration > 0 and rules.reading_ms(cells) > duration:
        is_stuck = following is not None and following.start_ms - cue.end_ms <= rules.gap_ms
        speed = cells / rules.cells_per_char / (duration / 1000)
        is_forced = is_stuck or duration >= rules.longest_ms
        yield Violation("reading_speed", index, speed, rules.reading_cps, is_forced)


def _of_gap(index: int, cue: Cue, following: Cue, rules: CueRules) -> Iterator[Violation]:
    gap = following.start_ms - cue.end_ms
    if following.start_ms <= cue.start_ms:
        yield Violation("order", index, following.start_ms / 1000, cue.start_ms / 1000)
    elif gap < 0:
        yield Violation("overlap", index, gap / 1000, 0)
    elif gap < rules.gap_ms:
        yield Violation("gap", index, gap / 1000, rules.gap_s)
    elif rules.gap_ms < gap < rules.closed_gap_ms:
        is_full = cue.duration_ms + gap - rules.gap_ms > rules.longest_ms
        if not is_full:
            yield Violation("loose_gap", index, gap / 1000, rules.closed_gap_s)
