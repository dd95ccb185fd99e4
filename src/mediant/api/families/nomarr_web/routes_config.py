"""Settings."""

from typing import Annotated, Any

from fastapi import Depends

from mediant.api.auth import ADMIN, AppDep
from mediant.api.families.nomarr_web import calls, wire
from mediant.api.families.nomarr_web.family import PREFIX, family_router, given

router = family_router()

ConfigDep = Annotated[wire.ConfigIn, Depends(given(wire.ConfigIn))]


@router.get(f"{PREFIX}/config", dependencies=ADMIN)
def read_config(app: AppDep) -> dict[str, Any]:
    """The settings that can be changed here."""
    return calls.read_config(app)


@router.post(f"{PREFIX}/config", dependencies=ADMIN)
def change_config(app: AppDep, wish: ConfigDep) -> wire.ChangedOut:
    """Store one setting."""
    return calls.change_config(app, wish)
