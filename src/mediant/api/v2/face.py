"""Our own API by itself: what the commands call where no server runs.

The server adds to it what other programs call: their hooks and the documented families.
"""

import asyncio

from fastapi import FastAPI

from mediant import __version__
from mediant.api.errors import add_handlers
from mediant.api.v2 import (
    analytics,
    calibration,
    events,
    files,
    jobs,
    keys,
    libraries,
    models,
    navidrome,
    schedules,
    sessions,
    subtitles,
    system,
    tagging,
    workers,
)
from mediant.api.v2.problem import PREFIX, V2Route
from mediant.app import App

MODULES = (
    libraries,
    files,
    schedules,
    jobs,
    workers,
    analytics,
    navidrome,
    tagging,
    calibration,
    subtitles,
    models,
    system,
    events,
    keys,
    sessions,
)
"""In the order of their routes: what is below another's path comes before it."""

_DESCRIPTION = (
    "Credentials: `Authorization: Bearer <key>`, `X-API-Key`, `?apikey=` or a session cookie. "
    "Errors are problem+json with a stable `code`; lists are pages with `items` and `next`."
)


def create_face(app: App) -> FastAPI:
    """The routes of our own API over an application that is already open."""
    face = FastAPI(
        title="Mediant",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    face.state.mediant = app
    face.state.stopping = asyncio.Event()
    for module in MODULES:
        face.include_router(module.router)
    add_handlers(face, {PREFIX: V2Route})
    return face
