"""The port between the dispatcher and whatever runs jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mediant.errors import MediantError
from mediant.jobs.job import Payload


class WorkerGone(MediantError):
    """The worker is dead already."""

    code = "worker_gone"


PoolEventType = Literal[
    "ready", "alive", "started", "progress", "log", "part", "done", "error", "died"
]


@dataclass(frozen=True, slots=True)
class JobMessage:
    """One attempt of one job, as it is sent to a worker."""

    job_id: int
    attempt: int
    kind: str
    run: str
    payload: Payload = field(repr=False)
    """What it needs; keys of other services may stand in it."""


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """Something a worker said, or the news that it is gone.

    `body` holds, by type: ready {pid, device}; alive and started {}; log {level, text}; progress
    {fraction, stage, eta_s}; part and done: the result; error {code, text, transient, trace};
    died {exit_code, cause}.
    """

    type: PoolEventType
    worker: str
    job_id: int | None
    attempt: int | None
    body: Payload


class Wakeable(Protocol):
    """Something `events` can wait on beside its workers (a pipe's read end)."""

    def fileno(self) -> int:
        """The descriptor that becomes readable."""
        ...


class WorkerPool(Protocol):
    """Runs one job at a time per worker and reports what happened.

    SHALL report `started` before anything else of an attempt, so that a death is blamed on the
    attempt that ran and on no other. SHALL report `died` exactly once per lost worker, and
    nothing of that worker afterwards. `send` SHALL raise `WorkerGone` when the worker is already
    dead; the other calls then do nothing.
    """

    def add(self, lane: str, device: str | None = None) -> str:
        """Start a worker; its name at once, `ready` follows."""
        ...

    def send(self, worker: str, message: JobMessage) -> None:
        """Hand a worker its next job. A worker that still runs one takes it afterwards."""
        ...

    def accept(self, worker: str, attempt_counts: bool) -> None:
        """Answer a `part`: it was committed, or this attempt no longer counts."""
        ...

    def cancel(self, worker: str, job_id: int) -> None:
        """Ask a job that was sent to this worker to stop, cooperatively."""
        ...

    def refresh(self, worker: str) -> None:
        """Close what the worker keeps between jobs, as soon as none of them runs."""
        ...

    def ping(self, worker: str) -> None:
        """Ask for a sign of life: `alive` follows, at once from a worker that is idle."""
        ...

    def stop(self, worker: str, drain_s: float) -> None:
        """Finish the running job within `drain_s` seconds, then leave; else be killed.

        Jobs that were sent but not started are not started any more."""
        ...

    def kill(self, worker: str) -> None:
        """End the worker now, in the middle of C code."""
        ...

    def events(self, timeout_s: float, wake: Sequence[Wakeable] = ()) -> list[PoolEvent]:
        """What happened; waits up to `timeout_s` for the first event or a wakeable."""
        ...

    def close(self) -> None:
        """Kill what is left and release everything."""
        ...
