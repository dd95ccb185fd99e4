"""What stands at the root: the page for people, health for machines, the description of the API."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from mediant import __version__
from mediant.api import pages
from mediant.api.auth import READ, AppDep
from mediant.api.errors import EdgeRoute
from mediant.api.gates import gates_of
from mediant.kernel.clock import to_datetime
from mediant.system.health import Health

router = APIRouter(route_class=EdgeRoute, include_in_schema=False)


def health_body(health: Health) -> dict[str, Any]:
    """The union of the two bodies that are documented for `GET /health`."""
    return {
        "status": health.status,
        "database": "connected" if health.is_database_open else "disconnected",
        "workers": health.workers,
        "queue_size": health.queued,
        "services": {},
        "timestamp": to_datetime(health.checked_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "problems": list(health.problems),
    }


@router.get("/health")
async def health(request: Request, app: AppDep) -> Response:
    """How the server is. 503 when it cannot do its work at all."""
    found = await gates_of(request).glances.run(app.system.health)
    return JSONResponse(health_body(found), 503 if found.status == "unhealthy" else 200)


@router.get("/ready", dependencies=READ)
async def ready(request: Request, app: AppDep) -> Response:
    """200 once the database is open and the dispatcher works."""
    found = await gates_of(request).glances.run(app.system.health)
    body = {"ready": found.is_ready, "problems": list(found.problems)}
    return JSONResponse(body, 200 if found.is_ready else 503)


@router.get("/")
async def root(request: Request, app: AppDep) -> Response:
    """A page for a browser, JSON for everyone else."""
    found = await gates_of(request).glances.run(app.system.health)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(pages.front_page(found, request.scope.get("root_path", "")))
    return JSONResponse(
        {
            "name": "Mediant API",
            "version": __version__,
            "status": "running",
            "message": "The API is at /api/v2; /docs lists it.",
        }
    )


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every call of `/api/v2`, as a page that needs nothing from elsewhere."""
    return HTMLResponse(pages.reference_page(request.app.openapi()))


@router.get("/openapi/{family}.json")
def family_document(family: str, request: Request) -> JSONResponse:
    """The OpenAPI document of one family."""
    return JSONResponse(request.app.state.describe(family))
