"""A worker process: takes one job after the other from its pipe and says what came of it.

It has no database and no thread of its own. What the server says while a job runs (cancel,
leave, the next jobs) waits in the pipe, and the job's `Watch` looks there.
"""

import ctypes
import faulthandler
import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from mediant.errors import Cancelled, MediantError
from mediant.jobs.pool.frames import FrameReader, pack
from mediant.jobs.toolbox import IdleToolbox
from mediant.kernel.clock import monotonic_s
from mediant.kernel.telemetry import silence_libraries

PR_SET_PDEATHSIG = 1
REPORT_S = 0.1
"""Reports of the same stage are sent so often at most."""
READ_BYTES = 1 << 16

Handler = Callable[[Mapping[str, Any], "PipeWatch", IdleToolbox], Mapping[str, Any] | None]
Message = dict[str, Any]


class Line:
    """The worker's end of the pipe."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._reader = FrameReader()
        self._said = bytearray()
        self.jobs: deque[Message] = deque()
        self.cancelled: set[int] = set()
        self.leaves = False
        self.refreshes = False
        """Everything that is kept between jobs is to be closed before the next one."""
        self._answers: deque[bool] = deque()

    def say(self, kind: str, message: Message | None, body: Mapping[str, Any] | None) -> None:
        """Send a frame, and with it those that were only noted."""
        self.note(kind, message, body)
        self._pipe.sendall(self._said)
        self._said.clear()

    def note(self, kind: str, message: Message | None, body: Mapping[str, Any] | None) -> None:
        """Keep a frame for the next `say`: one system call for both."""
        frame: dict[str, Any] = {"type": kind, "body": body}
        if message is not None:
            frame |= {"job_id": message["job_id"], "attempt": message["attempt"]}
        self._said += pack(frame)

    def flush(self) -> None:
        """Send what was only noted."""
        if self._said:
            self._pipe.sendall(self._said)
            self._said.clear()

    def wait_for_answer(self) -> bool:
        """Whether the part that was just sent counts."""
        while not self._answers:
            self.listen(None)
        return self._answers.popleft()

    def listen(self, timeout_s: float | None = 0.0) -> bool:
        """Take in what the server said; whether it said anything. Ends with the server."""
        ready, _, _ = select.select([self._pipe], [], [], timeout_s)
        if not ready:
            return False
        data = self._pipe.recv(READ_BYTES)
        if not data:
            raise SystemExit(0)
        for frame in self._reader.feed(data):
            self._take(frame)
        return True

    def _take(self, frame: Message) -> None:
        if frame["type"] == "job":
            self.jobs.append(frame)
        elif frame["type"] == "cancel":
            self.cancelled.add(frame["job_id"])
        elif frame["type"] == "accept":
            self._answers.append(frame["counts"])
        elif frame["type"] == "refresh":
            self.refreshes = True
        elif frame["type"] == "ping":
            self.note("alive", None, None)
        else:
            self.leaves = True


class PipeWatch:
    """The `Watch` of one attempt."""

    def __init__(self, line: Line, message: Message) -> None:
        self._line = line
        self._message = message
        self._reported_at = 0.0
        self._stage: str | None = None

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        """Say how far the job is; most calls send nothing."""
        now = monotonic_s()
        if stage == self._stage and now - self._reported_at < REPORT_S:
            return
        self._reported_at, self._stage = now, stage
        body = {"fraction": min(1.0, max(0.0, fraction)), "stage": stage, "eta_s": eta_s}
        self._line.say("progress", self._message, body)

    def log(self, level: str, text: str) -> None:
        """Add one line to the job's own log."""
        self._line.say("log", self._message, {"level": level, "text": text})

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` when the job was asked to stop."""
        self._line.listen()
        if self._message["job_id"] in self._line.cancelled:
            raise Cancelled

    def emit(self, part: Mapping[str, Any]) -> None:
        """Hand over a part; returns once it is committed."""
        self._line.say("part", self._message, part)
        if not self._line.wait_for_answer():
            raise Cancelled("This attempt no longer counts.")


class Worker:
    """The main loop. An outcome leaves with the `started` of the next job, or before waiting."""

    def __init__(self, pipe: socket.socket, device: str | None = None) -> None:
        self._line = Line(pipe)
        self._tools = IdleToolbox(device=device)
        self._handlers: dict[str, Handler] = {}

    def serve(self) -> None:
        """Run jobs until told to leave."""
        self._line.say("ready", None, {"pid": os.getpid()})
        while True:
            while self._line.jobs and not self._line.leaves:
                self._refresh()
                self._run(self._line.jobs.popleft())
                self._line.listen()
            self._line.flush()
            self._refresh()
            if self._line.leaves:
                self._tools.close()
                return
            if not self._line.listen(self._tools.next_idle_s()):
                self._tools.drop_idle()

    def _refresh(self) -> None:
        if self._line.refreshes:
            self._tools.close()
            self._line.refreshes = False

    def _run(self, message: Message) -> None:
        self._line.note("started", message, None)
        watch = PipeWatch(self._line, message)
        try:
            self._line.flush()
            watch.stop_if_cancelled()
            handler = self._find(message["run"])
            result = handler(message["payload"], watch, self._tools) or {}
            self._line.note("done", message, result)
        except Exception as error:  # noqa: BLE001 (a job may fail in any way, the worker may not)
            self._line.note("error", message, describe(error))
        self._line.cancelled.discard(message["job_id"])
        self._tools.touch()

    def _find(self, run: str) -> Handler:
        handler = self._handlers.get(run)
        if handler is None:
            module, _, name = run.partition(":")
            handler = self._handlers[run] = getattr(import_module(module), name)
        return handler


def describe(error: BaseException) -> dict[str, Any]:
    """The body of an `error` frame.

    An exception says by its attribute `transient` that the same job may work later.
    """
    transient = bool(getattr(error, "transient", False))
    if isinstance(error, MediantError):
        return {"code": error.code, "text": str(error), "transient": transient, "trace": None}
    said = str(error)
    text = f"Unexpected {type(error).__name__}: {said}" if said else type(error).__name__
    trace = "".join(traceback.format_exception(error))
    return {"code": "internal", "text": text, "transient": transient, "trace": trace}


def die_with_parent(parent_pid: int) -> None:
    """Be killed when the thread that started this process ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        raise SystemExit(0)


def main(arguments: list[str]) -> None:
    """`python -m mediant.jobs.worker DESCRIPTOR PARENT_PID NICE DEVICE`."""
    silence_libraries()
    descriptor, parent_pid, nice = (int(argument) for argument in arguments[:3])
    die_with_parent(parent_pid)
    os.set_inheritable(descriptor, False)
    # A terminal or a service manager tells the whole group to end; the server then drains us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    faulthandler.enable()
    os.nice(nice)
    device = arguments[3] if len(arguments) > 3 else ""
    with socket.socket(fileno=descriptor) as pipe:
        Worker(pipe, device or None).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
