"""`/api/v2/hooks/plex` and `/plex`: Plex's webhooks.

A form with the event as JSON in `payload` (support.plex.tv, *Webhooks*): `event`, and the item as
`Metadata` with its `ratingKey`. A thumbnail may come with it. The body names no file, so Plex is
asked for it.
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

NEW = "library.new"
PLAYED = "media.play"
VIDEO_TYPES = frozenset({"movie", "episode", "season", "show", "clip"})


class ItemIn(BaseModel):
    """An item of Plex."""

    model_config = ConfigDict(extra="ignore")
    ratingKey: str | int | None = None  # noqa: N815 (Plex's own name)
    type: str | None = None


class PlexHookIn(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="ignore")
    event: str = Field(min_length=1, max_length=100)
    Metadata: ItemIn | None = None


async def plex(request: Request, response: Response) -> VideoHookOut:
    """Take an event of Plex: a new or played video gets the subtitles that the rules want."""
    body = parse(PlexHookIn, await read_form_or_body(request, "payload"))
    return await take(request, body.event, to_news(body), response)


def to_news(body: PlexHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    item = body.Metadata
    if body.event not in {NEW, PLAYED} or item is None or item.ratingKey is None:
        return None
    if item.type is not None and item.type not in VIDEO_TYPES:
        return None
    return HookNews(
        "plex", server="plex", item_id=str(item.ratingKey), is_playback=body.event == PLAYED
    )


HINT = "Plex posts its webhooks here: Settings, Webhooks, this address with ?apikey=…"
router, short = serve_hook("plex", plex, HINT)
