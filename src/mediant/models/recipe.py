"""What installing takes from any kind of model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mediant.models.step import Report
from mediant.models.wheel import Wheel


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that only has to be moved into place."""

    path: Path
    sha256: str
    """Of the graph or the weights."""
    licence: str | None


class Recipe(Protocol):
    """How one model is made, put into the models folder and taken away again."""

    @property
    def name(self) -> str:
        """The model's."""
        ...

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """What its files are made from, where that comes from the package index."""
        ...

    @property
    def size_bytes(self) -> int:
        """Of what it makes; 0 where only `prepare` finds that out, and asks for the room itself."""
        ...

    @property
    def act(self) -> str:
        """What `prepare` does, for people."""
        ...

    def find_fault(self, models: Path) -> str | None:
        """Why it does not count as installed, by checksum; None when it does."""
        ...

    def prepare(self, wheels: Mapping[Wheel, Path], workplace: Path, report: Report) -> Prepared:
        """Make it in the workplace, which lies in the models folder, and prove it there.

        ModelError when it does not become what it should be.
        """
        ...

    def put(self, prepared: Path, models: Path) -> None:
        """Move what was prepared into place, whole."""
        ...

    def remove(self, models: Path) -> bool:
        """Delete it; whether there was anything to delete."""
        ...
