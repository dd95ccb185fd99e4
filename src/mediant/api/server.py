"""The server: one FastAPI application over one `App`, and the process that serves it."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from mediant import __version__
from mediant.api import root
from mediant.api.edge import Address, BodyLimit, RequestLog
from mediant.api.errors import EdgeRoute, add_handlers
from mediant.api.families.bazarr import routes as bazarr_routes
from mediant.api.families.bazarr.calls import describe_version
from mediant.api.families.bazarr.family import PATHS as BAZARR_PATHS
from mediant.api.families.bazarr.family import TextRoute
from mediant.api.families.nomarr_v1 import routes as nomarr_v1_routes
from mediant.api.families.nomarr_web import routes as nomarr_web_routes
from mediant.api.families.nomarr_web.feed import Feed
from mediant.api.families.openai import routes as openai_routes
from mediant.api.families.openai.family import PREFIX as OPENAI_PREFIX
from mediant.api.families.openai.family import OpenAiRoute
from mediant.api.families.sound_door import MOST_BYTES as MOST_SOUND
from mediant.api.families.transcriptorio import routes as transcriptorio_routes
from mediant.api.restart import offer_restart
from mediant.api.stall import PatientProtocol
from mediant.api.v2.face import create_face
from mediant.api.v2.hooks import batch, emby, jellyfin, lidarr, plex, radarr, sonarr, tautulli
from mediant.api.v2.problem import PREFIX, Problem, V2Route
from mediant.app import App
from mediant.errors import NotFound, Refused

log = logging.getLogger(__name__)

VIDEO_HOOKS = (plex, jellyfin, emby, tautulli, sonarr, radarr, batch)
FAMILIES: dict[str, APIRouter] = {
    "nomarr-v1": nomarr_v1_routes.router,
    "nomarr-web": nomarr_web_routes.router,
    "transcriptorio": transcriptorio_routes.router,
    "bazarr": bazarr_routes.router,
    "openai": openai_routes.router,
}
ROUTE_CLASSES: dict[str, type[EdgeRoute]] = {
    PREFIX: V2Route,
    OPENAI_PREFIX: OpenAiRoute,
    **dict.fromkeys(BAZARR_PATHS, TextRoute),
}
"""Beginnings of paths whose errors have a form of their own even where no route takes them."""
MAX_BODY = 4 * 1024 * 1024
BACKLOG = 2048
KEEP_ALIVE_S = 75
"""An idle connection is kept for longer than clients and proxies keep it (httpx 5 s, nginx 60 s):
one that asks just when we hang up is reset."""
DRAIN_S = 5
"""Open requests get so long to end when the server stops."""


def create_server(app: App) -> FastAPI:
    """The HTTP face of an application that is already open. It does not close it."""
    server = create_face(app)
    server.state.nomarr_web_feed = Feed(app, server.state.stopping)
    server.state.describe = describe_family
    server.state.speech_version = describe_version()
    for door in (lidarr, *VIDEO_HOOKS):
        server.include_router(door.router)
    for router in FAMILIES.values():
        server.include_router(router, include_in_schema=False)
    for hook in VIDEO_HOOKS:
        server.include_router(hook.short, include_in_schema=False)
    server.include_router(root.router)
    add_handlers(server, ROUTE_CLASSES)
    server.add_middleware(BodyLimit, most_bytes=MAX_BODY, find_limit=_find_limit)
    server.add_middleware(RequestLog)
    server.add_middleware(Address, base_path=app.settings.base_path)
    _complete_document(server)
    return server


def _find_limit(path: str) -> int | None:
    """Sound may be larger than everything else."""
    return MOST_SOUND if path.startswith((*BAZARR_PATHS, OPENAI_PREFIX)) else None


def _complete_document(server: FastAPI) -> None:
    """Add to the OpenAPI document what no route mentions: the error body, the credentials."""
    make = server.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {}).setdefault("Problem", Problem.model_json_schema())
        parts["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"key": []}, {"header": []}]
        return document

    server.openapi = openapi  # type: ignore[method-assign]


def describe_family(family: str) -> dict[str, Any]:
    """The OpenAPI document of one family. Raises `NotFound`."""
    router = FAMILIES.get(family)
    if router is None:
        raise NotFound("There is no such API family.", asset=family)
    return get_openapi(title=family, version=__version__, routes=router.routes)


class Server(uvicorn.Server):
    """uvicorn that says when it is ready, ends its streams first and leaves signals to others.

    uvicorn raises a caught signal again after its shutdown, which would end the process before
    the application is closed.
    """

    def __init__(
        self, config: uvicorn.Config, stopping: asyncio.Event, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._on_ready = on_ready
        self.was_interrupted = False
        """Whether a signal ended it: then it stays ended, even if a restart was asked for."""

    def end(self) -> None:
        """Stop in order, soon."""
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        self.was_interrupted = True
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams and waits, then drain."""
        self._stopping.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM, for as long as the server runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises `Refused` with the cause."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small answers at once only then.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as failed:
        listener.close()
        text = f"The server cannot listen here: {failed.strerror or failed}."
        remedy = (
            "Choose another address: `mediant serve --host H --port N`, the settings host and "
            "port, or `make run PORT=N`."
        )
        raise Refused(text, asset=f"{host}:{port}", remedy=remedy) from failed
    return listener


def url_of(listener: socket.socket, base_path: str = "") -> str:
    """The address that a browser on this machine uses."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    name = f"[{host}]" if ":" in host else host
    prefix = base_path.strip("/")
    return f"http://{name}:{port}" + (f"/{prefix}" if prefix else "")


def serve(app: App, host: str, port: int, on_ready: Callable[[str], None]) -> bool:
    """Serve until SIGINT or SIGTERM, or until a request asks for a restart; whether one did.

    `on_ready` gets the address once requests are answered.
    """
    server = create_server(app)
    with listen(host, port) as listener:
        url = url_of(listener, app.settings.base_path)
        config = configure(server)
        runner = Server(config, server.state.stopping, lambda: on_ready(url))
        restart = offer_restart(server, runner.end)
        runner.run(sockets=[listener])
    return restart.is_wanted and not runner.was_interrupted


def configure(server: FastAPI, protocol: type[PatientProtocol] = PatientProtocol) -> uvicorn.Config:
    """How uvicorn serves: our own log and proxy rules, and nobody who blocks for ever."""
    return uvicorn.Config(
        server,
        http=protocol,
        access_log=False,
        log_config=None,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
