"""A killable child process under limits that runs one named function at a time.

For code that reads files of strangers: what it breaks is 20-60 MB of child, not the worker with
its models. The child takes its limits on itself before it imports anything (`sandbox_child`).
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any, Literal, Self

from mediant import errors
from mediant.errors import MediantError
from mediant.jobs import sandbox_wire as wire
from mediant.kernel.clock import monotonic_s

Death = Literal["crash", "timeout", "memory"]

_STOP_WAIT_S = 0.5
_DEATH_WAIT_S = 30.0
"""A dying child lets go of its line first; on a busy machine its end takes a while."""
_LAST_WORDS_BYTES = 2000
_LINE_BUFFER_BYTES = 4 << 20


class SandboxDied(MediantError):
    """The child process did not survive this call."""

    code = "sandbox_died"

    def __init__(self, kind: Death, text: str) -> None:
        """`kind` is `crash`, `timeout` or `memory`; `text` says what happened."""
        super().__init__(text)
        self.kind: Death = kind


class SandboxRaised(MediantError):
    """The function in the sandbox raised an error that is not one of Mediant's."""

    code = "sandbox_raised"

    def __init__(self, text: str, trace: str) -> None:
        """`text` is the error as Python words it, `trace` the child's traceback."""
        super().__init__(text)
        self.trace = trace


class Sandbox:
    """One persistent child process, replaced when it dies.

    - `memory_bytes` limits the child's private memory (heap, stacks, anonymous mappings) by
      RLIMIT_DATA; RLIMIT_AS at 512 MiB above it bounds shared mappings and leaves room for
      mapped code. An interpreter with FFmpeg, numpy and soxr loaded uses some 75 MB of it.
    - `timeout_s` limits each call: wall time by the parent, CPU time by RLIMIT_CPU, so that a
      child ends even when its parent is stopped.
    - The child dies with the *thread* that started it (Linux's parent-death signal): use a
      sandbox from the thread that lives as long as it. A child lost while idle is replaced.
    - Calls from several threads run one after the other.
    """

    def __init__(self, *, memory_bytes: int, timeout_s: float) -> None:
        """Start the child; it is ready when its first call is answered."""
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._start()

    @property
    def pid(self) -> int:
        """Process id of the present child."""
        return self._process.pid

    def call(self, function: str, *args: Any, on_part: Callable[[Any], None] | None = None) -> Any:
        """Run `"module:function"` in the child and return what it returns.

        Arguments and results are values of msgpack (None, bool, int, float, str, bytes, list,
        dict). When the function is a generator, each value that it yields goes to `on_part`
        while it runs (bytes-like ones as bytearray, at most 64 MiB each, uncopied) and the
        result is None. Whatever `on_part` raises ends the call and replaces the child.

        Raises SandboxDied when the child crashed or passed a limit, the error itself when the
        function raised one of `mediant.errors`, and SandboxRaised for any other.
        """
        with self._turn:
            if self._process.poll() is not None:
                self._restart()
            try:
                return self._run([function, args, self._timeout_s], on_part)
            except BaseException as error:
                if self._is_busy or isinstance(error, SandboxDied):
                    self._restart()
                raise

    def close(self) -> None:
        """End the child: by closing its line, and by SIGKILL when it does not go."""
        self._line.close()
        try:
            self._process.wait(_STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()

    def __enter__(self) -> Self:
        """The sandbox itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _start(self) -> None:
        self._is_busy = False
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the child)
        self._line, theirs = socket.socketpair()
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LINE_BUFFER_BYTES)
        arguments = [str(theirs.fileno()), str(os.getpid()), str(self._memory_bytes)]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mediant.jobs.sandbox_child", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self._words,
                stderr=self._words,
                pass_fds=[theirs.fileno()],
                env=_environment(),
            )

    def _restart(self) -> None:
        self._process.kill()
        self._process.wait()
        self._line.close()
        self._words.close()
        self._start()

    def _run(self, request: list[Any], on_part: Callable[[Any], None] | None) -> Any:
        deadline = monotonic_s() + self._timeout_s
        self._words.seek(0)
        self._words.truncate()
        self._is_busy = True
        kind, value = self._exchange(request, deadline)
        while kind in (wire.VALUE, wire.BYTES):
            if on_part is not None:
                on_part(value)
            kind, value = self._exchange(None, deadline)
        self._is_busy = False
        if kind == wire.NO_MEMORY:
            raise self._out_of_memory()
        if kind == wire.FAILED:
            raise _rebuild(value)
        return value

    def _exchange(self, request: list[Any] | None, deadline: float) -> tuple[int, Any]:
        """Send a request, if any, and wait for the child's next message."""

        def tick() -> None:
            left_s = deadline - monotonic_s()
            if left_s <= 0:  # a child that never stops talking is never waited for
                raise TimeoutError
            self._line.settimeout(left_s)

        try:
            tick()
            if request is not None:
                wire.send(self._line, wire.CALL, request)
            message = wire.receive(self._line, tick)
        except TimeoutError:
            raise SandboxDied("timeout", f"It took longer than {self._timeout_s:g} s.") from None
        except ConnectionError:
            message = None
        except ValueError as error:
            raise SandboxDied("crash", f"It sent nonsense: {error}.") from None
        if message is None:
            raise self._obituary()
        return message

    def _obituary(self) -> SandboxDied:
        """Why a child that closed its line is dead."""
        try:
            status = self._process.wait(_DEATH_WAIT_S)
        except subprocess.TimeoutExpired:
            return SandboxDied("crash", "It closed its line and went on.")
        if status == -signal.SIGXCPU:
            return SandboxDied("timeout", f"It used more than {self._timeout_s:g} s of CPU time.")
        if status == wire.NO_MEMORY_STATUS:
            return self._out_of_memory()
        if status < 0:
            return SandboxDied("crash", f"It died of {signal.Signals(-status).name}.")
        return SandboxDied("crash", f"It ended with status {status}. {self._last_words()}".strip())

    def _out_of_memory(self) -> SandboxDied:
        return SandboxDied("memory", f"It needed more than {self._memory_bytes >> 20} MiB.")

    def _last_words(self) -> str:
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, size - _LAST_WORDS_BYTES))
        return self._words.read().decode(errors="replace").strip()


def _environment() -> dict[str, str]:
    """Ours without Mediant's own variables, which hold secrets; the same modules are found."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MEDIANT_")}
    path = os.pathsep.join(part for part in sys.path if part)
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": path}


def _rebuild(told: dict[str, Any]) -> MediantError:
    """The error that the child described."""
    kind = getattr(errors, str(told["error"]), None)
    if kind is None:
        return SandboxRaised(told["text"], told["trace"])
    about = {"asset": told["asset"], "remedy": told["remedy"]}
    if kind is errors.MediaError:
        return errors.MediaError(
            told["code"], told["text"], **about, transient=bool(told["transient"])
        )
    rebuilt: MediantError = kind(told["text"], **about)
    return rebuilt
