"""`/api/v2/events`: what happens, as server-sent events."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from mediant.api.auth import READ, AppDep
from mediant.api.stream import read_position, read_topics, stream_events
from mediant.api.v2.problem import v2_router

router = v2_router("events")

TopicsQuery = Annotated[str, Query(description="Patterns with commas: `job.*,scan.finished`.")]
AfterQuery = Annotated[
    int | None, Query(ge=0, description="Replay what came after this event of the last 24 h.")
]


@router.get(
    "",
    dependencies=READ,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def follow(
    request: Request, app: AppDep, topics: TopicsQuery = "*", after: AfterQuery = None
) -> StreamingResponse:
    """Events as they happen; `Last-Event-ID` or `after` resumes without a gap."""
    return stream_events(request, app, read_topics(topics), read_position(request, after))
