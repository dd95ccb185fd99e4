"""Heavy things that a worker makes once, keeps between jobs, and drops when they rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from mediant.kernel.clock import monotonic_s

T = TypeVar("T")


@dataclass(slots=True)
class _Tool:
    thing: Any
    idle_s: float | None
    used_at: float


class IdleToolbox:
    """The worker's `Toolbox`. Its owner calls `drop_idle` between jobs."""

    def __init__(self, clock: Callable[[], float] = monotonic_s, device: str | None = None) -> None:
        """`device`: where its worker shall compute, like `cuda:0`; None is the CPU."""
        self.device = device
        self._clock = clock
        self._tools: dict[str, _Tool] = {}

    def get(self, name: str, make: Callable[[], T], idle_s: float | None = None) -> T:
        """The tool of this name, made on first use."""
        tool = self._tools.get(name)
        if tool is None:
            tool = self._tools[name] = _Tool(make(), idle_s, 0.0)
        tool.used_at = self._clock()
        tool.idle_s = idle_s
        return cast(T, tool.thing)

    def touch(self) -> None:
        """Count every tool as just used: a job that ran for long had them all."""
        now = self._clock()
        for tool in self._tools.values():
            tool.used_at = max(tool.used_at, now)

    def next_idle_s(self) -> float | None:
        """Seconds until the first tool is due to be dropped; None when none ever is."""
        now = self._clock()
        waits = [
            tool.used_at + tool.idle_s - now
            for tool in self._tools.values()
            if tool.idle_s is not None
        ]
        return max(0.0, min(waits)) if waits else None

    def drop_idle(self) -> list[str]:
        """Drop (and close) what rested for its `idle_s`; the names."""
        now = self._clock()
        due = [
            name
            for name, tool in self._tools.items()
            if tool.idle_s is not None and now - tool.used_at >= tool.idle_s
        ]
        for name in due:
            self._drop(name)
        return due

    def close(self) -> None:
        """Drop everything."""
        for name in list(self._tools):
            self._drop(name)

    def _drop(self, name: str) -> None:
        thing = self._tools.pop(name).thing
        close = getattr(thing, "close", None)
        if callable(close):
            close()
