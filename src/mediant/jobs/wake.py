"""A bell between threads: rung by whoever enqueues, waited for beside the workers' pipes."""

import os


class Wake:
    """A pipe that becomes readable when rung. Ringing is cheap and never blocks."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._is_rung = False

    def __call__(self) -> None:
        """Ring."""
        if self._is_rung:
            return
        self._is_rung = True
        try:
            os.write(self._writer, b"\0")
        except BlockingIOError:
            return

    def fileno(self) -> int:
        """The descriptor that becomes readable."""
        return self._reader

    def clear(self) -> bool:
        """Whether it was rung since the last call."""
        # First the flag: a ring in between is then a second byte, not a lost one.
        was_rung, self._is_rung = self._is_rung, False
        try:
            return bool(os.read(self._reader, 4096)) or was_rung
        except BlockingIOError:
            return was_rung

    def close(self) -> None:
        """Release the pipe. Nobody may ring afterwards."""
        os.close(self._reader)
        os.close(self._writer)
