"""A command's way to `/api/v2`: over HTTP to the running server, or to one in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from mediant.cli.answer import PREFIX, Door, drop_none, read_answer
from mediant.cli.options import Options
from mediant.cli.server_file import ServerFile, find_server
from mediant.errors import MediantError
from mediant.kernel.collector import spare_what_stays
from mediant.settings import load_settings

TIMEOUT_S = 60.0


class RemoteDoor:
    """The running server."""

    is_alone = False

    def __init__(self, server: ServerFile) -> None:
        headers = {"Authorization": f"Bearer {server.token}"}
        self._client = httpx2.Client(base_url=server.url, headers=headers, timeout=TIMEOUT_S)
        self.url = server.url

    def call(self, method: str, path: str, *, params: Any = None, body: Any = None) -> Any:
        """See `Door`."""
        try:
            answer = self._client.request(
                method, PREFIX + path, params=drop_none(params), json=body
            )
        except httpx2.TransportError as lost:
            text = f"The server does not answer: {lost}."
            raise RemoteDown(text, asset=self.url, remedy="Is it still running?") from lost
        return read_answer(answer)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class RemoteDown(MediantError):
    """The server does not answer."""

    code = "remote_down"


@contextmanager
def open_door(
    options: Options, *, works: bool = False, mends: bool = False, **overrides: Any
) -> Iterator[Door]:
    """The door for one command. `works`: jobs must run, so a door of our own starts workers.

    `mends`: the command must open although a stored setting makes no sense.
    `overrides` are settings that only matter when the application is made here.
    """
    given = options.overrides(**overrides)
    settings = load_settings(given)
    server = find_server(settings.config_dir)
    if server is not None:
        door = RemoteDoor(server)
        try:
            yield door
        finally:
            door.close()
    else:
        # A whole server is imported only where none runs: beside one, a command is quick.
        with spare_what_stays():
            from mediant.cli.local_door import open_local_door  # noqa: PLC0415 (see above)

        with open_local_door(given, works=works, mends=mends) as local:
            yield local
