"""What every container module gives: the tags in a file, and how to write others."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mediant.tagging.write.names import Names, normalise
from mediant.tagging.write.recipe import Step
from mediant.tagging.write.source import Source


class Layout(ABC):
    """One open file, taken apart. It reads `source` as long as that is open.

    `own`: our tags by short key. Two files agree in all that is not ours, bit for bit, when they
    have the same `foreign_digest` (tags and structure) and the same `payload` (the coded audio).
    """

    def __init__(self, source: Source, names: Names) -> None:
        """Take the file apart; `UnsupportedContainer` or `DamagedContainer` when that fails."""
        self.source = source
        self.names = names
        self.own: dict[str, list[str]] = {}

    @abstractmethod
    def plan(self, tags: Mapping[str, Sequence[str]]) -> list[Step]:
        """The recipe for this file with `tags` (short keys, complete) in place of `own`."""

    @abstractmethod
    def foreign_digest(self) -> bytes:
        """SHA-256 over all that is neither ours, nor audio, nor padding, nor a size field."""

    @abstractmethod
    def payload(self) -> Iterator[bytes]:
        """The coded audio as a player reads it, block by block."""

    def _collect(self, found: Iterable[tuple[str | None, Sequence[str]]]) -> None:
        own: dict[str, list[str]] = {}
        for key, values in found:
            if key is not None:
                own.setdefault(key, []).extend(values)
        self.own = normalise(own)
