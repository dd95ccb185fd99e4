"""Cues out of timed words: the one door of the segmentation.

Words -> mended times -> pieces -> the best cut -> lines -> times on the screen.
"""

from collections.abc import Sequence
from itertools import pairwise

from mediant.kernel.languages import canonical_code
from mediant.subtitles.cue import Cue
from mediant.subtitles.cue_rules import CueRules, cue_rules_for
from mediant.subtitles.lines import lay_out
from mediant.subtitles.phrases import break_costs
from mediant.subtitles.pieces import Piece, pieces_of
from mediant.subtitles.retime import Times, clean, retime
from mediant.subtitles.script import count_cells
from mediant.subtitles.split import DASH_CELLS, Range, split_pieces
from mediant.subtitles.timing import Spoken, place
from mediant.subtitles.words import Word


def make_cues(
    words: Sequence[Word], language: str | None = None, rules: CueRules | None = None
) -> list[Cue]:
    """Cut `words` into cues that keep to `rules`, by default those of the language.

    Every word with a text appears once, in the order given, whatever its times are. The same words
    give the same cues.
    """
    rules = rules or cue_rules_for(language)
    times = retime(words)
    widest = min(rules.line_cells, rules.cue_cells) - DASH_CELLS
    pieces = pieces_of(words, times, widest)
    costs = break_costs(pieces, canonical_code(language))
    ranges = split_pieces(pieces, costs, rules)
    texts = [lay_out(pieces[begin:end], costs[begin:end], rules) for begin, end in ranges]
    spoken = [
        Spoken(pieces[begin].start_ms, pieces[end - 1].end_ms, sum(map(count_cells, lines)))
        for (begin, end), lines in zip(ranges, texts, strict=True)
    ]
    shares = _share(words, times, pieces, ranges)
    return [
        Cue(start, end, lines, share)
        for (start, end), lines, share in zip(place(spoken, rules), texts, shares, strict=True)
    ]


def _share(
    words: Sequence[Word], times: Times, pieces: Sequence[Piece], ranges: Sequence[Range]
) -> list[tuple[Word, ...]]:
    """The words of each cue, with the times that were used. One in two cues is in the first."""
    mended = [
        Word(clean(word.text), start / 1000, end / 1000, word.speaker, word.probability)
        for word, (start, end) in zip(words, times, strict=True)
    ]
    begins = [pieces[begin].word for begin, _ in ranges] + [len(words)]
    return [
        tuple(word for word in mended[one:other] if word.text.strip())
        for one, other in pairwise(begins)
    ]
