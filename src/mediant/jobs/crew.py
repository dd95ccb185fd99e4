"""The dispatcher's memory: who works, and at what."""

import platform
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mediant.errors import NotFound
from mediant.jobs.job import Job
from mediant.jobs.kind import JobKind
from mediant.kernel.clock import monotonic_s, now_s

DEPTH = 16
"""Brief jobs in one worker's pipe at most."""
BACKOFF_S = 0.5
BACKOFF_LIMIT_S = 300.0
USEFUL_S = 5.0
"""A process that lived so long is no failed start."""
FAILED_STARTS = 2
"""After so many failed starts in a row something is wrong."""


class WorkerState(StrEnum):
    """What a worker is at."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    LEAVING = "leaving"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """One worker, for people."""

    name: str
    node: str
    lane: str
    device: str | None
    pid: int | None
    state: WorkerState
    job_id: int | None
    done: int
    failed: int
    started_at: float
    seen_at: float
    fault: str | None = None
    """Why it has no process and gets none."""


def back_off_s(failures: int) -> float:
    """Seconds until the next process after so many useless ones in a row: 0, 0, 0.5, 1, 2 ..."""
    doublings = min(failures - 2, 16)
    return min(BACKOFF_LIMIT_S, BACKOFF_S * 2.0**doublings) if doublings >= 0 else 0.0


@dataclass(slots=True)
class Slot:
    """One attempt of one job in a worker's hands."""

    job: Job
    kind: JobKind
    heard_at: float = field(default_factory=monotonic_s)
    is_started: bool = False
    is_void: bool = False
    """The attempt no longer counts; the worker has still to say that it is through with it."""
    kill_at: float | None = None
    """Asked to stop; killed when it still runs then."""


@dataclass(slots=True)
class Seat:
    """A place for a worker process: it keeps its name while processes come and go."""

    name: str
    lane: str
    device: str | None
    process: str | None = None
    pid: int | None = None
    slots: dict[int, Slot] = field(default_factory=dict)
    is_ready: bool = False
    is_leaving: bool = False
    kill_cause: str | None = None
    """Why we killed it, when it was for the job's own fault."""
    is_lazy: bool = False
    """Its process starts when it is called, and ends when it rests."""
    is_planned: bool = False
    """It comes and goes with the wish for its lane."""
    is_called: bool = False
    is_resting: bool = False
    is_down: bool = False
    """Its process died and was not to be replaced."""
    fault: str | None = None
    """Why it gets no process."""
    idle_at: float = 0.0
    """Since when it has no job."""
    checked_at: float = 0.0
    """When it last answered the question whether it lives."""
    asked_at: float | None = None
    """When it was asked for a sign of life that has not come."""
    failures: int = 0
    start_at: float = 0.0
    done: int = 0
    failed: int = 0
    started_at: float = field(default_factory=now_s)
    seen_at: float = field(default_factory=now_s)

    @property
    def state(self) -> WorkerState:
        """What it is at now."""
        if self.is_leaving:
            return WorkerState.LEAVING
        if self.fault is not None:
            return WorkerState.ERROR
        if self.is_asleep or self.is_resting:
            return WorkerState.IDLE
        if not self.is_ready:
            is_failing = self.failures >= FAILED_STARTS
            return WorkerState.ERROR if is_failing else WorkerState.STARTING
        return WorkerState.BUSY if self.slots else WorkerState.IDLE

    @property
    def is_asleep(self) -> bool:
        """Whether its process waits for a call."""
        is_lazy = self.is_lazy and not self.is_called and self.failures < FAILED_STARTS
        return is_lazy and self.process is None and not self.is_leaving and self.fault is None

    @property
    def is_coming(self) -> bool:
        """Whether it takes a job now, or as soon as its process is ready."""
        if self.is_leaving or self.is_resting or self.fault is not None or self.slots:
            return False
        return self.is_called or self.process is not None

    @property
    def is_startable(self) -> bool:
        """Whether a process is to be started for it, when its time has come."""
        if self.process is not None or self.is_leaving or self.fault is not None:
            return False
        return not self.is_asleep

    @property
    def current(self) -> Slot | None:
        """The attempt that runs: the first that the worker has not answered."""
        return next(iter(self.slots.values()), None)

    @property
    def room(self) -> int:
        """How many brief jobs it takes now; `DEPTH` means that it is idle.

        It is filled up when half empty, so that the pipe never runs dry.
        """
        if not self.is_ready or self.is_leaving or self.is_resting or self.process is None:
            return 0
        if not all(slot.kind.brief and not slot.is_void for slot in self.slots.values()):
            return 0
        free = DEPTH - len(self.slots)
        return free if free >= DEPTH // 2 else 0

    def note_ready(self, pid: int) -> None:
        """The process has started."""
        self.is_ready, self.pid, self.seen_at = True, pid, now_s()
        self.is_called, self.idle_at = False, monotonic_s()

    def note_rest(self) -> None:
        """The process ended because it had nothing to do."""
        self.process, self.pid, self.is_ready = None, None, False
        self.is_resting, self.is_called, self.asked_at, self.failures = False, False, None, 0

    def note_death(self) -> None:
        """The process is gone; the next one starts at once, or later and later when process
        after process dies without having done anything."""
        is_useful = self.is_ready and (bool(self.slots) or now_s() - self.started_at > USEFUL_S)
        self.failures = 0 if is_useful else self.failures + 1
        self.is_called, self.is_resting, self.asked_at = False, False, None
        self.start_at = monotonic_s() + back_off_s(self.failures)
        self.process, self.pid, self.is_ready, self.kill_cause = None, None, False, None
        self.slots = {}

    def info(self) -> WorkerInfo:
        """The seat, for people."""
        slot = self.current
        return WorkerInfo(
            self.name, platform.node(), self.lane, self.device, self.pid, self.state,
            None if slot is None else slot.job.id, self.done, self.failed,
            self.started_at, self.seen_at, self.fault,
        )  # fmt: skip


