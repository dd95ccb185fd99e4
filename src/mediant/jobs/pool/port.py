"""The port between the dispatcher and whatever runs jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from mediant.jobs.job import Payload

PoolEventType = Literal["ready", "progress", "log", "part", "done", "error", "died"]


@dataclass(frozen=True, slots=True)
class JobMessage:
    """One attempt of one job, as it is sent to a worker."""

    job_id: int
    attempt: int
    kind: str
    run: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """Something a worker said, or the news that it is gone.

    `body` holds, by type: ready {pid, device}; progress {fraction, stage, eta_s};
    log {level, text}; part and done: the result; error {code, text, transient};
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

    SHALL report `died` exactly once per lost worker. SHALL NOT report anything of a worker after
    its `died`. `send` SHALL raise `WorkerGone` when the worker is already dead.
    """

    def add(self, lane: str, device: str | None = None) -> str:
        """Start a worker; its name at once, `ready` follows."""
        ...

    def send(self, worker: str, message: JobMessage) -> None:
        """Hand an idle worker its next job."""
        ...

    def accept(self, worker: str, attempt_counts: bool) -> None:
        """Answer a `part`: it was committed, or this attempt no longer counts."""
        ...

    def cancel(self, worker: str) -> None:
        """Ask the running job to stop, cooperatively."""
        ...

    def stop(self, worker: str, drain_s: float) -> None:
        """Finish the running job within `drain_s` seconds, then leave; else be killed."""
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
