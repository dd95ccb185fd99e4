"""Clients that do not read, and clients that do not go on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from mediant.api.server import Server, configure, create_server, listen
from mediant.api.stall import PatientProtocol
from mediant.app import App, open_app
from mediant.events.topics import Event
from mediant.testing.dispatching import wait_until

BIG = "x" * 100_000
"""Two hundred of them fill every buffer on the way, and fit into one subscription."""


class Impatient(PatientProtocol):
    """Waits for a moment only."""

    stall_s = head_s = body_s = 0.3


class LessImpatient(PatientProtocol):
    """Waits so long that a busy machine is not taken for a client that stands still."""

    stall_s, body_s = 10.0, 1.0


@contextmanager
def _serving(app: App, protocol: type[PatientProtocol] = Impatient) -> Iterator[tuple[Server, int]]:
    """The server in a thread, and its port."""
    made = create_server(app)
    ready = threading.Event()
    server = Server(configure(made, protocol), made.state.stopping, ready.set)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert ready.wait(20)
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)


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
    with open_app({"config_dir": tmp_path}, works=False) as app, _serving(app) as (server, port):
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
        with httpx2.stream("GET", url, headers=headers, timeout=20) as answer:
            assert "event: queue.paused" in answer.iter_lines()


def test_a_client_that_pauses_and_goes_on_is_kept(tmp_path: Path) -> None:
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, LessImpatient) as (_, port),
        _ask(port, app.access.local_token()) as slow,
    ):
        wait_until(lambda: app.bus.n_listeners == 1)
        slow.settimeout(20)
        app.bus.publish([Event("job.progress", {"text": BIG})] * 50)
        received = b""
        while received.count(b"event: job.progress") < 50:
            received += _receive(slow)
        app.queue.pause("kind:tag")
        while b"event: queue.paused" not in received:
            received += _receive(slow)
        assert app.bus.n_listeners == 1


def _connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(20)
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
    with open_app({"config_dir": tmp_path}, works=False) as app, _serving(app) as (server, port):
        clients = [_connect(port) for _ in beginnings]
        for client, said in zip(clients, beginnings, strict=True):
            client.sendall(said)
        assert [_is_left(client) for client in clients] == [True] * len(clients)
        wait_until(lambda: not server.server_state.connections)
        for client in clients:
            client.close()


def test_a_head_that_comes_byte_by_byte_has_no_more_time(tmp_path: Path) -> None:
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app) as (server, port),
        _connect(port) as slow,
    ):
        wait_until(lambda: bool(server.server_state.connections))
        is_open = True
        while is_open:
            try:
                slow.sendall(b"x")
            except OSError:
                break
            is_open = bool(server.server_state.connections)
        wait_until(lambda: not server.server_state.connections)


def test_a_slow_body_that_moves_is_heard_to_its_end(tmp_path: Path) -> None:
    body = b'{"password": "' + b"x" * 20 + b'"}'
    moved = threading.Event()
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app, LessImpatient) as (_, port),
        _connect(port) as slow,
    ):
        slow.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        for index in range(len(body)):
            moved.wait(0.06)  # in all twice as long as one pause may last
            slow.sendall(body[index : index + 1])
        assert b"No password is set." in slow.recv(65536)


def test_a_connection_that_is_kept_serves_one_request_after_the_other(tmp_path: Path) -> None:
    with (
        open_app({"config_dir": tmp_path}, works=False) as app,
        _serving(app) as (_, port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert [client.get("/health").status_code for _ in range(3)] == [200] * 3
