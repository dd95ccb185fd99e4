"""How much memory this process holds on a GPU."""

import os


def read_vram_mb(place: str) -> int | None:
    """MiB on `cuda:N`, as NVIDIA's driver tells; None elsewhere, and where it does not tell."""
    kind, _, number = place.partition(":")
    if kind != "cuda":
        return None
    import pynvml  # noqa: PLC0415 (only with a GPU)

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(int(number or 0))
        mine = [
            process.usedGpuMemory
            for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
            if process.pid == os.getpid() and process.usedGpuMemory
        ]
        return sum(mine) // (1 << 20) if mine else None
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()
