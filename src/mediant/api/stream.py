"""Answers that take their time: the event stream, and waiting for a job.

Both end early when the server stops, so that a restart never hangs on an open page.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from mediant.app import App
from mediant.errors import Invalid, MediantError, NotFound, Refused
from mediant.events import Event
from mediant.events.pattern import TopicPattern
from mediant.events.stream import open_stream
from mediant.events.topics import TOPICS
from mediant.jobs.job import Enqueued, Job
from mediant.kernel.clock import to_iso

T = TypeVar("T")

log = logging.getLogger(__name__)

KEEPALIVE_S = 15.0
RECONNECT_MS = 2000

LOST = (
    f"retry: {RECONNECT_MS}\n: The database does not answer now. Come back in a moment.\n\n"
).encode()
"""The last words of a stream that has to end."""

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def read_topics(text: str) -> Sequence[str]:
    """Patterns from `job.*,scan.finished`. Raises `Invalid` for one that no topic matches."""
    patterns = [part.strip() for part in text.split(",") if part.strip()] or ["*"]
    for pattern in patterns:
        if not any(topic in TopicPattern([pattern]) for topic in TOPICS):
            raise Invalid(f"No topic is called `{pattern}`.", asset="topics")
    return patterns


def read_position(request: Request, after: int | None) -> int | None:
    """The last event that the client has: its `Last-Event-ID`, or `?after=`."""
    header = request.headers.get("last-event-id", "")
    return int(header) if header.isascii() and header.isdigit() else after


def stream_events(
    request: Request, app: App, topics: Sequence[str], after: int | None
) -> StreamingResponse:
    """Every event behind `after`, and then each new one as it happens."""
    frames = until_lost(_frames(app, topics, after, request.app.state.stopping))
    return StreamingResponse(frames, media_type="text/event-stream", headers=HEADERS)


async def until_lost(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """These frames, as long as the database answers; then the stream ends in order, and the client
    comes back with the place that it has."""
    try:
        async for frame in frames:
            yield frame
    except (MediantError, SQLAlchemyError) as lost:
        log.warning("A stream of events ends, because the database does not answer: %s", lost)
        yield LOST


async def _frames(
    app: App, topics: Sequence[str], after: int | None, stopping: asyncio.Event
) -> AsyncIterator[bytes]:
    start = await run_in_threadpool(app.history.newest_id) if after is None else after
    async with await open_stream(app.bus, app.history, last_id=start, topics=topics) as events:
        # An id without data moves the client's position, so that it can resume from the start on.
        yield format_sse_event(id=str(start), retry=RECONNECT_MS)
        while not stopping.is_set() and not events.is_closed:
            event = await _unless(stopping, events.get(KEEPALIVE_S))
            if event is not None:
                yield to_frame(event)
            elif not stopping.is_set() and not events.is_closed:
                yield KEEPALIVE_COMMENT


async def _unless(stopping: asyncio.Event, wanted: Awaitable[T]) -> T | None:
    """What is wanted; None when the server stops first."""
    stop = asyncio.ensure_future(stopping.wait())
    work = asyncio.ensure_future(wanted)
    try:
        await asyncio.wait({stop, work}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        stop.cancel()
        work.cancel()


def to_frame(event: Event) -> bytes:
    """An event on the wire. Only events of the history have an id."""
    data = {"topic": event.topic, "at": to_iso(event.ts), "payload": dict(event.payload)}
    return format_sse_event(
        event=event.topic,
        data_str=json.dumps(data, separators=(",", ":")),
        id=None if event.id is None else str(event.id),
    )


async def wait_for_job(request: Request, app: App, wish: Enqueued, timeout_s: float) -> Job:
    """The job that heeds a wish when it has ended, after `timeout_s`, or when the server stops:
    as it is then."""
    waiting = app.queue.wait_heeded(wish, timeout_s)
    ended = await _unless(request.app.state.stopping, waiting)
    return await run_in_threadpool(app.queue.get_job, wish.job_id) if ended is None else ended


async def wait_for_wish(request: Request, app: App, wish: Enqueued, timeout_s: float) -> Job:
    """As `wait_for_job`, for whoever made the wish. Raises `Refused` when somebody else removed the
    job from the queue meanwhile."""
    try:
        return await wait_for_job(request, app, wish, timeout_s)
    except NotFound as gone:
        text = "The job was removed from the queue."
        raise Refused(text, asset=f"job {wish.job_id}") from gone
