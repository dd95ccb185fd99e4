"""What the test kinds of `mediant.testing.jobs` do, in a worker process."""

import ctypes
import os
import signal
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mediant.errors import MediaError, MediantError
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s, now_s

Payload = Mapping[str, Any]
POLL_S = 0.005


class PassingError(MediantError):
    """Something that may work later."""

    code = "passing"
    transient = True


def noop(_payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Nothing."""
    return {}


def stamp(_payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """The moment at which the work began, also by the clock that nobody sets, and who did it."""
    return {"at": now_s(), "tick": monotonic_s(), "pid": os.getpid()}


def place(_payload: Payload, _watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Who did it, and on which device."""
    return {"device": tools.device, "pid": os.getpid()}


def sleep(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """`seconds` of waiting in steps, with progress, that a cancel cuts short; so does the file
    `until` as soon as it is there."""
    started, seconds, gate = monotonic_s(), float(payload["seconds"]), payload.get("until")
    while (passed := monotonic_s() - started) < seconds:
        watch.stop_if_cancelled()
        if gate is not None and Path(gate).exists():
            break
        watch.report(passed / seconds, "sleep", seconds - passed)
        time.sleep(POLL_S)
    return {"pid": os.getpid()}


def stubborn(payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """`seconds` inside one call of C code, deaf to everything; first it makes the file `begun`."""
    if "begun" in payload:
        Path(payload["begun"]).touch()
    ctypes.CDLL(None).usleep(int(float(payload["seconds"]) * 1e6))
    return {}


def crash(payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Death by `signal`, the first `times` times; `counter` is a file that remembers."""
    if _count(payload) <= int(payload.get("times", 1_000)):
        os.kill(os.getpid(), int(payload.get("signal", signal.SIGKILL)))
        time.sleep(60)
    return {}


def fell(_payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Death of the server, and of everybody who works for it."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    return {}


def halt(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """The work of `run`, which takes the file `halts` away amid it and then stands still until it
    is cancelled or killed; without the file it goes on."""
    module, _, name = payload["run"].partition(":")
    work = getattr(import_module(module), name)
    done: dict[str, Any] = work(payload, _HaltingWatch(watch, Path(payload["halts"])), tools)
    return done


def segfault(_payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """A read from address 0."""
    ctypes.string_at(0)
    return {}


def fail(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """An error of the `how` asked for, the first `times` times; not before the file `until` is
    there."""
    how = payload["how"]
    while "until" in payload and not Path(payload["until"]).exists():
        time.sleep(POLL_S)
    watch.log("info", f"about to fail: {how}")
    if _count(payload) <= int(payload.get("times", 1_000)):
        if how == "media":
            raise MediaError("corrupt", "This is no music.", asset="song.mp3", remedy="Replace it.")
        if how == "passing":
            raise PassingError("Not just now.")
        raise ZeroDivisionError("division by zero")
    return {}


def emit(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """`parts` parts, then `hold` seconds of waiting; `size` bytes in each part."""
    for n in range(int(payload["parts"])):
        watch.emit({"n": n, "bytes": b"x" * int(payload.get("size", 0))})
    return {"parts": payload["parts"]}


def count_tools(_payload: Payload, _watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """How often this worker has used one tool."""
    used = tools.get("used", _Counter)
    used.n += 1
    return {"used": used.n}


class _HaltingWatch:
    def __init__(self, watch: Watch, gate: Path) -> None:
        self._watch = watch
        self._gate = gate
        self.log = watch.log
        self.stop_if_cancelled = watch.stop_if_cancelled
        self.emit = watch.emit

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        self._watch.report(fraction, stage, eta_s)
        if fraction > 0 and self._gate.exists():
            self._gate.unlink()
            while True:
                self._watch.stop_if_cancelled()
                time.sleep(POLL_S)


class _Counter:
    def __init__(self) -> None:
        self.n = 0


def _count(payload: Payload) -> int:
    """Which run of this job it is, remembered in the file `counter` beyond deaths."""
    if "counter" not in payload:
        return 1
    path = Path(payload["counter"])
    with path.open("ab") as file:
        file.write(b".")
    return path.stat().st_size
