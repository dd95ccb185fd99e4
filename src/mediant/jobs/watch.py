"""What a running job sees of the world: how it reports, and how it learns to stop."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Watch(Protocol):
    """A job's line to the dispatcher."""

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        """Say how far the job is, 0..1, and in which stage. Cheap: call it often."""
        ...

    def log(self, level: str, text: str) -> None:
        """Add one line to the job's own log; `level` is info, warning or error."""
        ...

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` when the job was asked to stop."""
        ...

    def emit(self, part: Mapping[str, Any]) -> None:
        """Hand over a part of the result. Returns once it is committed; raises `Cancelled`
        when this attempt no longer counts."""
        ...


class Toolbox(Protocol):
    """Heavy things that a worker makes once and keeps between jobs."""

    @property
    def device(self) -> str | None:
        """The device of the worker's seat, like `cuda:0`; None where it has none of its own."""
        ...

    def get(self, name: str, make: Callable[[], T], idle_s: float | None = None) -> T:
        """The tool of this name, made on first use. It is dropped (and closed, when it has a
        `close`) after `idle_s` seconds without use; None keeps it for the worker's life."""
        ...
