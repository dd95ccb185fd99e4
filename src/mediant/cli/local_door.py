"""A door to a server that is made in this process and called without a socket."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal

from mediant.api.v2.face import create_face
from mediant.app import App, open_app
from mediant.cli.answer import PREFIX, drop_none, read_answer


class LocalDoor:
    """A server made in this process, called without a socket."""

    is_alone = True

    def __init__(self, app: App, portal: BlockingPortal) -> None:
        transport = httpx2.ASGITransport(create_face(app))
        headers = {"Authorization": f"Bearer {app.access.local_token()}"}
        self._client = httpx2.AsyncClient(
            base_url="http://localhost", transport=transport, headers=headers, timeout=None
        )
        self._portal = portal

    def call(self, method: str, path: str, *, params: Any = None, body: Any = None) -> Any:
        """See `Door`."""

        async def send() -> httpx2.Response:
            return await self._client.request(
                method, PREFIX + path, params=drop_none(params), json=body
            )

        return read_answer(self._portal.call(send))


@contextmanager
def open_local_door(
    overrides: Mapping[str, Any], *, works: bool, mends: bool = False
) -> Iterator[LocalDoor]:
    """The door into an application that lives as long as the block; see `open_app`."""
    with ExitStack() as stack:
        app = stack.enter_context(open_app(overrides, works=works, mends=mends))
        portal = stack.enter_context(start_blocking_portal())
        yield LocalDoor(app, portal)
