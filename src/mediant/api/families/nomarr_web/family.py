"""What all routes of `nomarr-web` have in common: the error body, and 400 for invalid input."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mediant.api.errors import detail, family_route
from mediant.api.families.request import parse, read_given

PREFIX = "/api/web"

T = TypeVar("T", bound=BaseModel)


def family_router() -> APIRouter:
    """A router for some of the family's routes."""
    return APIRouter(tags=["nomarr-web"], route_class=family_route(detail, invalid_status=400))


def given(model: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A dependency: what the request asks for, in its body or its query."""

    async def read(request: Request) -> T:
        return parse(model, await read_given(request))

    return read
