"""`/api/v2/hooks/tautulli` and `/tautulli`: a webhook agent of Tautulli.

Its header is `source: Tautulli`; its JSON, written by the user in the agent's form, has `event`
(`added` or `played`) and `file`.
"""

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.videos import VideoHookOut, serve_hook, take
from mediant.errors import Invalid
from mediant.subtitles.tell import HookNews

NEW = "added"
PLAYED = "played"


class TautulliHookIn(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="ignore")
    event: str = Field(min_length=1, max_length=100)
    file: str | None = None


async def tautulli(request: Request, response: Response) -> VideoHookOut:
    """Take an event of Tautulli: a new or played file gets the subtitles that the rules want."""
    if request.headers.get("source", "").lower() != "tautulli":
        raise Invalid("The header `source: Tautulli` is missing.")
    body = parse(TautulliHookIn, await read_body(request))
    news = None
    if body.event in {NEW, PLAYED} and body.file:
        news = HookNews("tautulli", paths=(body.file,), is_playback=body.event == PLAYED)
    return await take(request, body.event, news, response)


HINT = 'Tautulli posts here: header source: Tautulli, data {"event": "added", "file": "{file}"}.'
router, short = serve_hook("tautulli", tautulli, HINT)
