"""The workers that recognise speech: how many there shall be, and what each is at."""

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mediant.errors import Invalid, NotFound
from mediant.jobs.crew import WorkerInfo, WorkerState
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.lane import LaneWish
from mediant.kernel.clock import monotonic_s, now_s
from mediant.settings.subtitles import SubtitlesSettings

SPEECH, DETECT = "speech", "detect"
CLEAR_S = 10.0
"""With `clear_vram_on_complete`: so long after its last job a worker gives its memory back."""
POLL_S = 0.05
SLACK_S = 10.0
"""A worker that was killed is gone within this."""

_NUMBER = re.compile(r"-(\d+)$")

State = Literal["idle", "busy", "stopped", "error"]
_STATES: Mapping[WorkerState, State] = {
    WorkerState.STARTING: "idle",
    WorkerState.IDLE: "idle",
    WorkerState.BUSY: "busy",
    WorkerState.LEAVING: "stopped",
    WorkerState.ERROR: "error",
}


def wish_lanes(settings: SubtitlesSettings) -> dict[str, LaneWish]:
    """How the lanes of speech shall be staffed by these settings. Pure."""
    rest_s = _rest_s(settings)
    check_s = float(settings.worker_healthcheck_interval)
    speech = LaneWish(
        devices=_devices(settings),
        running=settings.concurrent_transcriptions,
        is_lazy=True,
        rest_s=rest_s,
        restarts=settings.worker_auto_restart,
        check_s=check_s,
    )
    # The provider's short questions have a seat of their own; `transcribe_device` says where.
    detect = LaneWish(devices=(None,), is_lazy=True, rest_s=rest_s, check_s=check_s)
    return {SPEECH: speech, DETECT: detect}


def _devices(settings: SubtitlesSettings) -> tuple[str | None, ...]:
    cpu, gpu = settings.worker_cpu_count, settings.worker_gpu_count
    if not cpu and not gpu:
        count = settings.worker_auto_start_count
        cpu, gpu = (0, count) if settings.worker_auto_start_type == "gpu" else (count, 0)
    return (*(f"cuda:{number}" for number in range(gpu)), *(None for _ in range(cpu)))


def _rest_s(settings: SubtitlesSettings) -> float | None:
    idle_s = settings.model_idle_s or None
    if not settings.clear_vram_on_complete:
        return idle_s
    return CLEAR_S if idle_s is None else min(CLEAR_S, idle_s)


@dataclass(frozen=True, slots=True)
class SpeechWorker:
    """One worker of the lane `speech`."""

    name: str
    number: int
    """From 1, apart for CPU and GPU."""
    is_gpu: bool
    device: str | None
    device_id: int | None
    state: State
    fault: str | None
    """Why it gets no process."""
    job_id: int | None
    done: int
    failed: int
    uptime_s: float
    """Since its process started, or it was added."""
    pid: int | None
    """None while it sleeps: its process starts with its next job."""


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """All of them in numbers."""

    total: int
    cpu: int
    gpu: int
    idle: int
    busy: int
    stopped: int
    error: int
    done: int
    failed: int
    uptime_s: float
    """Of the one that has been there longest."""
    is_running: bool
    """Whether any of them can take a job."""


class SpeechWorkers:
    """Looks at them and changes their number while the server runs."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def list_workers(self) -> list[SpeechWorker]:
        """All of them, CPU first, by number."""
        infos = [one for one in self._dispatcher.list_workers() if one.lane == SPEECH]
        return sorted(map(_to_worker, infos), key=lambda one: (one.is_gpu, one.number))

    def get_worker(self, name: str) -> SpeechWorker:
        """One of them; NotFound."""
        for worker in self.list_workers():
            if worker.name == name:
                return worker
        raise NotFound("There is no such worker.", asset=name)

    def add(self, *, is_gpu: bool = False, device_id: int | None = None) -> SpeechWorker:
        """One more. On a GPU that is not there it stays in `error`, and its `fault` says why.

        Invalid for a GPU worker without the number of its GPU, and for a negative one.
        """
        if is_gpu and device_id is None:
            raise Invalid("A GPU worker needs the number of its GPU.", asset="device_id")
        if device_id is not None and device_id < 0:
            raise Invalid("GPUs count from 0.", asset="device_id")
        device = f"cuda:{device_id}" if is_gpu else None
        return self.get_worker(self._dispatcher.add_worker(SPEECH, device))

    def remove(self, name: str, timeout_s: float = 30.0) -> None:
        """Let it end its job within `timeout_s`, else kill it and queue the job again. NotFound.

        Returns when it is gone.
        """
        self.get_worker(name)
        self._remove([name], timeout_s)

    def start(self, cpu: int, gpu: int) -> tuple[int, int]:
        """Bring them up to at least so many, and replace those that are down; never remove one.

        The numbers of those (CPU, GPU) that can work now.
        """
        self._remove([one.name for one in self.list_workers() if one.state == "error"], 0.0)
        there = self._able()
        for _ in range(cpu - sum(not one.is_gpu for one in there)):
            self.add()
        taken = {one.device_id for one in there if one.is_gpu}
        free = (number for number in range(gpu + len(taken)) if number not in taken)
        for _, number in zip(range(gpu - len(taken)), free, strict=False):
            self.add(is_gpu=True, device_id=number)
        able = self._able()
        n_gpu = sum(one.is_gpu for one in able)
        return len(able) - n_gpu, n_gpu

    def stop(self, timeout_s: float = 30.0) -> None:
        """Remove all of them, at the same time."""
        self._remove([one.name for one in self.list_workers()], timeout_s)

    def stats(self) -> WorkerStats:
        """All of them in numbers."""
        workers = self.list_workers()
        n_gpu = sum(one.is_gpu for one in workers)
        states = [one.state for one in workers]
        return WorkerStats(
            total=len(workers),
            cpu=len(workers) - n_gpu,
            gpu=n_gpu,
            idle=states.count("idle"),
            busy=states.count("busy"),
            stopped=states.count("stopped"),
            error=states.count("error"),
            done=sum(one.done for one in workers),
            failed=sum(one.failed for one in workers),
            uptime_s=max((one.uptime_s for one in workers), default=0.0),
            is_running=any(state in ("idle", "busy") for state in states),
        )

    def _able(self) -> Sequence[SpeechWorker]:
        return [one for one in self.list_workers() if one.state in ("idle", "busy")]

    def _remove(self, names: Collection[str], timeout_s: float) -> None:
        for name in names:
            self._dispatcher.remove_worker(name, timeout_s)
        _wait_until(lambda: not set(names) & self._names(), timeout_s + SLACK_S)

    def _names(self) -> set[str]:
        return {one.name for one in self._dispatcher.list_workers()}


def _wait_until(is_so: Callable[[], bool], timeout_s: float) -> None:
    deadline = monotonic_s() + timeout_s
    while not is_so() and monotonic_s() < deadline:
        time.sleep(POLL_S)


def _to_worker(info: WorkerInfo) -> SpeechWorker:
    _, _, device_id = (info.device or "").partition(":")
    number = _NUMBER.search(info.name)
    return SpeechWorker(
        name=info.name,
        number=int(number.group(1)) if number else 0,
        is_gpu=info.device is not None,
        device=info.device,
        device_id=int(device_id) if device_id else None,
        state=_STATES[info.state],
        fault=info.fault,
        job_id=info.job_id,
        done=info.done,
        failed=info.failed,
        uptime_s=max(0.0, now_s() - info.started_at),
        pid=info.pid,
    )
