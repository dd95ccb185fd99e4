"""What all routes of `nomarr-v1` have in common: the error body, and 400 for invalid input."""

from fastapi import APIRouter

from mediant.api.errors import detail, family_route


def family_router() -> APIRouter:
    """A router for some of the family's routes."""
    return APIRouter(tags=["nomarr-v1"], route_class=family_route(detail, invalid_status=400))
