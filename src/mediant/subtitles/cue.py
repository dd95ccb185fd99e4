"""One subtitle: when it stands on the screen, and its lines."""

from dataclasses import dataclass, field

from mediant.subtitles.words import Word


@dataclass(frozen=True, slots=True)
class Cue:
    """A text of one or more lines, shown from `start_ms` until `end_ms`.

    Whole milliseconds, because that is what subtitle files can say: what is written and read again
    is equal. The words take no part in the comparison; files do not keep them.
    """

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    words: tuple[Word, ...] = field(default=(), compare=False)
    """The words that were cut into this cue, in order, with mended times; may be empty."""

    @property
    def duration_ms(self) -> int:
        """How long it stands."""
        return self.end_ms - self.start_ms

    @property
    def text(self) -> str:
        """Its lines, one below the other."""
        return "\n".join(self.lines)

    @property
    def sentence(self) -> str:
        """Its lines in one."""
        return " ".join(self.lines)
