"""What this machine has and how much of it is in use: processors, memory, NVIDIA GPUs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import psutil

from mediant.errors import NotFound

MEASURE_S = 0.1
"""How long the processors are watched for their load."""


@dataclass(frozen=True, slots=True)
class Processors:
    """The CPU. `usage_percent` is the mean over all cores in the last `MEASURE_S`."""

    usage_percent: float
    count_logical: int
    count_physical: int | None
    frequency_mhz: float | None
    """None where the system does not tell it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory in bytes. `free` is what programs can have, caches given up."""

    total: int
    free: int

    @property
    def used(self) -> int:
        """What programs hold."""
        return self.total - self.free


@dataclass(frozen=True, slots=True)
class Gpu:
    """One NVIDIA GPU; memory in bytes. None is what its driver does not tell."""

    id: int
    name: str
    memory_total: int
    memory_used: int
    memory_free: int
    utilization_percent: int | None


def read_processors() -> Processors:
    """The CPU now. Takes `MEASURE_S`."""
    frequency: Any = psutil.cpu_freq()  # None on some systems, whatever its stub says
    return Processors(
        usage_percent=psutil.cpu_percent(interval=MEASURE_S),
        count_logical=psutil.cpu_count() or 1,
        count_physical=psutil.cpu_count(logical=False),
        frequency_mhz=None if frequency is None else float(frequency.current),
    )


def read_memory() -> Memory:
    """Main memory now."""
    found = psutil.virtual_memory()
    return Memory(found.total, found.available)


def list_gpus() -> list[Gpu]:
    """Every NVIDIA GPU that its driver shows here; none without a driver."""
    with _nvml() as nvml:
        if nvml is None:
            return []
        return [_read_gpu(nvml, number) for number in range(nvml.nvmlDeviceGetCount())]


def read_gpu(gpu_id: int) -> Gpu:
    """One GPU. Raises `NotFound`."""
    found = next((gpu for gpu in list_gpus() if gpu.id == gpu_id), None)
    if found is None:
        raise NotFound("There is no such GPU here.", asset=f"GPU {gpu_id}")
    return found


@contextmanager
def _nvml() -> Iterator[ModuleType | None]:
    """The management library of NVIDIA's driver, or None where there is no driver."""
    import pynvml  # noqa: PLC0415 (few callers need it)

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


def _read_gpu(nvml: ModuleType, number: int) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(number)
    name = nvml.nvmlDeviceGetName(handle)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    try:
        load = int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    except nvml.NVMLError:  # a part of a GPU has no load of its own
        load = None
    return Gpu(number, _text(name), int(memory.total), int(memory.used), int(memory.free), load)


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
