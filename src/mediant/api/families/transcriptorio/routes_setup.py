"""The setup: open to everyone until it is done."""

import logging
from typing import Annotated

from fastapi import Depends, Request

from mediant.access.scopes import Scope
from mediant.api.auth import (
    AppDep,
    find_app,
    origin_of,
    read_presented,
    refuse_foreign_page,
    require,
)
from mediant.api.errors import SAFE_METHODS
from mediant.api.families.transcriptorio import calls_setup as calls
from mediant.api.families.transcriptorio import wire_setup as wire
from mediant.api.families.transcriptorio.family import PREFIX, body, family_router
from mediant.api.families.transcriptorio.wire import MessageOut

log = logging.getLogger(__name__)
router = family_router()

StandaloneDep = Annotated[wire.StandaloneIn, Depends(body(wire.StandaloneIn))]


def admit(request: Request) -> None:
    """Let everyone in before the first setup, and administrators afterwards.

    A page of another site is never let in, nor somebody with a wrong key.
    """
    if read_presented(request).secret is not None or not calls.is_open(find_app(request)):
        require(request, Scope.READ if request.method in SAFE_METHODS else Scope.ADMIN)
    elif request.method not in SAFE_METHODS:
        refuse_foreign_page(request)
        log.warning("The first setup comes without a key, from %s.", origin_of(request).peer)


def address_of(request: Request) -> wire.Address:
    """Where the caller reached this server: perhaps a proxy, which says so."""
    headers = request.headers
    is_https = "https" in (request.url.scheme, headers.get("x-forwarded-proto", "").lower())
    scheme = "https" if is_https else "http"
    name = request.url.hostname or "127.0.0.1"
    port = request.url.port or (443 if is_https else 80)
    base = request.scope.get("root_path", "").rstrip("/")
    host = headers.get("host") or f"{name}:{port}"
    return wire.Address(f"{scheme}://{host}{base}", name, port)


@router.get(f"{PREFIX}/setup/status", dependencies=[Depends(admit)])
def setup_status(app: AppDep) -> wire.SetupOut:
    """How far the setup is."""
    return calls.show_status(app)


@router.post(f"{PREFIX}/setup/standalone", dependencies=[Depends(admit)])
def set_up_standalone(app: AppDep, wish: StandaloneDep) -> wire.SetUpOut:
    """Look after folders."""
    return calls.set_up_standalone(app, wish)


@router.post(f"{PREFIX}/setup/bazarr-slave", dependencies=[Depends(admit)])
def set_up_for_bazarr(request: Request, app: AppDep) -> wire.SetUpOut:
    """Serve Bazarr, with a key of its own."""
    return calls.set_up_for_bazarr(app, address_of(request))


@router.post(f"{PREFIX}/setup/skip", dependencies=[Depends(admit)])
def skip_setup(app: AppDep) -> MessageOut:
    """Set up by hand."""
    app.subtitles.setup.skip()
    return MessageOut(message="Setup wizard skipped")
