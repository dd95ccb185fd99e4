"""`/api/v2/hooks/jellyfin` and `/jellyfin`: Jellyfin's webhook plugin.

The plugin's generic destination sends its variables as JSON: `NotificationType` and `ItemId`, and
`ItemType` where the template has it. It names no file, so Jellyfin is asked for it.
"""

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.videos import VideoHookOut, serve_hook, take
from mediant.subtitles.tell import HookNews

NEW = "ItemAdded"
PLAYED = "PlaybackStart"
VIDEO_TYPES = frozenset({"Movie", "Episode", "Season", "Series", "Video", "MusicVideo"})


class JellyfinHookIn(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="ignore")
    NotificationType: str = Field(min_length=1, max_length=100)
    ItemId: str | None = None
    ItemType: str | None = None


async def jellyfin(request: Request, response: Response) -> VideoHookOut:
    """Take an event of Jellyfin: a new or played video gets the subtitles that the rules want."""
    body = parse(JellyfinHookIn, await read_body(request))
    return await take(request, body.NotificationType, to_news(body), response)


def to_news(body: JellyfinHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    if body.NotificationType not in {NEW, PLAYED} or not body.ItemId:
        return None
    if body.ItemType is not None and body.ItemType not in VIDEO_TYPES:
        return None
    return HookNews(
        "jellyfin",
        server="jellyfin",
        item_id=body.ItemId,
        is_playback=body.NotificationType == PLAYED,
    )


HINT = "Jellyfin's webhook plugin posts here: a generic destination with NotificationType, ItemId."
router, short = serve_hook("jellyfin", jellyfin, HINT)
