"""A command's way to `/api/v2`: over HTTP to the running server, or to one in this process."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal

from mediant import errors
from mediant.api.server import create_server
from mediant.app import App, open_app
from mediant.cli.options import Options
from mediant.cli.server_file import ServerFile, find_server
from mediant.settings import Settings, load_settings

PREFIX = "/api/v2"
TIMEOUT_S = 60.0


class Door(Protocol):
    """Calls of `/api/v2`; the answer's JSON, or a `MediantError`."""

    def call(self, method: str, path: str, *, params: Any = None, body: Any = None) -> Any:
        """One call. `path` starts behind `/api/v2`; None values in `params` are left out."""
        ...


class RemoteDoor:
    """The running server."""

    def __init__(self, server: ServerFile) -> None:
        headers = {"Authorization": f"Bearer {server.token}"}
        self._client = httpx2.Client(base_url=server.url, headers=headers, timeout=TIMEOUT_S)
        self.url = server.url

    def call(self, method: str, path: str, *, params: Any = None, body: Any = None) -> Any:
        """See `Door`."""
        try:
            answer = self._client.request(method, PREFIX + path, params=_given(params), json=body)
        except httpx2.TransportError as lost:
            text = f"The server does not answer: {lost}."
            raise RemoteDown(text, asset=self.url, remedy="Is it still running?") from lost
        return _read(answer)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class LocalDoor:
    """A server made in this process, called without a socket."""

    def __init__(self, app: App, portal: BlockingPortal) -> None:
        transport = httpx2.ASGITransport(create_server(app))
        headers = {"Authorization": f"Bearer {app.access.local_token()}"}
        self._client = httpx2.AsyncClient(
            base_url="http://localhost", transport=transport, headers=headers, timeout=None
        )
        self._portal = portal

    def call(self, method: str, path: str, *, params: Any = None, body: Any = None) -> Any:
        """See `Door`."""

        async def send() -> httpx2.Response:
            return await self._client.request(
                method, PREFIX + path, params=_given(params), json=body
            )

        return _read(self._portal.call(send))


class RemoteDown(errors.MediantError):
    """The server does not answer."""

    code = "remote_down"


def _given(params: Any) -> Any:
    return {name: value for name, value in (params or {}).items() if value is not None}


def _read(answer: httpx2.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    error = errors.MediantError(
        problem.get("detail") or f"The server answered {answer.status_code}.",
        asset=problem.get("asset"),
        remedy=problem.get("remedy"),
    )
    error.code = problem.get("code", "error")
    raise error


@contextmanager
def open_door(options: Options, *, works: bool = False, **overrides: Any) -> Iterator[Door]:
    """The door for one command. `works`: jobs must run, so a door of our own starts workers.

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
        with _in_process(settings, given, works) as local:
            yield local


@contextmanager
def _in_process(
    settings: Settings, overrides: Mapping[str, Any], works: bool
) -> Iterator[LocalDoor]:
    with ExitStack() as stack:
        app = stack.enter_context(open_app(settings, overrides, works=works))
        portal = stack.enter_context(start_blocking_portal())
        yield LocalDoor(app, portal)
