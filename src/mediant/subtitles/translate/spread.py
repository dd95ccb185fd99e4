"""A translated sentence over the time of the spoken one: words that `make_cues` takes.

The text is shared out by its length: what stands at 40 % of the translation is said where 40 % of
the spoken text was. At a pause of the speaker the translation is cut too, at the nearest place
that reads well, so that a cue may end there.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from mediant.kernel.languages import canonical_code
from mediant.subtitles.phrases import break_costs
from mediant.subtitles.pieces import Piece, pieces_of
from mediant.subtitles.script import is_spaceless
from mediant.subtitles.translate.sentences import Said, Sentence
from mediant.subtitles.words import Word

_PAUSE_MS = 300
"""A shorter silence is the end of a word, not a pause."""
_CELLS_PER_COST = 1.5
"""A cut may be so far from its place for each step by which it reads better."""
_MS = 1000


def spread(text: str, over: Sentence, target: str, before: str = "") -> list[Word]:
    """The words of `text`, in order, within the time of `over`.

    Joined, they are `text` (blanks apart, and without what no subtitle can hold); starts and ends
    never fall. `before` is what stands in front of `text`: it decides whether a blank goes there.
    """
    pieces = pieces_of([Word(text, 0.0, 0.0)], [(0, 0)], 0)
    stretches = _stretches(over.said)
    cuts = _cuts(pieces, stretches, break_costs(pieces, canonical_code(target)))
    words: list[Word] = []
    for stretch, (begin, end) in zip(stretches, pairwise(cuts), strict=True):
        words += _lay(pieces[begin:end], stretch, over.speaker)
    return _with_first_blank(words, before)


def _stretches(said: Sequence[Said]) -> list[Said]:
    """What was said between two pauses, as one."""
    joined = [said[0]]
    for part in said[1:]:
        last = joined[-1]
        if part.start_ms - last.end_ms > _PAUSE_MS:
            joined.append(part)
        else:
            end_ms = max(last.end_ms, part.end_ms)
            joined[-1] = Said(last.start_ms, end_ms, last.cells + part.cells)
    return joined


def _cuts(pieces: Sequence[Piece], stretches: Sequence[Said], costs: Sequence[float]) -> list[int]:
    """Indices of pieces: stretch k holds those from cut k up to cut k + 1, the first at least one.

    A text that began later than the speaker would be read too late.
    """
    widths = [0, *accumulate(piece.cells for piece in pieces)]
    spoken = [0, *accumulate(stretch.cells for stretch in stretches)]
    cuts = [0]
    for done in spoken[1:-1]:
        place = widths[-1] * done / max(1, spoken[-1])
        ends = [*costs, 0.0]
        choices = range(max(cuts[-1], min(1, len(pieces))), len(pieces) + 1)
        cuts.append(min(choices, key=lambda i: abs(widths[i] - place) + _CELLS_PER_COST * ends[i]))
    return [*cuts, len(pieces)]


def _lay(pieces: Sequence[Piece], stretch: Said, speaker: str | None) -> list[Word]:
    """Side by side over the stretch, each as long as it is wide."""
    # A mark that combines has no width of its own but is a piece all the same.
    ends = list(accumulate(max(1, piece.cells) for piece in pieces))
    whole_ms = stretch.end_ms - stretch.start_ms
    at = (
        [(stretch.start_ms + whole_ms * end // ends[-1]) / _MS for end in [0, *ends]]
        if ends
        else []
    )
    return [
        Word(f" {piece.text}" if piece.is_spaced else piece.text, start_s, end_s, speaker)
        for piece, (start_s, end_s) in zip(pieces, pairwise(at), strict=True)
    ]


def _with_first_blank(words: list[Word], before: str) -> list[Word]:
    if not words:
        return []
    first = words[0]
    text = first.text.strip()
    is_joined = bool(before) and is_spaceless(before[-1]) and is_spaceless(text[0])
    blank = "" if is_joined or not before else " "
    return [Word(blank + text, first.start_s, first.end_s, first.speaker), *words[1:]]
