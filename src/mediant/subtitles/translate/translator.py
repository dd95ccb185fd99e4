"""The port of every translator, and on what a neural one computes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Advance = Callable[[float], None]
"""Is told the share that is done, 0..1, often. What it raises ends the work at once."""


@dataclass(frozen=True, slots=True)
class Computing:
    """Where a CTranslate2 model runs."""

    device: Literal["cpu", "cuda"] = "cpu"
    device_index: int = 0
    compute_type: str = "default"
    """CTranslate2's name for the arithmetic; `default` is that of the file."""
    threads: int = 4


ON_CPU = Computing()


class Translator(Protocol):
    """Turns sentences of one language into sentences of another. One call at a time."""

    def translate(
        self, texts: Sequence[str], source: str, target: str, advance: Advance
    ) -> list[str]:
        """One text for each text, none of them empty; languages are canonical codes.

        Every text has a letter in it.

        They stand in the order in which they were said, so that a translator may look at their
        neighbours. Raises ModelError when it cannot, Unavailable when it cannot be reached,
        and whatever `advance` raises. Never gives back what it did not translate.
        """
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...
