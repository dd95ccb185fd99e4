"""A client that asks for the event stream and never reads."""

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

    stall_s = 0.3


@contextmanager
def _serving(app: App) -> Iterator[tuple[Server, int]]:
    """The server in a thread, and its port."""
    made = create_server(app)
    ready = threading.Event()
    server = Server(configure(made, Impatient), made.state.stopping, ready.set)
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
        _serving(app) as (_, port),
        _ask(port, app.access.local_token()) as slow,
    ):
        wait_until(lambda: app.bus.n_listeners == 1)
        slow.settimeout(20)
        app.bus.publish([Event("job.progress", {"text": BIG})] * 50)
        received = b""
        while received.count(b"event: job.progress") < 50:
            received += slow.recv(65536)
        app.queue.pause("kind:tag")
        while b"event: queue.paused" not in received:
            received += slow.recv(65536)
        assert app.bus.n_listeners == 1
