"""How v2 says that something went wrong (RFC 9457), and how its routers are made."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from mediant.api.errors import Failure, family_route

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """An error body of v2."""

    type: str = Field(description="A name for the kind of problem: `urn:mediant:error:<code>`.")
    title: str = Field(description="The code in words.")
    status: int
    detail: str = Field(description="What happened, in one sentence.")
    code: str = Field(description="Stable code of the error.")
    asset: str | None = Field(None, description="What it is about: a path, a model, a field.")
    remedy: str | None = Field(None, description="What to do about it.")


def problem(failure: Failure) -> dict[str, Any]:
    """The envelope of v2."""
    return {
        "type": f"urn:mediant:error:{failure.code}",
        "title": failure.code.replace("_", " ").capitalize(),
        "status": failure.status,
        "detail": failure.text,
        "code": failure.code,
        "asset": failure.asset,
        "remedy": failure.remedy,
    }


V2Route = family_route(problem, invalid_status=400, media_type=MEDIA_TYPE)

PREFIX = "/api/v2"

_REF = {"$ref": "#/components/schemas/Problem"}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What went wrong, as problem+json.",
        "content": {MEDIA_TYPE: {"schema": _REF}},
    }
}

Room = Literal[
    "libraries",
    "files",
    "jobs",
    "jobs/schedules",
    "workers",
    "tagging",
    "tagging/analytics",
    "tagging/calibration",
    "tagging/navidrome",
    "subtitles",
    "models",
    "system",
    "events",
    "keys",
    "sessions",
    "hooks",
]


def v2_router(room: Room) -> APIRouter:
    """The router of one room, below `/api/v2/<room>`."""
    return APIRouter(
        prefix=f"{PREFIX}/{room}", tags=[room], route_class=V2Route, responses=_RESPONSES
    )
