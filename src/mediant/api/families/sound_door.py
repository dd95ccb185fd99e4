"""Who may send sound, and how long somebody waits for what is heard in it."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from anyio import to_thread
from fastapi import Request, Response

from mediant.access.scopes import Scope
from mediant.api.auth import find_app, origin_of, read_presented, refuse_foreign_page
from mediant.errors import Unavailable
from mediant.subtitles.provider.hint import Hint
from mediant.subtitles.provider.library_job import follow_library
from mediant.subtitles.provider.question import Question
from mediant.subtitles.provider.waiting import obtain

T = TypeVar("T")

MOST_BYTES = (1 << 30) + (16 << 20)
"""1 GiB of sound, more than nine hours of it as it is sent, and what a form has around it."""

NOBODY = Response(status_code=499)
"""For a client that has left: it is only read in the log."""

_BROWSERS = ("origin", "sec-fetch-site")
"""Browsers send one of these with everything that a page lets them send."""


async def let_in(request: Request, key: str | None = None) -> bool:
    """Pass whoever may send sound; whether the caller is known, not only near.

    `key` is the one of the path. Raises Unauthorized, TooManyTries and Forbidden.
    """
    return await to_thread.run_sync(_check, request, key)


def _check(request: Request, key: str | None) -> bool:
    app, presented = find_app(request), read_presented(request)
    secret = key or presented.secret
    settings = app.subtitles.settings()
    if secret is not None:
        if _is_same(secret, settings.bazarr_api_key.get_secret_value()):
            return True
        app.access.find_caller(secret, origin_of(request)).require(Scope.JOBS)
        return True
    networks = settings.bazarr_networks if settings.bazarr_provider_enabled else []
    is_program = not any(name in request.headers for name in _BROWSERS)
    if is_program and app.access.is_within(origin_of(request), networks):
        return False
    refuse_foreign_page(request)
    caller = app.access.find_caller(None, origin_of(request), cookie=presented.cookie)
    caller.require(Scope.JOBS)
    return True


def _is_same(secret: str, key: str) -> bool:
    return bool(key) and hmac.compare_digest(secret.encode(), key.encode())


async def find_answer(request: Request, question: Question, form: str) -> str:
    """What is heard, in one form; raises as `waiting.obtain` does, and Unavailable when the server
    stops meanwhile (the work is kept)."""
    app = find_app(request)
    timeout_s = float(app.subtitles.settings().provider_timeout_seconds)
    async with _leaving(request) as gone:
        return await _until_stop(
            request, obtain(app.subtitles.provider, question, form, gone, timeout_s)
        )


async def find_library_subtitle(request: Request, hint: Hint, language: str) -> str | None:
    """The subtitle that a running job of the library makes of this video in this language, when
    it is ready; None without such a job. Raises as `find_answer`."""
    app = find_app(request)
    timeout_s = float(app.subtitles.settings().provider_timeout_seconds)
    async with _leaving(request) as gone:
        work = follow_library(app.database, app.queue, (hint, language), gone, timeout_s)
        return await _until_stop(request, work)


async def _until_stop(request: Request, awaited: Coroutine[Any, Any, T]) -> T:
    work = asyncio.ensure_future(awaited)
    stop = asyncio.ensure_future(request.app.state.stopping.wait())
    try:
        await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        raise Unavailable("The server stops.", remedy="Ask again in a moment.")
    finally:
        stop.cancel()
        if work.cancel():
            await asyncio.wait([work])


@asynccontextmanager
async def _leaving(request: Request) -> AsyncIterator["asyncio.Future[Any]"]:
    """A future that is settled when the client hangs up. Its body has been read."""

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    gone = asyncio.ensure_future(listen())
    try:
        yield gone
    finally:
        gone.cancel()
