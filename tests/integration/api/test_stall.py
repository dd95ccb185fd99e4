"""Clients that do not read, and clients that do not go on."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import httpx2

from mediant.api.server import Server, configure, create_server, listen
from mediant.api.stall import PatientProtocol
from mediant.app import App, open_app
from mediant.events.topics import Event
from mediant.testing.waiting import PATIENCE_S, wait_until

BIG = "x" * 100_000
"""Two hundred of them fill every buffer on the way, and fit into one subscription."""


LONG_S = 1000.0
"""No machine is so slow."""


class Patient(PatientProtocol):
    """Takes no busy machine for a client that stands still."""

    stall_s = head_s = body_s = LONG_S


class Unread(Patient):
    """Waits for a moment only until somebody reads."""

    stall_s = 0.3


class Unsaid(Patient):
    """Waits for a moment only until somebody goes on."""

    head_s = body_s = 0.3


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop in which time passes when it is told so, besides what passes anyhow."""

    ahead_s = 0.0

    def time(self) -> float:
        """Seconds."""
        return super().time() + self.ahead_s

    def jump(self, seconds: float) -> None:
        """Let so much time pass."""
        self.ahead_s += seconds


@contextmanager
def _serving(
    app: App, protocol: type[PatientProtocol], loop: asyncio.AbstractEventLoop | None = None
) -> Iterator[tuple[Server, int]]:
    """The server in a thread, and its port."""
    made = create_server(app)
    ready = threading.Event()
    server = Server(configure(made, protocol), made.state.stopping, ready.set)

    def run() -> None:
        with asyncio.Runner(loop_factory=None if loop is None else lambda: loop) as runner:
            runner.run(server.serve([listener]))

    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=run)
        thread.start()
        assert ready.wait(PATIENCE_S)
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)


def _ask(port: int, key: str) -> socket.socket:
    """A connection that has asked for the stream, with little room for what comes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    lines = ["GET /api/v2/events HTTP/1.1", "Host: localhost", f"X-API-Key: {key}", "", ""]
    client.sendall("\r\n".join(lines).encode())
    return client


def _receive(client: socket.socket) -> bytes:
    received = client.recv(65536)
    assert received, "the server has hung up"
    return received


def test_a_client_that_never_reads_is_dropped_and_can_resume(tmp_path: Path) -> None:
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, Unread) as (server, port),
    ):
        token = app.access.local_token()
        with _ask(port, token) as deaf:
            wait_until(lambda: app.bus.n_listeners == 1)
            app.queue.pause("kind:tag")
            for _ in range(200):
                app.bus.publish([Event("job.progress", {"text": BIG})])
            wait_until(lambda: app.bus.n_listeners == 0)
            wait_until(lambda: not server.server_state.connections)
            assert deaf.fileno() >= 0
        headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": "0"}
        url = f"http://127.0.0.1:{port}/api/v2/events"
        with httpx2.stream("GET", url, headers=headers, timeout=PATIENCE_S) as answer:
            assert "event: queue.paused" in answer.iter_lines()


def test_a_client_that_pauses_and_goes_on_is_kept(tmp_path: Path) -> None:
    is_full = threading.Event()

    class Noting(Patient):
        def pause_writing(self) -> None:
            super().pause_writing()
            is_full.set()

    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, Noting) as (_, port),
        _ask(port, app.access.local_token()) as slow,
    ):
        wait_until(lambda: app.bus.n_listeners == 1)
        slow.settimeout(PATIENCE_S)
        app.bus.publish([Event("job.progress", {"text": BIG})] * 50)
        assert is_full.wait(PATIENCE_S)
        with slow.makefile("rb") as stream:
            told = (line for line in stream if line.startswith(b"event: "))
            assert {next(told).strip() for _ in range(50)} == {b"event: job.progress"}
            app.queue.pause("kind:tag")
            assert next(told).strip() == b"event: queue.paused"
        assert app.bus.n_listeners == 1


def _connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(PATIENCE_S)
    return client


def _is_left(client: socket.socket) -> bool:
    """Whether the server hangs up without a word."""
    try:
        return client.recv(65536) == b""
    except ConnectionResetError:
        return True


HEAD = b"POST /api/v2/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_who_never_ends_a_head_or_a_body_is_dropped(tmp_path: Path) -> None:
    beginnings = (
        b"",
        b"GET /health HT",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n",
        HEAD + b"Content-Length: 1000\r\n\r\n",
        HEAD + b'Content-Length: 1000\r\n\r\n{"password',
    )
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, Unsaid) as (server, port),
    ):
        clients = [_connect(port) for _ in beginnings]
        for client, said in zip(clients, beginnings, strict=True):
            client.sendall(said)
        assert [_is_left(client) for client in clients] == [True] * len(clients)
        wait_until(lambda: not server.server_state.connections)
        for client in clients:
            client.close()


@contextmanager
def _speaking(app: App) -> Iterator[tuple[socket.socket, Callable[[bytes, float], None]]]:
    """A client, and how it says something after a while: `say(words, pause_s)`."""

    heard = list[bytes]()

    class Counting(Patient):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            heard.append(data)

    loop = JumpingLoop()
    with _serving(app, Counting, loop) as (server, port), _connect(port) as client:
        wait_until(lambda: server.server_state.connections)

        def say(words: bytes, pause_s: float) -> None:
            loop.ahead_s += pause_s
            wanted = b"".join(heard) + words
            client.sendall(words)
            wait_until(lambda: b"".join(heard) == wanted)

        yield client, say


def test_a_head_that_comes_byte_by_byte_has_no_more_time(tmp_path: Path) -> None:
    with open_app({"config_dir": tmp_path}, works=False) as app, _speaking(app) as (slow, say):
        say(b"G", 0.0)
        for byte in (b"E", b"T", b""):
            say(byte, 0.4 * LONG_S)
        assert _is_left(slow)


def test_a_slow_body_that_moves_is_heard_to_its_end(tmp_path: Path) -> None:
    body = b'{"password": "' + b"x" * 20 + b'"}'
    with open_app({"config_dir": tmp_path}, works=False) as app, _speaking(app) as (slow, say):
        say(HEAD + b"Content-Length: %d\r\n\r\n" % len(body), 0.0)
        for index in range(len(body)):
            say(body[index : index + 1], 0.6 * LONG_S)
        received = b""
        while b"No password is set." not in received:
            received += _receive(slow)


def test_a_connection_that_is_kept_serves_one_request_after_the_other(tmp_path: Path) -> None:
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, Patient) as (_, port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert [client.get("/health").status_code for _ in range(3)] == [200] * 3


def test_an_idle_connection_is_kept_for_its_next_question(tmp_path: Path) -> None:
    loop = JumpingLoop()
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, Patient, loop) as (server, port),
    ):
        assert server.config.timeout_keep_alive > 60
        server.config.timeout_keep_alive = int(3 * LONG_S)
        client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        client.connect()
        first = client.sock
        for _ in range(2):
            client.request("GET", "/health")
            assert client.getresponse().read()
            assert client.sock is first
            loop.call_soon_threadsafe(loop.jump, 2 * LONG_S)
        loop.call_soon_threadsafe(loop.jump, 2 * LONG_S)
        assert _is_left(client.sock)
        client.close()
