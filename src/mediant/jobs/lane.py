"""Lanes: what a job waits for, and how the owner of a lane wants it staffed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LANES = ("cpu", "io", "speech", "detect")
"""What a job waits for: its lane's workers. Those of `cpu` and `io` are set by `jobs.cpu_workers`
and `jobs.io_workers`, those of the others by the rooms that they belong to."""


@dataclass(frozen=True, slots=True)
class LaneWish:
    """How a lane shall be staffed now. It is asked for again and again, so that it may change."""

    devices: tuple[str | None, ...] = ()
    """One seat for each: None is the CPU, `cuda:1` a GPU."""
    running: int | None = None
    """Jobs that run at once at most, over all seats."""
    is_lazy: bool = False
    """Whether a seat's process starts with its first job only."""
    rest_s: float | None = None
    """A lazy seat's process ends after so many seconds without work; None lets it stay."""
    restarts: bool = True
    """Whether a process that died is replaced."""
    check_s: float | None = None
    """An idle process is asked so often whether it lives; None: never."""
    answer_s: float = 10.0
    """One that does not answer within this is killed."""


LaneWishes = Callable[[], Mapping[str, LaneWish]]
"""The wishes of all lanes that somebody owns."""

FindFault = Callable[[str], str | None]
"""Why no worker can be on this device, in a sentence; None when one can."""

NO_WISH = LaneWish()


def wish_nothing() -> Mapping[str, LaneWish]:
    """Nobody owns a lane."""
    return {}


def find_no_fault(_device: str) -> None:
    """Every device is taken for good."""
    return
