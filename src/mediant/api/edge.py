"""What happens to every request before it meets a route: address, id, log line, size."""

import logging
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mediant.api.errors import answer_http
from mediant.kernel.clock import monotonic_s
from mediant.kernel.ids import new_uuid

log = logging.getLogger("mediant.access")

SECRET_NAMES = frozenset({"apikey", "api_key", "token", "password", "key"})
"""Query parameters whose value never reaches the log."""

_ID_LIMIT = 64
_KEY_IN_PATH = re.compile(r"^(.*?/provider/).*?(/(?:asr|detect-language|status))?$", re.DOTALL)
"""Programs that can send no headers put their key there."""


class Address:
    """Makes one path of the forms that a client may use.

    Both slash forms are the same resource, without a redirect that would lose a POST's body. The
    base path is taken off whether or not the proxy in front has done so.
    """

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self.app = app
        self.base_path = "/" + base_path.strip("/") if base_path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain path."""
        if scope["type"] in {"http", "websocket"}:
            scope["path"] = self._plain(scope["path"])
            if self.base_path:
                scope["root_path"] = self.base_path
        await self.app(scope, receive, send)

    def _plain(self, path: str) -> str:
        below = path.rstrip("/") or "/"
        return self.base_path + "/" if below == self.base_path else below


class RequestLog:
    """Gives each request an id and writes one line about it; secrets are struck out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time the request and see its status."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["mediant.request_id"] = _request_id(scope)
        began, status = monotonic_s(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            _write_line(scope, status, (monotonic_s() - began) * 1000)


class BodyLimit:
    """Refuses bodies that are too large, in the envelope of the family that was called.

    `most_bytes` is the limit; `find_limit` tells that of a path which has another. A body that
    tells its length is refused before a byte of it is read; the others as soon as they are too
    long.
    """

    def __init__(
        self,
        app: ASGIApp,
        most_bytes: int,
        find_limit: Callable[[str], int | None] = lambda _path: None,
    ) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.find_limit = find_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        most = self.find_limit(path) or self.most_bytes
        told = Headers(scope=scope).get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > most:
            answer = await answer_http(Request(scope), _refusal(most))
            await answer(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _refusal(most)
            return message

        await self.app(scope, count, send)


def _refusal(most_bytes: int) -> HTTPException:
    return HTTPException(413, f"The body is larger than {most_bytes >> 20} MiB.")


def _request_id(scope: Scope) -> str:
    """The proxy's id when it sent a sane one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and len(value) <= _ID_LIMIT:
            text = value.decode("latin-1")
            if text.replace("-", "").replace("_", "").isalnum() and text.isascii():
                return str(text)
    return new_uuid()


def _write_line(scope: Scope, status: int, took_ms: float) -> None:
    if not log.isEnabledFor(logging.INFO):
        return
    query = redact(scope["query_string"].decode("latin-1"))
    target = _printable(hide_key(scope["path"])) + (f"?{query}" if query else "")
    peer = scope["client"][0] if scope.get("client") else "-"
    facts = {
        "method": scope["method"],
        "target": target,
        "status": status,
        "took_ms": round(took_ms, 1),
        "peer": peer,
        "request_id": scope["mediant.request_id"],
    }
    log.info("request", extra=facts)


def _printable(path: str) -> str:
    """A path that can neither begin a line of its own nor command the terminal that shows it."""
    return "".join(one if one.isprintable() else quote(one, errors="replace") for one in path)


def hide_key(path: str) -> str:
    """A path without the key that may stand in it."""
    return _KEY_IN_PATH.sub(r"\1***\2", path)


def redact(query: str) -> str:
    """A query string without the values of secrets."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(n, "***" if n.lower() in SECRET_NAMES else v) for n, v in pairs])
