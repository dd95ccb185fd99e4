"""What happens, and how things stand, as server-sent events."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from mediant.api.auth import READ
from mediant.api.families.nomarr_web.family import PREFIX, family_router
from mediant.api.families.nomarr_web.feed import Feed
from mediant.api.numbers import RowId
from mediant.api.stream import HEADERS, read_position

router = family_router()

TopicsQuery = Annotated[str, Query(description="Patterns with commas: `queue:*,system:health`.")]


@router.get(f"{PREFIX}/events/status", dependencies=READ, response_class=StreamingResponse)
async def follow(
    request: Request, topics: TopicsQuery = "", after: RowId | None = None
) -> StreamingResponse:
    """A snapshot, then changes; `Last-Event-ID` or `after` resumes without a gap."""
    feed: Feed = request.app.state.nomarr_web_feed
    patterns = [part.strip() for part in topics.split(",") if part.strip()]
    frames = feed.frames(patterns, read_position(request, after))
    return StreamingResponse(frames, media_type="text/event-stream", headers=HEADERS)