class Crew:
    """All seats. Only the dispatcher's thread changes a seat; any thread may add one or look."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}
        self._by_process: dict[str, Seat] = {}
        self._guard = threading.Lock()

    def add(self, lane: str, device: str | None, **more: Any) -> Seat:
        """A new seat, its process still to be started; `more` are further fields of it.

        Its name has the smallest number that is free: `speech-1`, `speech-gpu-1`.
        """
        prefix = lane if device is None else f"{lane}-gpu"
        with self._guard:
            number = 1
            while f"{prefix}-{number}" in self._seats:
                number += 1
            seat = Seat(f"{prefix}-{number}", lane, device, **more)
            self._seats[seat.name] = seat
        return seat

    def remove(self, seat: Seat) -> None:
        """The seat is no more."""
        with self._guard:
            self._seats.pop(seat.name, None)
        if seat.process is not None:
            self._by_process.pop(seat.process, None)

    def occupy(self, seat: Seat, process: str) -> None:
        """A process was started for the seat."""
        seat.process, seat.started_at = process, now_s()
        self._by_process[process] = seat

    def vacate(self, process: str) -> Seat | None:
        """The process is gone; its seat, still with the slots that it had."""
        return self._by_process.pop(process, None)

    def find(self, process: str) -> Seat | None:
        """The seat of a process."""
        return self._by_process.get(process)

    def get(self, name: str) -> Seat:
        """The seat of this name; NotFound."""
        seat = self._seats.get(name)
        if seat is None:
            raise NotFound("There is no such worker.", asset=name)
        return seat

    def __iter__(self) -> Iterator[Seat]:
        """Every seat, in the order of adding."""
        with self._guard:
            return iter(list(self._seats.values()))

    def slots(self) -> Iterator[tuple[Seat, Slot]]:
        """Every attempt in somebody's hands that still counts."""
        for seat in self:
            for slot in list(seat.slots.values()):
                if not slot.is_void:
                    yield seat, slot

    def rooms(self) -> dict[str, list[Seat]]:
        """The seats that take jobs now, by lane, the emptiest first."""
        found: dict[str, list[Seat]] = {}
        for seat in self:
            if seat.room:
                found.setdefault(seat.lane, []).append(seat)
        for seats in found.values():
            seats.sort(key=lambda seat: -seat.room)
        return found
