"""The parts of the live feed that know no client: frames, the ring of the last ones, job states."""

import json
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from fastapi.sse import format_sse_event

JOBS = "queue:jobs"
MANY = "queue:jobs:many"
"""More than a few jobs that moved at once: `{status, count}`."""
RING = 2000
SHOWN_JOBS = 25
"""So many of the newest jobs are in a snapshot, besides those that run."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `number` grows by one with each; `position` is the newest event of the history
    that it, or a frame before it, tells of."""

    number: int
    position: int
    topic: str
    text: bytes

    @property
    def is_event(self) -> bool:
        """Whether it tells what happened, and not only how things stand now."""
        return self.topic in {JOBS, MANY}


def write_frame(topic: str, data: Mapping[str, Any], position: int) -> bytes:
    """The message on the wire."""
    text = json.dumps(dict(data), separators=(",", ":"))
    return format_sse_event(event=topic, data_str=text, id=str(position))


def wants(patterns: Sequence[str], topic: str) -> bool:
    """Whether a topic is wanted: `queue:*` holds all that begin so; no pattern holds all."""
    return not patterns or any(fnmatchcase(topic, pattern) for pattern in patterns)


class Ring:
    """The last frames, shared by all clients: however slow one is, it costs no memory."""

    def __init__(self, position: int, size: int = RING) -> None:
        self._frames: deque[Frame] = deque(maxlen=size)
        self.number = 0
        """Of the newest frame; 0 before the first."""
        self.position = position
        self.covered_from = position
        """Every event behind this one has its frame here."""

    def add(self, topic: str, data: Mapping[str, Any], position: int) -> None:
        """Add the next frame."""
        if len(self._frames) == self._frames.maxlen:
            self.covered_from = max(self.covered_from, self._frames[0].position)
        self.number, self.position = self.number + 1, max(self.position, position)
        text = write_frame(topic, data, self.position)
        self._frames.append(Frame(self.number, self.position, topic, text))

    def after(self, number: int) -> list[Frame] | None:
        """The frames behind this one; None when some of them are gone."""
        missing = self.number - number
        if missing > len(self._frames):
            return None
        return [self._frames[-n] for n in range(missing, 0, -1)]

    def events_after(self, position: int) -> list[Frame] | None:
        """The frames of events behind a position; None when some are gone, or none was ever
        there (another database's position)."""
        if not self.covered_from <= position <= self.position:
            return None
        return [one for one in self._frames if one.is_event and one.position > position]


class JobStates:
    """How the newest jobs stand, and all that run, as the frames have told."""

    def __init__(self) -> None:
        self._shown: OrderedDict[int, Mapping[str, Any]] = OrderedDict()

    def note(self, state: Mapping[str, Any]) -> None:
        """Keep one job's state; forget old ones that do not run, and one that has no path any more:
        it was removed before its event was read."""
        if state["path"] is None:
            self._shown.pop(state["id"], None)
            return
        self._shown[state["id"]] = state
        if len(self._shown) > 4 * SHOWN_JOBS:
            kept = {one["id"]: one for one in self}
            self._shown = OrderedDict(sorted(kept.items()))

    def replace(self, states: Iterable[Mapping[str, Any]]) -> None:
        """Keep these instead."""
        self._shown = OrderedDict((state["id"], state) for state in states)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """The states to show, by job."""
        newest = sorted(self._shown)[-SHOWN_JOBS:]
        for job_id in sorted(self._shown):
            if job_id in newest or self._shown[job_id]["status"] == "running":
                yield self._shown[job_id]
