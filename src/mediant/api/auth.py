"""Who calls, and whether they may: credentials as they travel in requests.

A credential is taken from `Authorization: Bearer`, HTTP Basic's password, `X-API-Key`, `?apikey=`,
`?token=` or the session cookie, in this order. What it is worth, the access room says.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from mediant.access.addresses import FORWARDED_HEADERS, Origin
from mediant.access.caller import Caller
from mediant.access.scopes import Scope
from mediant.api.errors import SAFE_METHODS
from mediant.app import App
from mediant.errors import Forbidden

COOKIE = "mediant_session"


@dataclass(frozen=True, slots=True)
class Presented:
    """The credentials of a request: what was sent on purpose, and what a browser adds itself."""

    secret: str | None
    cookie: str | None


def find_app(request: Request) -> App:
    """The application that this server serves."""
    app: App = request.app.state.mediant
    return app


async def _app(request: Request) -> App:
    return find_app(request)


AppDep = Annotated[App, Depends(_app)]


def read_presented(request: Request) -> Presented:
    """The credentials of a request."""
    given = (
        _from_authorization(request.headers.get("authorization", ""))
        or request.headers.get("x-api-key")
        or request.query_params.get("apikey")
        or request.query_params.get("token")
    )
    return Presented(given.strip() if given else None, request.cookies.get(COOKIE))


def _from_authorization(header: str) -> str | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() == "basic":
        return _basic_password(value)
    return None


def _basic_password(value: str) -> str | None:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text.partition(":")[2] or None


def find_caller(request: Request) -> Caller:
    """Who calls, perhaps nobody.

    Raises `Unauthorized` or `TooManyTries` for a wrong credential, `Forbidden` for a change that
    another site's page has asked for.
    """
    presented = read_presented(request)
    if presented.secret is None and request.method not in SAFE_METHODS:
        refuse_foreign_page(request)
    access, origin = find_app(request).access, origin_of(request)
    return access.find_caller(presented.secret, origin, cookie=presented.cookie)


def origin_of(request: Request) -> Origin:
    """Where a request comes from: the socket's peer, and what its headers claim."""
    headers = request.headers
    return Origin(
        peer=request.client.host if request.client else "",
        forwarded=any(name in headers for name in FORWARDED_HEADERS),
        forwarded_for=headers.get("x-forwarded-for"),
        remote_user=headers.get(find_app(request).settings.access.remote_user_header),
        host=headers.get("host", ""),
    )


def refuse_foreign_page(request: Request) -> None:
    """A change that rests on a cookie, or on where the caller is, must come from our own pages.

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; other programs send neither.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_ours:
        raise Forbidden("A page of another site asked for this change.")


def needs(scope: Scope) -> Callable[[Request], Caller]:
    """A dependency: the caller, who must have this scope."""

    def check(request: Request) -> Caller:
        return require(request, scope)

    return check


def require(request: Request, scope: Scope) -> Caller:
    """The caller, who must have this scope. Raises `Unauthorized` or `Forbidden` otherwise."""
    caller = find_caller(request)
    caller.require(scope)
    return caller


READ = [Depends(needs(Scope.READ))]
JOBS = [Depends(needs(Scope.JOBS))]
WRITE = [Depends(needs(Scope.WRITE))]
ADMIN = [Depends(needs(Scope.ADMIN))]
"""What a route puts into `dependencies`."""


def set_cookie(request: Request, response: Response, token: str, max_age_s: int) -> None:
    """Hand the browser its session: out of scripts' reach, never over plain http after https."""
    is_https = request.url.scheme == "https" or (
        request.headers.get("x-forwarded-proto", "").lower() == "https"
    )
    response.set_cookie(
        COOKIE,
        token,
        max_age=max_age_s,
        path=request.scope.get("root_path") or "/",
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Take the browser's session away."""
    response.delete_cookie(COOKIE, path=request.scope.get("root_path") or "/")
