"""`/api/v2/sessions`: log in, log out, change the password."""

from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field, SecretStr

from mediant.access.caller import Caller
from mediant.access.scopes import Scope
from mediant.api.auth import (
    AppDep,
    drop_cookie,
    needs,
    origin_of,
    read_presented,
    refuse_foreign_page,
    set_cookie,
)
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import In, Out

router = v2_router("sessions")


class LoginIn(In):
    """The administrator's password."""

    password: SecretStr


class SessionOut(Out):
    """A session. Browsers have it as a cookie as well."""

    token: str
    expires_in: int = Field(description="Seconds until it ends without use.")


class TokenIn(In):
    """The session to end."""

    token: SecretStr


class PasswordIn(In):
    """A new password, and the old one as proof. This machine's command line needs no proof."""

    current: SecretStr | None = None
    new: SecretStr


@router.post("", status_code=201)
def log_in(body: LoginIn, app: AppDep, request: Request, response: Response) -> SessionOut:
    """Trade the password for a session. 503 while no password is set: nobody can log in then."""
    refuse_foreign_page(request)
    session = app.access.login(body.password.get_secret_value(), origin_of(request))
    set_cookie(request, response, session.token, app.settings.access.session_limit_s)
    return SessionOut(token=session.token, expires_in=session.expires_in_s)


@router.delete("/current", status_code=204)
def log_out(app: AppDep, request: Request, response: Response) -> None:
    """End the session that this request carries."""
    presented = read_presented(request)
    if presented.secret is None:
        refuse_foreign_page(request)
    if token := presented.secret or presented.cookie:
        app.access.logout(token)
    drop_cookie(request, response)


@router.post("/end", status_code=204)
def end(body: TokenIn, app: AppDep) -> None:
    """End a session by its token, whoever asks: to know the token is proof enough."""
    app.access.logout(body.token.get_secret_value())


@router.put("/password", status_code=204)
def change_password(
    body: PasswordIn,
    app: AppDep,
    request: Request,
    caller: Annotated[Caller, Depends(needs(Scope.ADMIN))],
) -> None:
    """Set a new password; every session ends."""
    if caller.kind != "process":
        current = body.current.get_secret_value() if body.current else ""
        app.access.login(current, origin_of(request))
    app.access.set_password(body.new.get_secret_value())
