"""Processing while somebody waits: many files at once, or one as a stream of events."""

import asyncio
import json
import logging
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from mediant.api.families import tag_jobs
from mediant.api.families.nomarr_v1 import translate, wire
from mediant.api.families.nomarr_v1.progress import Steps
from mediant.api.families.tag_jobs import KIND, Asked
from mediant.api.gates import gates_of
from mediant.api.stream import HEADERS, KEEPALIVE_S, wait_for_wish
from mediant.app import App
from mediant.errors import Invalid, MediantError, Refused, Unavailable
from mediant.events import Event
from mediant.events.bus import Subscription
from mediant.jobs.job import Enqueued, Job

log = logging.getLogger(__name__)


def check_worker(app: App) -> None:
    """Raises `Unavailable` when a job would only lie there."""
    if not tag_jobs.is_working(app):
        remedy = "Resume the worker, or see that one runs."
        raise Unavailable("No workers available.", remedy=remedy)


def ask_one(app: App, wish: wire.TagIn) -> Enqueued:
    """Enqueue the one file of a wish. Raises `Unavailable`, `Invalid` for a folder, and what
    `tag_path` raises."""
    check_worker(app)
    if len(wish.paths) != 1 or tag_jobs.is_folder(app, wish.paths[0]):
        remedy = "Use batch-process for folders and several files."
        raise Invalid("One file is processed at a time.", asset=wish.paths[0], remedy=remedy)
    return tag_jobs.tag_path(app, wish.paths[0], force=wish.force)[0]


def ask_all(app: App, wish: wire.TagIn) -> list[Asked]:
    """Enqueue every path of a wish; what cannot be asked for says why. Raises `Unavailable`."""
    check_worker(app)
    return tag_jobs.ask_paths(app, wish.paths, force=wish.force)


async def process_one(request: Request, app: App, wish: wire.TagIn) -> wire.ProcessedOut:
    """Process one file and answer when it is done, or after the time that `/tag` waits."""
    enqueued = await gates_of(request).changes.run(partial(ask_one, app, wish))
    job = await wait_for_wish(request, app, enqueued, app.settings.nomarr.blocking_timeout_s)
    return translate.processed_out(wish.paths[0], job)


async def process_all(request: Request, app: App, wish: wire.TagIn) -> wire.BatchOut:
    """Process files and folders and answer when all are done.

    Each file has the time that `/tag` waits; once one took longer, the rest is told as it is.
    """
    results: list[wire.ProcessedOut] = []
    patience_s = app.settings.nomarr.blocking_timeout_s
    for asked in await gates_of(request).changes.run(partial(ask_all, app, wish)):
        if asked.error is not None:
            results.append(translate.unprocessed_out(asked.path, asked.error))
        for enqueued in asked.jobs:
            try:
                job = await wait_for_wish(request, app, enqueued, patience_s)
            except Refused as removed:
                results.append(translate.unprocessed_out(asked.path, removed))
                continue
            patience_s = patience_s if job.state.is_ended else 0.0
            # A folder's files go by their own names.
            path = asked.path if len(asked.jobs) == 1 else str(job.payload["path"])
            results.append(translate.processed_out(path, job))
    return wire.BatchOut(results=results)


async def stream_one(request: Request, app: App, wish: wire.TagIn) -> StreamingResponse:
    """Process one file and tell how far it is. A client that leaves does not stop the job."""
    enqueued = await gates_of(request).changes.run(partial(ask_one, app, wish))
    frames = _to_the_end(_frames(request, app, enqueued), enqueued, wish.paths[0])
    return StreamingResponse(frames, media_type="text/event-stream", headers=HEADERS)


async def _to_the_end(
    frames: AsyncIterator[bytes], enqueued: Enqueued, path: str
) -> AsyncIterator[bytes]:
    """These frames; and whatever stops them is told as the stream's `error` and `done`."""
    try:
        async for frame in frames:
            yield frame
    except (MediantError, SQLAlchemyError) as lost:
        log.warning("A stream of progress ends early: %s", lost)
        is_ours = isinstance(lost, MediantError)
        text = str(lost) if is_ours else "The database does not answer now; the job goes on."
        for frame in _failed_frames(enqueued.job_id, path, text):
            yield frame


async def _frames(request: Request, app: App, enqueued: Enqueued) -> AsyncIterator[bytes]:
    waiting = asyncio.ensure_future(wait_for_wish(request, app, enqueued, math.inf))
    steps = Steps()
    try:
        with app.bus.subscribe(["job.progress"]) as heard:
            while not waiting.done():
                event = await _next(heard, waiting)
                if event is not None and await _is_about(app, event, enqueued):
                    for step in steps.reach(event.payload["stage"]):
                        yield _frame("progress", step)
                elif event is None and not waiting.done():
                    yield KEEPALIVE_COMMENT
        for frame in _last_frames(await waiting, steps):
            yield frame
    finally:
        waiting.cancel()


async def _next(heard: Subscription, waiting: "asyncio.Future[Job]") -> Event | None:
    """The next event; None when the job ended first, or after a silence."""
    getting = asyncio.ensure_future(heard.get_async(KEEPALIVE_S))
    both: set[asyncio.Future[Any]] = {getting, waiting}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()
        with suppress(asyncio.CancelledError):
            await getting


async def _is_about(app: App, event: Event, wish: Enqueued) -> bool:
    """Whether an event is of the job that heeds the wish, itself or by the one that follows it."""
    job_id = event.payload["job_id"]
    if not wish.follows:
        return bool(job_id == wish.job_id)
    if event.payload["kind"] != KIND or job_id == wish.job_id:
        return False
    first = await run_in_threadpool(app.queue.get_job, wish.job_id)
    return bool(first.next_id == job_id)


def _last_frames(job: Job, steps: Steps) -> list[bytes]:
    """What the stream ends with, whatever became of the job."""
    told = translate.processed_out(str(job.payload["path"]), job)
    if told.error is not None:
        return _failed_frames(job.id, told.path, told.error)
    is_skipped = bool((job.result or {}).get("skipped"))
    frames = [_frame("progress", step) for step in ([] if is_skipped else steps.finish())]
    result = {"tags_written": told.tags_written, "duration": told.duration}
    done = {"type": "complete", "job_id": job.id, "path": told.path, "result": result}
    return [*frames, _frame("complete", done), _frame("done", {"type": "done"})]


def _failed_frames(job_id: int, path: str, error: str) -> list[bytes]:
    failed = {"type": "error", "job_id": job_id, "path": path, "error": error}
    return [_frame("error", failed), _frame("done", {"type": "done"})]


def _frame(name: str, data: BaseModel | dict[str, Any]) -> bytes:
    told = data.model_dump() if isinstance(data, BaseModel) else data
    return format_sse_event(event=name, data_str=json.dumps(told, separators=(",", ":")))
