"""The routes of `nomarr-web`: below `/api/web`, and one older path."""

from fastapi import APIRouter

from mediant.api.families.nomarr_web import (
    routes_config,
    routes_events,
    routes_libraries,
    routes_music,
    routes_work,
)

router = APIRouter()
for part in (routes_work, routes_libraries, routes_music, routes_config, routes_events):
    router.include_router(part.router)
