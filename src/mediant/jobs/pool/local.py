"""Workers as processes of this machine, each at the other end of a socket pair.

They are started as fresh interpreters, never forked, so that they share no lock, no thread and
no open file with the server. A worker dies with the thread that started it: call `add` and
`close` from one thread only, and keep that thread.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from mediant.jobs.pool.frames import Frame, FrameReader, pack
from mediant.jobs.pool.port import JobMessage, PoolEvent, Wakeable, WorkerGone
from mediant.kernel.clock import monotonic_s

READ_BYTES = 1 << 18
REAP_S = 5.0
"""A process that closed its pipe is given so long to end by itself."""
POLL_S = 0.2
"""Exit codes are looked at so often, for deaths that a stray copy of the pipe would hide."""

_THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
SINGLE_THREADED = dict.fromkeys(_THREAD_LIMITS, "1")
"""One worker a core already uses every core."""


@dataclass(slots=True)
class _Process:
    name: str
    device: str | None
    handle: subprocess.Popen[bytes]
    pipe: socket.socket
    reader: FrameReader = field(default_factory=FrameReader)
    unsent: bytearray = field(default_factory=bytearray)
    kill_at: float | None = None


class LocalPool:
    """The `WorkerPool` of one machine."""

    def __init__(self, nice: int = 5) -> None:
        """Workers run with this `nice` value, so that the API answers while they are busy."""
        self._nice = nice
        self._processes: dict[str, _Process] = {}
        self._born = 0
        self._pending: list[PoolEvent] = []
        self._selector = selectors.DefaultSelector()
        self._wakes: set[int] = set()
        self._polled_at = 0.0

    def add(self, lane: str, device: str | None = None) -> str:
        """Start a worker; its name at once, `ready` follows."""
        self._born += 1
        name = f"{lane}-{self._born}"
        ours, theirs = socket.socketpair()
        with theirs:
            handle = subprocess.Popen(
                self._command(theirs.fileno(), device),
                pass_fds=[theirs.fileno()],
                env={**os.environ, **SINGLE_THREADED},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        ours.setblocking(False)
        process = _Process(name, device, handle, ours)
        self._processes[name] = process
        self._selector.register(ours, selectors.EVENT_READ, process)
        return name

    def _command(self, descriptor: int, device: str | None) -> list[str]:
        # -P: a module in the current folder shall not stand for one of ours.
        command = [sys.executable, "-P", "-m", "mediant.jobs.worker"]
        return [*command, str(descriptor), str(os.getpid()), str(self._nice), device or ""]

    def send(self, worker: str, message: JobMessage) -> None:
        """Hand a worker its next job. WorkerGone when it is dead."""
        process = self._processes.get(worker)
        if process is None or process.kill_at is not None or process.handle.poll() is not None:
            raise WorkerGone(asset=worker)
        frame = {
            "type": "job",
            "job_id": message.job_id,
            "attempt": message.attempt,
            "run": message.run,
            "payload": message.payload,
        }
        if not self._write(process, frame):
            raise WorkerGone(asset=worker)

    def accept(self, worker: str, attempt_counts: bool) -> None:
        """Answer a `part`."""
        self._tell(worker, {"type": "accept", "counts": attempt_counts})

    def cancel(self, worker: str, job_id: int) -> None:
        """Ask a job of this worker to stop, cooperatively."""
        self._tell(worker, {"type": "cancel", "job_id": job_id})

    def refresh(self, worker: str) -> None:
        """Close what the worker keeps between jobs, as soon as none of them runs."""
        self._tell(worker, {"type": "refresh"})

    def ping(self, worker: str) -> None:
        """Ask for a sign of life."""
        self._tell(worker, {"type": "ping"})

    def stop(self, worker: str, drain_s: float) -> None:
        """Finish the running job within `drain_s` seconds, then leave; else be killed."""
        process = self._processes.get(worker)
        if process is not None:
            process.kill_at = monotonic_s() + drain_s
            self._write(process, {"type": "leave"})

    def kill(self, worker: str) -> None:
        """End the worker now; `died` follows."""
        process = self._processes.get(worker)
        if process is not None:
            process.handle.kill()

    def events(self, timeout_s: float, wake: Sequence[Wakeable] = ()) -> list[PoolEvent]:
        """What happened; waits up to `timeout_s` for the first event or a wakeable."""
        self._register(wake)
        found, self._pending = self._pending, []
        timeout = 0.0 if found else self._until_next_kill(timeout_s)
        for key, mask in self._selector.select(timeout):
            process = key.data
            if process is not None:
                if mask & selectors.EVENT_WRITE:
                    self._flush(process)
                if mask & selectors.EVENT_READ:
                    found += self._read(process)
        found += self._poll()
        return found

    def close(self) -> None:
        """Kill what is left and release everything."""
        for process in list(self._processes.values()):
            process.handle.kill()
            self._bury(process)
        self._selector.close()

    def _register(self, wake: Sequence[Wakeable]) -> None:
        for source in wake:
            if source.fileno() not in self._wakes:
                self._selector.register(source.fileno(), selectors.EVENT_READ, None)
                self._wakes.add(source.fileno())

    def _until_next_kill(self, timeout_s: float) -> float:
        deadlines = [p.kill_at for p in self._processes.values() if p.kill_at is not None]
        if not deadlines:
            return timeout_s
        return max(0.0, min(timeout_s, min(deadlines) - monotonic_s()))

    def _tell(self, worker: str, frame: Frame) -> None:
        process = self._processes.get(worker)
        if process is not None:
            self._write(process, frame)

    def _write(self, process: _Process, frame: Frame) -> bool:
        """Send or keep for later; False when nobody reads any more."""
        process.unsent += pack(frame)
        return self._flush(process)

    def _flush(self, process: _Process) -> bool:
        try:
            sent = process.pipe.send(process.unsent)
        except BlockingIOError:
            sent = 0
        except (BrokenPipeError, ConnectionResetError):
            return False
        had_rest = sent < len(process.unsent)
        del process.unsent[:sent]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if had_rest else 0)
        if self._selector.get_key(process.pipe).events != wanted:
            self._selector.modify(process.pipe, wanted, process)
        return True

    def _read(self, process: _Process) -> list[PoolEvent]:
        try:
            data = process.pipe.recv(READ_BYTES)
        except BlockingIOError:
            return []
        except ConnectionResetError:
            data = b""
        if not data:
            return [self._bury(process)]
        try:
            frames = process.reader.feed(data)
        except ValueError:
            process.handle.kill()
            return [self._bury(process)]
        return [_to_event(process, frame) for frame in frames]

    def _poll(self) -> list[PoolEvent]:
        now = monotonic_s()
        for process in self._processes.values():
            if process.kill_at is not None and now >= process.kill_at:
                process.handle.kill()
        if now - self._polled_at < POLL_S:
            return []
        self._polled_at = now
        dead = [p for p in self._processes.values() if p.handle.poll() is not None]
        return [event for process in dead for event in self._drain(process)]

    def _drain(self, process: _Process) -> list[PoolEvent]:
        """The last words of a dead worker, then its death."""
        found: list[PoolEvent] = []
        while process.name in self._processes:
            last = self._read(process)
            if not last and process.name in self._processes:
                last = [self._bury(process)]
            found += last
        return found

    def _bury(self, process: _Process) -> PoolEvent:
        self._selector.unregister(process.pipe)
        process.pipe.close()
        del self._processes[process.name]
        try:
            code = process.handle.wait(REAP_S)
        except subprocess.TimeoutExpired:
            process.handle.kill()
            code = process.handle.wait()
        body = {"exit_code": code, "cause": describe_exit(code)}
        return PoolEvent("died", process.name, None, None, body)


def _to_event(process: _Process, frame: Frame) -> PoolEvent:
    body = frame.get("body") or {}
    if frame["type"] == "ready":
        body = {**body, "device": process.device}
    return PoolEvent(frame["type"], process.name, frame.get("job_id"), frame.get("attempt"), body)


def describe_exit(code: int) -> str:
    """Words for an exit code as `subprocess` gives it: negative is a signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal {-code}"
