"""Logging in and out."""

from typing import Annotated

from fastapi import Depends, Request, Response

from mediant.api.auth import (
    READ,
    AppDep,
    drop_cookie,
    origin_of,
    read_presented,
    refuse_foreign_page,
    set_cookie,
)
from mediant.api.families.nomarr_v1 import calls, wire
from mediant.api.families.nomarr_v1.family import family_router

router = family_router()


@router.post("/web/auth/login")
def log_in(
    app: AppDep,
    request: Request,
    response: Response,
    wish: Annotated[wire.LoginIn, Depends(wire.read_login)],
) -> wire.LoginOut:
    """Trade the password for a session; a browser gets it as a cookie as well."""
    refuse_foreign_page(request)
    session = app.access.login(wish.password.get_secret_value(), origin_of(request))
    set_cookie(request, response, session.token, app.settings.access.session_limit_s)
    return calls.login_out(session)


@router.post("/web/auth/logout", dependencies=READ)
def log_out(app: AppDep, request: Request, response: Response) -> wire.LogoutOut:
    """End the session that this request carries."""
    drop_cookie(request, response)
    return calls.log_out(app, read_presented(request))
