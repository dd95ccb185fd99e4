"""Logging in, the queue and the workers."""

from typing import Annotated

from fastapi import Depends, Request, Response

from mediant.api.auth import (
    ADMIN,
    JOBS,
    READ,
    AppDep,
    drop_cookie,
    origin_of,
    read_presented,
    refuse_foreign_page,
    set_cookie,
)
from mediant.api.families import tag_jobs
from mediant.api.families.nomarr_web import calls, translate, wire
from mediant.api.families.nomarr_web.family import PREFIX, family_router, given
from mediant.api.restart import ask_restart

router = family_router()

LoginDep = Annotated[wire.LoginIn, Depends(given(wire.LoginIn))]
ProcessDep = Annotated[wire.ProcessIn, Depends(given(wire.ProcessIn))]

RESTARTING = "API server is restarting... Please refresh the page in a few seconds."


@router.post(f"{PREFIX}/auth/login")
def log_in(app: AppDep, request: Request, response: Response, wish: LoginDep) -> wire.LoginOut:
    """Trade the password for a session; a browser gets it as a cookie as well."""
    refuse_foreign_page(request)
    session = app.access.login(wish.password.get_secret_value(), origin_of(request))
    set_cookie(request, response, session.token, app.settings.access.session_limit_s)
    return wire.LoginOut(
        session_token=session.token, token=session.token, expires_in=session.expires_in_s
    )


@router.post(f"{PREFIX}/auth/logout", dependencies=READ)
def log_out(app: AppDep, request: Request, response: Response) -> wire.SaidOut:
    """End the session that this request carries."""
    presented = read_presented(request)
    app.access.logout(presented.secret or presented.cookie or "")
    drop_cookie(request, response)
    return wire.SaidOut(message="Logged out")


@router.get(f"{PREFIX}/queue/queue-depth", dependencies=READ)
def queue_depth(app: AppDep) -> wire.DepthOut:
    """How many tagging jobs wait, run and have ended."""
    return translate.depth_out(app.queue.count_jobs(tag_jobs.KIND))


@router.post(f"{PREFIX}/processing/process-files", dependencies=JOBS)
@router.post("/api/v1/processing/process-files", dependencies=JOBS)
def process_files(app: AppDep, wish: ProcessDep) -> wire.ProcessedOut:
    """Enqueue files, and the audio files below folders."""
    return calls.process(app, wish)


@router.post(f"{PREFIX}/worker/pause", dependencies=JOBS)
def pause(app: AppDep) -> wire.SaidOut:
    """Take up no job; those that run are finished."""
    return calls.pause(app)


@router.post(f"{PREFIX}/worker/resume", dependencies=JOBS)
def resume(app: AppDep) -> wire.SaidOut:
    """Take up jobs again."""
    return calls.resume(app)


@router.post(f"{PREFIX}/worker/restart", dependencies=ADMIN)
async def restart(request: Request) -> wire.SaidOut:
    """Answer, then stop in order and start anew with the same arguments."""
    ask_restart(request)
    return wire.SaidOut(message=RESTARTING)
