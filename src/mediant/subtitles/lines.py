"""The lines of one cue: as few as fit, broken where it reads well, the lower one longer."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from mediant.subtitles.cue_rules import CueRules
from mediant.subtitles.pieces import Piece
from mediant.subtitles.split import is_turn, measure

_UNEVEN = 3.0
_TOP_HEAVY = 0.5


def lay_out(pieces: Sequence[Piece], costs: Sequence[float], rules: CueRules) -> tuple[str, ...]:
    """The lines of a cue that holds `pieces`; `costs` are those of a break before each."""
    turn = _find_turn(pieces)
    if turn is not None:
        return tuple(f"- {write_line(part)}" for part in (pieces[:turn], pieces[turn:]))
    left, right = measure(pieces)
    if right[-1] - left[0] <= rules.line_cells:
        return (write_line(pieces),)
    cuts = [0, *_best_cuts(left, right, costs, rules.line_cells), len(pieces)]
    return tuple(write_line(pieces[one:other]) for one, other in pairwise(cuts))


def write_line(pieces: Sequence[Piece]) -> str:
    """The pieces as one text."""
    return "".join(
        f" {piece.text}" if index and piece.is_spaced else piece.text
        for index, piece in enumerate(pieces)
    )


def _find_turn(pieces: Sequence[Piece]) -> int | None:
    for index in range(1, len(pieces)):
        if is_turn(pieces[index - 1].speaker, pieces[index].speaker):
            return index
    return None


def _best_cuts(
    left: Sequence[int], right: Sequence[int], costs: Sequence[float], widest: int
) -> tuple[int, ...]:
    """Where the lines begin, but for the first."""

    def width(begin: int, end: int) -> int:
        return right[end - 1] - left[begin]

    def fits(begin: int, end: int) -> bool:
        return end == begin + 1 or width(begin, end) <= widest

    @cache
    def cheapest(begin: int) -> tuple[int, float, tuple[int, ...]]:
        """Lines, cost and cuts of what begins here."""
        if fits(begin, len(left)):
            return 1, 0.0, ()
        ways = []
        for end in range(begin + 1, len(left)):
            if not fits(begin, end):
                break
            lines, cost, cuts = cheapest(end)
            upper, lower = width(begin, end), width(end, cuts[0] if cuts else len(left))
            uneven = _UNEVEN * abs(upper - lower) / widest + (_TOP_HEAVY if upper > lower else 0)
            ways.append((lines + 1, cost + costs[end] + uneven, (end, *cuts)))
        return min(ways)

    return cheapest(0)[2]
