"""The reading rules: how much text a cue holds, how long it stands, how it gives way to the next.

The defaults follow published guides of broadcasters and streaming services; a user may change
each. Characters are counted as the script's readers do: where `is_full_width`, a Latin letter is
half a character.
"""

from dataclasses import dataclass, replace

from mediant.errors import Invalid
from mediant.kernel.languages import canonical_code

_MS = 1000


@dataclass(frozen=True, slots=True)
class CueRules:
    """What every cue shall keep to.

    Where words make it impossible to keep all, the rules give way from the last to the first:

    1. every word once, in order;
    2. times rise and cues keep `gap_s` apart;
    3. lines, their length and `cue_chars`: only what cannot be broken overflows, alone on its line;
    4. `shortest_s` and `longest_s`;
    5. a cue begins at most `snap_s` from its first word: later only when rules 2 and 4 ask for it;
    6. `reading_cps`: broken only by a cue that stands until the next one, or for `longest_s`;
    7. out `lead_out_s` after the last word: later when reading or a gap to be closed asks for it;
    8. the place of the breaks.

    Raises Invalid when a value cannot be kept to by any cue.
    """

    lines: int = 2
    line_chars: float = 42
    cue_chars: float | None = None
    """The most characters in a whole cue, less than `lines` full lines; None for no such limit."""
    reading_cps: float = 20
    """Characters per second, blanks and punctuation included."""
    is_full_width: bool = False
    """Whether a character is two cells wide (Chinese, Japanese, Korean)."""
    shortest_s: float = 0.833
    longest_s: float = 7.0
    gap_s: float = 0.083
    """Two frames at 24 a second."""
    closed_gap_s: float = 0.458
    """Gaps below this (eleven frames) are closed to `gap_s`, for they flicker."""
    snap_s: float = 0.125
    """Three frames: how far a cue may begin from its first word."""
    lead_out_s: float = 0.5
    """How long a cue stands after its last word, unless the next one comes."""
    pause_s: float = 0.5
    """A pause that is longer shall be a break between cues."""
    longest_pause_s: float = 2.0
    """A pause that is longer always is one."""

    def __post_init__(self) -> None:
        """Refuse what no cue can keep to."""
        if self.lines < 1 or self.line_chars < 4 or self.reading_cps <= 0:
            raise Invalid("A cue needs at least one line of 4 characters and time to read them.")
        if self.cue_chars is not None and self.cue_chars < 4:
            raise Invalid("A cue needs room for at least 4 characters.")
        if not 0 < self.shortest_s <= self.longest_s:
            raise Invalid("The shortest time of a cue must be above 0 and not above the longest.")
        if not 0 <= self.gap_s <= self.closed_gap_s or min(self.snap_s, self.lead_out_s) < 0:
            raise Invalid("Gaps, snap and lead-out must be 0 or more, gap_s at most closed_gap_s.")
        if not 0 < self.pause_s <= self.longest_pause_s:
            raise Invalid("pause_s must be above 0 and at most longest_pause_s.")

    @property
    def cells_per_char(self) -> int:
        """Cells in one of the characters that the limits count."""
        return 2 if self.is_full_width else 1

    @property
    def line_cells(self) -> int:
        """The widest line, in cells."""
        return int(self.line_chars * self.cells_per_char)

    @property
    def cue_cells(self) -> int:
        """The most cells in a cue."""
        whole = self.line_cells * self.lines
        if self.cue_chars is None:
            return whole
        return min(whole, int(self.cue_chars * self.cells_per_char))

    @property
    def gap_ms(self) -> int:
        """`gap_s`, in the unit of cues."""
        return round(self.gap_s * _MS)

    @property
    def closed_gap_ms(self) -> int:
        """`closed_gap_s`, in the unit of cues."""
        return round(self.closed_gap_s * _MS)

    @property
    def shortest_ms(self) -> int:
        """`shortest_s`, in the unit of cues."""
        return max(1, round(self.shortest_s * _MS))

    @property
    def longest_ms(self) -> int:
        """`longest_s`, in the unit of cues."""
        return max(self.shortest_ms, round(self.longest_s * _MS))

    def reading_ms(self, cells: int) -> int:
        """How long `cells` take to read."""
        return -int(-cells * _MS // (self.reading_cps * self.cells_per_char))


_LATIN = CueRules()
_BY_LANGUAGE = {
    "zho": CueRules(line_chars=16, reading_cps=9, is_full_width=True),
    "yue": CueRules(line_chars=16, reading_cps=9, is_full_width=True),
    "jpn": CueRules(line_chars=13, reading_cps=4, is_full_width=True),
    "kor": CueRules(line_chars=16, reading_cps=12, is_full_width=True),
    "tha": CueRules(line_chars=35, reading_cps=17),
    "lao": CueRules(line_chars=35, reading_cps=17),
    "mya": CueRules(line_chars=35, reading_cps=17),
    "khm": CueRules(line_chars=35, reading_cps=17),
    "eng": _LATIN,
    "ara": _LATIN,
}
_OTHER = replace(_LATIN, reading_cps=17)


def cue_rules_for(language: str | None) -> CueRules:
    """The defaults for a language, by any of its codes or names; those of Latin script if unknown.

    Reading speed is that of adults for English and Arabic, and 17 characters a second for every
    other language that is written with an alphabet.
    """
    return _BY_LANGUAGE.get(canonical_code(language), _OTHER)
