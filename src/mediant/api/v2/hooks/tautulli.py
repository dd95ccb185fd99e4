"""`/api/v2/hooks/tautulli` and `/tautulli`: a webhook agent of Tautulli.

Its header is `source: Tautulli`; its JSON, written by the user in the agent's form, has `event`
(`added` or `played`) and `file`.
"""

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from mediant.api.auth import AppDep
from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.videos import VideoHookOut, heed, ignored, serve_hook
from mediant.errors import Invalid
from mediant.subtitles.tell import HookNews

NEW = "added"
PLAYED = "played"


class TautulliHookIn(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="ignore")
    event: str = Field(min_length=1, max_length=100)
    file: str | None = None


async def tautulli(request: Request, app: AppDep, response: Response) -> VideoHookOut:
    """Take an event of Tautulli: a new or played file gets the subtitles that the rules want."""
    if request.headers.get("source", "").lower() != "tautulli":
        raise Invalid("The header `source: Tautulli` is missing.")
    body = parse(TautulliHookIn, await read_body(request))
    if body.event not in {NEW, PLAYED} or not body.file:
        return ignored(body.event)
    news = HookNews("tautulli", paths=(body.file,), is_playback=body.event == PLAYED)
    return await run_in_threadpool(heed, app, body.event, news, response)


HINT = 'Tautulli posts here: header source: Tautulli, data {"event": "added", "file": "{file}"}.'
router, short = serve_hook("tautulli", tautulli, HINT)
