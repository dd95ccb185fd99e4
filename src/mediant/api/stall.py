"""Clients that ask and do not read."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

STALL_S = 30.0


class PatientProtocol(H11Protocol):
    """Hangs up on a client that takes nothing of what is written for it for `stall_s` seconds.

    At most one buffer of uvicorn (64 KiB and the last chunk) waits for a client. Nothing else
    frees it: the keepalive timeout does not count while an answer is under way, and closing a
    connection politely waits until the client has read.
    """

    stall_s = STALL_S
    _stall: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The buffer is full."""
        super().pause_writing()
        if self._stall is None:
            self._stall = self.loop.call_later(self.stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        self._forget_stall()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, or was left."""
        self._forget_stall()
        super().connection_lost(exc)

    def _forget_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
