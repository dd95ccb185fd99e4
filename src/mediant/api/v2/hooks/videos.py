"""What the hooks that tell of videos have in common: their answer, their bodies, their two paths.

Each answers below `/api/v2/hooks` and at the short path that other programs' guides name.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from mediant.api.auth import JOBS, READ, find_app
from mediant.api.families.request import read_body
from mediant.api.gates import CHANGING
from mediant.api.reach import REMEDY, pick_reachable
from mediant.api.v2.problem import V2Route, v2_router
from mediant.api.v2.wire import Accepted, Out
from mediant.errors import Invalid
from mediant.subtitles.tell import Heeded, HookNews

OUTSIDE = f"It lies in no library. {REMEDY}"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class VideoHookOut(Out):
    """What became of an event."""

    event: str
    status: Literal["ok", "ignored", "accepted"] = Field(
        description="`ok`: a test. `ignored`: nothing to do, and `reason` says why. `accepted`: "
        "jobs were enqueued, or were live already."
    )
    reason: str | None = None
    jobs: list[Accepted] = Field(default=[], description="Scans, look-ups or transcriptions.")


Handler = Callable[..., Any]


def video_router() -> APIRouter:
    """A router for one service's hook, below both paths."""
    return v2_router("hooks")


def short_router() -> APIRouter:
    """For the short paths."""
    return APIRouter(tags=["hooks"], route_class=V2Route)


def serve_hook(service: str, handler: Handler, hint: str) -> tuple[APIRouter, APIRouter]:
    """The routers of a hook: below `/api/v2/hooks`, and at `/<service>`. GET says what to do."""

    def tell() -> dict[str, str]:
        return {"hint": hint}

    routers = (video_router(), short_router())
    for router in routers:
        is_main = router is routers[0]
        router.add_api_route(
            f"/{service}",
            handler,
            methods=["POST"],
            dependencies=[*JOBS, CHANGING],
            name=service,
            response_model=VideoHookOut,
            include_in_schema=is_main,
        )
        router.add_api_route(
            f"/{service}", tell, methods=["GET"], dependencies=READ, include_in_schema=False
        )
    return routers


def heed(request: Request, event: str, news: HookNews, response: Response) -> VideoHookOut:
    """Enqueue what an event asks for, as far as the caller may name its files."""
    paths = pick_reachable(request, news.paths)
    if news.paths and not paths:
        return VideoHookOut(event=event, status="ignored", reason=OUTSIDE)
    heeded = find_app(request).telling.heed(replace(news, paths=tuple(paths)))
    return heed_out(event, heeded, response)


def heed_out(event: str, heeded: Heeded, response: Response) -> VideoHookOut:
    """What was made of the news, as v2 says it."""
    if not heeded.jobs:
        return VideoHookOut(event=event, status="ignored", reason=heeded.reason)
    response.status_code = 202
    jobs = [Accepted.model_validate(one) for one in heeded.jobs]
    return VideoHookOut(event=event, status="accepted", jobs=jobs)


async def take(
    request: Request, event: str, news: HookNews | None, response: Response
) -> VideoHookOut:
    """Do what an event asks for, if anything."""
    if news is None:
        reason = "Nothing follows from this event."
        return VideoHookOut(event=event, status="ignored", reason=reason)
    return await run_in_threadpool(heed, request, event, news, response)


async def read_form_or_body(request: Request, field: str) -> dict[str, Any]:
    """The object in a form's field, or in the body. Raises `Invalid`."""
    if not request.headers.get("content-type", "").startswith(FORMS):
        return await read_body(request)
    async with request.form() as form:
        text = form.get(field)
    if not isinstance(text, str):
        raise Invalid(f"The form has no field `{field}`.")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as bad:
        raise Invalid(f"The field `{field}` is not valid JSON: {bad}.") from bad
    if not isinstance(body, dict):
        raise Invalid(f"The field `{field}` must be a JSON object.")
    return body
