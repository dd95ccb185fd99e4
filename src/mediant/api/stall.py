"""Clients that stand still: they ask and do not read, or begin to ask and do not go on."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

STALL_S = 30.0
HEAD_S = 30.0
BODY_S = 60.0


class PatientProtocol(H11Protocol):
    """Hangs up on a client with which nothing goes on any more.

    It has `head_s` seconds to send a whole head, from the connection or a later head's first byte,
    and may pause for `body_s` seconds within a body, however long that takes in all. It has to take
    something of what is written for it within `stall_s` seconds. Without these limits each such
    client keeps a connection, an open file and perhaps a request for as long as it likes.

    At most one buffer of uvicorn (64 KiB and the last chunk) waits for a client. Nothing else
    frees it: the keepalive timeout does not count while an answer is under way, and closing a
    connection politely waits until the client has read.
    """

    stall_s = STALL_S
    head_s = HEAD_S
    body_s = BODY_S
    _stall: asyncio.TimerHandle | None = None
    _silence: asyncio.TimerHandle | None = None
    _awaits_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._watch_client()

    def data_received(self, data: bytes) -> None:
        """The client goes on."""
        super().data_received(data)
        self._watch_client()

    def on_response_complete(self) -> None:
        """The client is answered. It owes nothing until it begins to ask again, which it may have
        done already: how long an idle connection is kept is uvicorn's to count."""
        super().on_response_complete()
        self._forget_silence()
        if self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]:
            self._watch_client()

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
        self._forget_silence()
        super().connection_lost(exc)

    def _watch_client(self) -> None:
        """Count from now on what the client owes: the rest of a head, the next bytes of a body."""
        state = self.conn.their_state
        if state is h11.IDLE:
            # Bytes of a head that come one by one do not make its time longer.
            if self._silence is None or not self._awaits_head:
                self._expect(self.head_s, head=True)
        elif state is h11.SEND_BODY:
            self._expect(self.body_s, head=False)
        else:
            self._forget_silence()

    def _expect(self, within_s: float, *, head: bool) -> None:
        self._forget_silence()
        self._awaits_head = head
        self._silence = self.loop.call_later(within_s, self._give_up)

    def _give_up(self) -> None:
        self._silence = None
        is_our_turn = self.flow.read_paused or self.conn.they_are_waiting_for_100_continue
        if not self._awaits_head and is_our_turn:
            self._expect(self.body_s, head=False)
        elif not self.transport.is_closing():
            self.transport.abort()

    def _forget_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _forget_silence(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
