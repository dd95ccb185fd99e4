"""The one place where an error becomes an HTTP answer, in each family's own language."""

import inspect
import logging
import math
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as Dependency
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from mediant.api.gates import CHANGING, COUNTING, Gates
from mediant.errors import MEDIA_CODES, MediantError, TooManyTries
from mediant.settings.faults import explain_fault

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RETRY_AFTER_S = 2
"""What a busy server asks its client to wait."""

_BODIES: Mapping[str, str] = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "It is an object."),
    "extra_forbidden": "There is no such field.",
}
"""Kind of fault -> the sentence, where a request has other words than a file of settings."""

STATUS: Mapping[str, int] = {
    **dict.fromkeys(MEDIA_CODES, 422),
    "missing": 404,
    "not_found": 404,
    "invalid": 400,
    "refused": 409,
    "forbidden": 403,
    "already_owned": 409,
    "already_queued": 409,
    "subtitle_exists": 409,
    "newer_schema": 503,
    "unauthorized": 401,
    "too_many_tries": 429,
    "busy": 503,
    "database_gone": 503,
    "unavailable": 503,
    "model": 409,
    "write_failed": 409,
    "cancelled": 409,
    "too_late": 504,
    "disk_full": 507,
}
"""Code of an error -> HTTP status. What is not here is a fault of ours: 500."""

HTTP_CODES: Mapping[int, str] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}
"""Codes for what the framework itself refuses."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error on its way out, before a family puts it into its envelope."""

    status: int
    code: str
    text: str
    asset: str | None = None
    remedy: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """One line: the asset, the cause, the remedy."""
        return str(MediantError(self.text, asset=self.asset, remedy=self.remedy))


Envelope = Callable[[Failure], Mapping[str, Any]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def detail(failure: Failure) -> dict[str, Any]:
    """The envelope of most families: `{"detail": text}`."""
    return {"detail": str(failure)}


class EdgeRoute(APIRoute):
    """A route that answers its errors in its family's envelope.

    When it is a plain function that may change something, it stands behind the gate for changes.
    """

    envelope: Envelope = staticmethod(detail)
    media_type = "application/json"
    invalid_status = 400

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[Dependency] | None = None,
        methods: Collection[str] | None = None,
        **more: Any,
    ) -> None:
        needed, verbs = list(dependencies or ()), list(methods or ("GET",))
        is_plain = not inspect.iscoroutinefunction(endpoint)
        if is_plain and set(verbs) - SAFE_METHODS and not {CHANGING, COUNTING} & set(needed):
            needed.append(CHANGING)
        super().__init__(path, endpoint, dependencies=needed, methods=verbs, **more)

    def get_route_handler(self) -> Handler:
        """The handler of this route, with its errors translated."""
        handle = super().get_route_handler()

        async def run(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as bad:
                return self.answer(invalid(bad, self.invalid_status))
            except MediantError as error:
                return self.answer(failure_of(error, self.invalid_status))
            except OperationalError as lost:
                log.warning("The database did not answer: %s", lost.orig)
                return self.answer(database_lost())

        return run

    @classmethod
    def answer(cls, failure: Failure) -> Response:
        """The failure as this family says it."""
        return JSONResponse(
            cls.envelope(failure), failure.status, dict(failure.headers), cls.media_type
        )


def family_route(
    envelope: Envelope, invalid_status: int, media_type: str = "application/json"
) -> type[EdgeRoute]:
    """The route class of one family: its error body, and its status for invalid input."""
    members = {
        "envelope": staticmethod(envelope),
        "invalid_status": invalid_status,
        "media_type": media_type,
    }
    return type("FamilyRoute", (EdgeRoute,), members)


def failure_of(error: MediantError, invalid_status: int = 400) -> Failure:
    """An error of the core, with its HTTP status and the headers that belong to it."""
    status = invalid_status if error.code == "invalid" else STATUS.get(error.code, 500)
    return Failure(status, error.code, error.text, error.asset, error.remedy, _headers(error))


def _headers(error: MediantError) -> dict[str, str]:
    if error.code == "unauthorized":
        return {"WWW-Authenticate": 'Bearer realm="mediant"'}
    if isinstance(error, TooManyTries):
        return {"Retry-After": str(math.ceil(error.retry_after_s or RETRY_AFTER_S))}
    if error.code == "busy":
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {}


def invalid(bad: RequestValidationError, status: int) -> Failure:
    """The first thing that is wrong with the input, and where it stands."""
    first = bad.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    text = _BODIES.get(first["type"]) or explain_fault(first)
    return Failure(status, "invalid", text, asset=place or None)


def database_lost() -> Failure:
    """The database is locked or unreachable for now."""
    text = "The database does not answer now."
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return Failure(503, "busy", text, remedy="Try again in a moment.", headers=headers)


def route_class(request: Request) -> type[EdgeRoute]:
    """The class of the route that took the request; by its path when none did."""
    route = request.scope.get("route")
    if isinstance(route, EdgeRoute):
        return type(route)
    by_path: Mapping[str, type[EdgeRoute]] = request.app.state.route_classes
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return next((by_path[prefix] for prefix in by_path if path.startswith(prefix)), EdgeRoute)


async def answer_http(request: Request, error: Exception) -> Response:
    """What the framework refuses: unknown paths, wrong methods, bodies that are too large."""
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, "error")
    failure = Failure(error.status_code, code, str(error.detail), headers=error.headers or {})
    return route_class(request).answer(failure)


async def answer_bug(request: Request, error: Exception) -> Response:
    """A fault of ours: the caller gets the request's id, the log both.

    The server behind writes the traceback, because the error goes on to it after this answer.
    """
    request_id = request.scope.get("mediant.request_id", "?")
    log.error("Request %s failed with %s; the traceback follows.", request_id, type(error).__name__)
    text = f"Something went wrong inside Mediant. The log tells more: request {request_id}."
    headers = {"X-Request-ID": request_id}
    return route_class(request).answer(Failure(500, "error", text, headers=headers))


def add_handlers(server: FastAPI, by_path: Mapping[str, type[EdgeRoute]]) -> None:
    """Answer what no route catches, in the envelope of the path's family; open the gates."""
    server.state.route_classes = by_path
    if not hasattr(server.state, "gates"):
        server.state.gates = Gates()
    server.add_exception_handler(HTTPException, answer_http)
    server.add_exception_handler(Exception, answer_bug)
