"""What all routes of `transcriptorio` have in common: the error body, and 400 for invalid input."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel

from mediant.api.errors import detail, family_route
from mediant.api.families.request import parse, read_body, read_given

PREFIX = "/api"

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


def family_router() -> APIRouter:
    """A router for some of the family's routes."""
    return APIRouter(tags=["transcriptorio"], route_class=family_route(detail, invalid_status=400))


def given(model: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A dependency: what the request asks for, in its body or its query."""

    async def read(request: Request) -> T:
        return parse(model, await read_given(request))

    return read


def body(model: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A dependency: what the request's body asks for; nothing asked for is an empty body."""

    async def read(request: Request) -> T:
        return parse(model, await read_body(request))

    return read


def query(model: type[T]) -> Callable[[Request], T]:
    """A dependency: what the request's query asks for. An empty value is none."""

    def read(request: Request) -> T:
        asked: dict[str, Any] = {n: v for n, v in request.query_params.items() if v != ""}
        return parse(model, asked)

    return read


def moment(epoch_s: float | None) -> str | None:
    """UTC as this family writes it: ISO 8601 in whole seconds, without offset."""
    if epoch_s is None:
        return None
    return datetime.fromtimestamp(int(epoch_s), UTC).replace(tzinfo=None).isoformat()


async def apart(call: Callable[[], R]) -> R:
    """Run what may take long in a thread of its own, so that it takes nobody else's turn."""
    return await to_thread.run_sync(call, limiter=CapacityLimiter(1))
