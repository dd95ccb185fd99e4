"""The child of a sandbox: takes limits on itself, then runs one named function at a time.

Started as `python -m mediant.jobs.sandbox_child FD PARENT_PID MEMORY_BYTES`.
"""

import ctypes
import errno
import importlib
import math
import os
import resource
import signal
import socket
import sys
import time
import traceback
from types import GeneratorType
from typing import Any

from mediant.errors import MediantError
from mediant.jobs import sandbox_wire as wire
from mediant.kernel.telemetry import silence_libraries

LIBRARY_CODE_BYTES = 512 << 20
"""Room for mapped program code, which is address space but not memory of the child."""

LARGEST_FILE_BYTES = 1 << 20
"""What the child may write into any one file; its messages go through a socket."""

_LOADER_WANTS_MEMORY = ("failed to map segment", "cannot allocate memory", "Out of memory")
"""How glibc (elf/dl-load.c, elf/dl-tls.c) and musl say that a library found no room: with an
ImportError that has no errno."""

_PR_SET_PDEATHSIG = 1
_LINE_BUFFER_BYTES = 4 << 20


def main(arguments: list[str]) -> None:
    """Serve calls until the parent closes the line or dies."""
    silence_libraries()
    descriptor, parent, memory_bytes = (int(text) for text in arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    _limit_memory(memory_bytes)
    try:
        _serve(descriptor)
    except MemoryError:  # not even enough to say so over the line
        sys.exit(wire.NO_MEMORY_STATUS)


def _serve(descriptor: int) -> None:
    with socket.socket(fileno=descriptor) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LINE_BUFFER_BYTES)
        while (message := wire.receive(line)) is not None:
            _answer(line, message[1])


def _die_with(parent: int) -> None:
    """Ask Linux to kill us when the parent ends; it may have ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def _limit_memory(memory_bytes: int) -> None:
    """Limit private memory by RLIMIT_DATA, shared mappings too by RLIMIT_AS; no core files."""
    limits = {
        resource.RLIMIT_DATA: memory_bytes,
        resource.RLIMIT_AS: memory_bytes + LIBRARY_CODE_BYTES,
        resource.RLIMIT_FSIZE: LARGEST_FILE_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, (limit, limit))


def _limit_cpu(seconds: float) -> None:
    """Allow so much CPU time from now on: the limit counts from the start of the process."""
    soft = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answer(line: socket.socket, request: Any) -> None:
    function, arguments, cpu_s = request
    _limit_cpu(cpu_s)
    try:
        result = _find(function)(*arguments)
        if isinstance(result, GeneratorType):
            for part in result:
                wire.send(line, wire.BYTES if _is_raw(part) else wire.VALUE, part)
            result = None
        wire.send(line, wire.DONE, result)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 (the parent learns what it was)
        if _is_want_of_memory(error):
            wire.send(line, wire.NO_MEMORY, None)
        else:
            wire.send(line, wire.FAILED, _describe(error))


def _is_want_of_memory(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, ImportError):
        return any(words in str(error) for words in _LOADER_WANTS_MEMORY)
    return isinstance(error, MemoryError)


def _is_raw(part: Any) -> bool:
    return isinstance(part, bytes | bytearray | memoryview)


def _find(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)


def _describe(error: Exception) -> dict[str, Any]:
    if isinstance(error, MediantError):
        return {
            "error": type(error).__name__,
            "code": error.code,
            "text": error.text,
            "asset": error.asset,
            "remedy": error.remedy,
            "transient": bool(getattr(error, "transient", False)),
        }
    text = "".join(traceback.format_exception_only(error)).strip()
    return {"error": None, "text": text, "trace": traceback.format_exc()[-4000:]}


if __name__ == "__main__":
    main(sys.argv[1:])
