"""A real server in a process of its own, for tests that speak HTTP to it."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

KEY = "a-key-for-tests-0123456789"
PASSWORD = "a password for tests"  # noqa: S105 (of a server that lives as long as a test)
START_S = 180.0
"""A busy machine starts a server in a minute. Only what fails waits so long."""
STOP_S = 60.0
POLL_S = 0.05
LOCK_S = 120.0
"""The server writes, too: its turn is waited for."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The server, and what a client needs to call it."""

    url: str
    config_dir: Path
    process: "subprocess.Popen[bytes]"
    key: str = KEY
    password: str = PASSWORD

    def client(self, key: str | None = KEY) -> httpx2.Client:
        """A client with this key, or without any."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=START_S)

    def log(self) -> str:
        """What the server wrote so far."""
        return (self.config_dir / "server.log").read_text()

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Its SQLite database; what the block wrote is committed at its end."""
        path = self.config_dir / "mediant.db"
        with closing(sqlite3.connect(path, timeout=LOCK_S)) as connection:
            yield connection
            connection.commit()

    def stop(self) -> int:
        """Ask it to stop, and wait; its exit code."""
        self.process.terminate()
        return self.process.wait(STOP_S)


@contextmanager
def running_server(
    config_dir: Path, environ: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
) -> Iterator[RunningServer]:
    """`mediant serve ARGUMENTS` on a free port, until the end of the block.

    `environ` adds settings. The log of a former server on the same folder goes on.
    """
    config_dir.mkdir(parents=True, exist_ok=True)
    own = {
        "MEDIANT_CONFIG_DIR": str(config_dir),
        "MEDIANT_PORT": "0",
        "MEDIANT_API_KEY": KEY,
        "MEDIANT_ADMIN_PASSWORD": PASSWORD,
        "MEDIANT_JOBS__CPU_WORKERS": "1",
    }
    command = [sys.executable, "-m", "mediant", "serve", *arguments]
    with (config_dir / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **own, **(environ or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield RunningServer(_wait_for_url(config_dir, process), config_dir, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(STOP_S)


def _wait_for_url(config_dir: Path, process: "subprocess.Popen[bytes]") -> str:
    """The address from the file that the server writes once it answers."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            found = json.loads((config_dir / "server.json").read_text())
        except (OSError, ValueError):
            time.sleep(POLL_S)
            continue
        if found["pid"] == process.pid:
            return str(found["url"])
        time.sleep(POLL_S)
    log = (config_dir / "server.log").read_text()
    raise RuntimeError(f"The server did not start (exit code {process.poll()}):\n{log}")
