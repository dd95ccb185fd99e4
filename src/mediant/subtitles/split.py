"""Which pieces stand together in a cue: the cheapest cut of the whole text, by dynamic programming.

A cue costs something by itself, so few and full ones win; it costs more when it is read in less
time than the reading speed asks for, when it is too short to be seen, when it holds a pause, and
when it ends where a break reads badly (`phrases`). Limits of width and time are no costs: what
exceeds them is not considered, unless one piece alone does.
"""

from collections.abc import Sequence
from itertools import accumulate

from mediant.subtitles.cue_rules import CueRules
from mediant.subtitles.phrases import SENTENCE
from mediant.subtitles.pieces import Piece

DASH_CELLS = 2
"""`- ` before what each of two speakers says."""

_CUE = 6.0
_LACK_PER_MS = 0.008
_FLASH_PER_MS = 0.04
_PAUSE = 4.0
_PAUSE_PER_MS = 0.008
_SENTENCE_INSIDE = 1.0
_OTHER_SPEAKER = 4.0
_ORPHAN = 3.0
_LINE_BREAK = 0.8
"""A bad break between two lines of a cue is a little better than one between two cues."""
_LATE = 1 << 60

Range = tuple[int, int]
"""The first piece of a cue, and the first one after it."""


def split_pieces(pieces: Sequence[Piece], costs: Sequence[float], rules: CueRules) -> list[Range]:
    """Ranges that cover all pieces in order; `costs` are those of a break before each piece."""
    if not pieces:
        return []
    table = _Table(pieces, costs, rules)
    size = len(pieces)
    best = [float("inf")] * (size + 1)
    best[0] = 0.0
    came = [0] * (size + 1)
    for begin in range(size):
        table.offer(begin, best, came)
    ranges, end = [], size
    while end:
        ranges.append((came[end], end))
        end = came[end]
    return ranges[::-1]


