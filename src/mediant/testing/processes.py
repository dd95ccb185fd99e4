"""Processes that tests end, or see end."""

import psutil


def is_alive(process: psutil.Process | int) -> bool:
    """Whether a process, or the one of a pid, has not ended.

    Who has ended may stay as a zombie: not every machine's first process collects orphans.
    """
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return bool(found.is_running() and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
