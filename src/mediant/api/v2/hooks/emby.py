"""`/api/v2/hooks/emby` and `/emby`: Emby's webhooks.

Older servers send a form with the event in `data`, newer ones JSON: `Event`, and the item as
`Item` with `Id`, `Type` and, for a file, `Path`.
"""

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mediant.api.families.request import parse
from mediant.api.v2.hooks.videos import (
    VideoHookOut,
    read_form_or_body,
    serve_hook,
    take,
)
from mediant.subtitles.tell import HookNews

TEST = "system.notificationtest"
NEW = "library.new"
PLAYED = "playback.start"
FILES = frozenset({"Movie", "Episode", "Video", "MusicVideo"})
FOLDERS = frozenset({"Season", "Series"})


class ItemIn(BaseModel):
    """An item of Emby."""

    model_config = ConfigDict(extra="ignore")
    Id: str | int | None = None
    Type: str | None = None
    Path: str | None = None


class EmbyHookIn(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="ignore")
    Event: str = Field(min_length=1, max_length=100)
    Item: ItemIn | None = None


async def emby(request: Request, response: Response) -> VideoHookOut:
    """Take an event of Emby: a new or played video gets the subtitles that the rules want."""
    body = parse(EmbyHookIn, await read_form_or_body(request, "data"))
    if body.Event == TEST:
        return VideoHookOut(event=body.Event, status="ok", reason="Mediant has heard the test.")
    return await take(request, body.Event, to_news(body), response)


def to_news(body: EmbyHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    item = body.Item
    if body.Event not in {NEW, PLAYED} or item is None or item.Id is None:
        return None
    if item.Type is not None and item.Type not in FILES | FOLDERS:
        return None
    is_file = item.Type in FILES and bool(item.Path)
    return HookNews(
        "emby",
        paths=(item.Path,) if is_file and item.Path else (),
        server="emby",
        item_id=str(item.Id),
        is_playback=body.Event == PLAYED,
    )


HINT = "Emby posts its webhooks here: new media and playback, as a form or as JSON."
router, short = serve_hook("emby", emby, HINT)