class _Table:
    """What the inner loop looks up, in plain lists: it runs once for every possible cue."""

    def __init__(self, pieces: Sequence[Piece], costs: Sequence[float], rules: CueRules) -> None:
        self.rules = rules
        self.left, self.right = measure(pieces)
        self.starts = [piece.start_ms for piece in pieces]
        self.ends = [piece.end_ms for piece in pieces]
        self.nexts = [*(start - rules.gap_ms for start in self.starts[1:]), _LATE]
        pauses = [0, *(b - a for a, b in zip(self.ends, self.starts[1:], strict=False))]
        self.inside = list(
            accumulate(self._inside(*one) for one in zip(pauses, costs, strict=True))
        )
        self.close = [*costs[1:], SENTENCE]
        self.runs = _run_ends(pieces, pauses, rules)
        self.line_ends = self._fitting(rules.line_cells)
        self.first_beside = self._first_beside()
        self.costs = costs
        self.reach = self._reaches()

    def offer(self, begin: int, best: list[float], came: list[int]) -> None:
        """Every cue that begins with the piece `begin`, as a way to what comes after it."""
        rules = self.rules
        start, left, inside = self.starts[begin], self.left[begin], self.inside[begin]
        per_cell = 1000 / (rules.reading_cps * rules.cells_per_char)
        longest, shortest = start + rules.longest_ms, rules.shortest_ms
        small = 0.4 * rules.line_cells
        base = best[begin] + _CUE - inside
        one_line = self.line_ends[begin]
        broken = self._line_breaks(begin)
        for last in range(begin, self.reach[begin]):
            if self.ends[last] > longest and last > begin:
                break
            cells = self.right[last] - left
            room = self.nexts[last] - start
            cost = base + self.inside[last] + self.close[last]
            lack = cells * per_cell - room
            if lack > 0:
                cost += lack * _LACK_PER_MS
            if room < shortest:
                cost += (shortest - room) * _FLASH_PER_MS
            if last >= one_line:
                cost += broken[self.first_beside[last] - begin]
            if cells < small:
                cost += _ORPHAN * (1 - cells / small)
            if cost < best[last + 1]:
                best[last + 1] = cost
                came[last + 1] = begin
        self._offer_dialogue(begin, best, came)

    def _offer_dialogue(self, begin: int, best: list[float], came: list[int]) -> None:
        """Two speakers in one cue, a line each: worth it only where two cues would be too short."""
        (turn, halt), rules = self.runs[begin], self.rules
        widest = rules.line_cells - DASH_CELLS
        if rules.lines < 2 or turn >= halt:
            return
        first = self.right[turn - 1] - self.left[begin]
        if first > widest:
            return
        start, limit = self.starts[begin], min(self.runs[turn])
        base = best[begin] + _CUE + _OTHER_SPEAKER - self.inside[begin]
        for last in range(turn, limit):
            second = self.right[last] - self.left[turn]
            is_full = first + second + 2 * DASH_CELLS > rules.cue_cells
            if second > widest or is_full or self.ends[last] > start + rules.longest_ms:
                return
            need = max(rules.shortest_ms, rules.reading_ms(first + second + 2 * DASH_CELLS))
            lack = max(0, need - (self.nexts[last] - start))
            cost = base + self.inside[last] + self.close[last] + lack * _LACK_PER_MS
            if cost < best[last + 1]:
                best[last + 1] = cost
                came[last + 1] = begin

    def _inside(self, pause: int, cost: float) -> float:
        """What it costs to run over a place instead of breaking there."""
        over = pause - self.rules.pause_s * 1000
        paused = _PAUSE + over * _PAUSE_PER_MS if over > 0 else 0.0
        return paused + (_SENTENCE_INSIDE if cost == SENTENCE else 0.0)

    def _reaches(self) -> list[int]:
        """For each piece the first one that no longer fits into a cue that begins with it."""
        line_ends = self.line_ends
        whole_ends = self._fitting(self.rules.cue_cells)
        reaches = []
        for begin in range(len(self.starts)):
            end = begin
            for _ in range(self.rules.lines):
                end = line_ends[end] if end < len(line_ends) else end
            reaches.append(min(end, whole_ends[begin], *self.runs[begin]))
        return reaches

    def _line_breaks(self, begin: int) -> list[float]:
        """The least cost of the break that ends the first line, by how many pieces it must hold.

        Exact for two lines; with more of them it tells of the first break only.
        """
        end, size = self.line_ends[begin], self.reach[begin] - begin
        if end >= self.reach[begin]:
            return []
        least = [0.0] * (size + 1)
        low = least[end - begin] = self.costs[end] * _LINE_BREAK
        for place in range(end - 1, begin, -1):
            low = min(low, self.costs[place] * _LINE_BREAK)
            least[place - begin] = low
        if size:
            least[0] = low
        return least

    def _first_beside(self) -> list[int]:
        """For each piece the first one that fits with it, and all between, on one line."""
        first, begin = [], 0
        for last, right in enumerate(self.right):
            while begin < last and right - self.left[begin] > self.rules.line_cells:
                begin += 1
            first.append(begin)
        return first

    def _fitting(self, widest: int) -> list[int]:
        """For each piece the first one that does not fit beside it into `widest` cells."""
        ends, end, size = [], 0, len(self.starts)
        for begin in range(size):
            end = max(end, begin + 1)
            while end < size and self.right[end] - self.left[begin] <= widest:
                end += 1
            ends.append(end)
        return ends


def measure(pieces: Sequence[Piece]) -> tuple[list[int], list[int]]:
    """Where each piece begins and ends, in cells, if all stood on one line."""
    left, right, at = [], [], 0
    for piece in pieces:
        at += piece.is_spaced
        left.append(at)
        at += piece.cells
        right.append(at)
    return left, right


def is_turn(one: str | None, other: str | None) -> bool:
    """Whether somebody else speaks. Where one of the two is not known, nobody can say so."""
    return one is not None and other is not None and one != other


def _run_ends(
    pieces: Sequence[Piece], pauses: Sequence[int], rules: CueRules
) -> list[tuple[int, int]]:
    """For each piece where somebody else speaks next, and where the next long pause is."""
    turn = halt = len(pieces)
    longest_pause = rules.longest_pause_s * 1000
    ends = [(turn, halt)] * len(pieces)
    for index in range(len(pieces) - 1, -1, -1):
        ends[index] = (turn, halt)
        if index and is_turn(pieces[index - 1].speaker, pieces[index].speaker):
            turn = index
        if pauses[index] > longest_pause:
            halt = index
    return ends
