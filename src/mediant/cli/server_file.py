"""`server.json`: how a command finds the server that runs on its configuration folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from mediant.kernel.flush import replace

NAME = "server.json"
SAME_S = 60.0
"""The system's clock may be set while a process runs, which moves its time of birth."""


@dataclass(frozen=True, slots=True)
class ServerFile:
    """Address of a running server, a token for this machine's user, and its process.

    `born_at`: when the process began, in epoch seconds, because ids are given anew.
    """

    url: str
    token: str
    pid: int
    born_at: float


def write_server_file(config_dir: Path, server: ServerFile) -> Path:
    """Write the file, readable by its owner only, in one step."""
    path = config_dir / NAME
    replace(path, json.dumps(asdict(server)).encode(), mode=0o600)
    return path


def find_server(config_dir: Path) -> ServerFile | None:
    """The server that runs on this folder; None when there is none, or only a dead one's file."""
    try:
        server = ServerFile(**json.loads((config_dir / NAME).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return server if _is_running(server) else None


def describe_self(url: str, token: str) -> ServerFile:
    """What this very process writes."""
    me = psutil.Process()
    return ServerFile(url=url, token=token, pid=me.pid, born_at=me.create_time())


def _is_running(server: ServerFile) -> bool:
    try:
        process = psutil.Process(server.pid)
        is_same = abs(process.create_time() - server.born_at) < SAME_S
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def remove_server_file(config_dir: Path, pid: int) -> None:
    """Remove the file if it is still this process's own."""
    server = find_server(config_dir)
    if server is not None and server.pid == pid:
        (config_dir / NAME).unlink(missing_ok=True)
