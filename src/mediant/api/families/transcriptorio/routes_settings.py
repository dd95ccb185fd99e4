"""The settings of subtitles, and the user's own."""

from typing import Annotated

from fastapi import Depends

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.families.transcriptorio import calls_settings as calls
from mediant.api.families.transcriptorio import wire_settings as wire
from mediant.api.families.transcriptorio.family import PREFIX, body, family_router, given, query
from mediant.api.families.transcriptorio.translate_settings import setting_out
from mediant.api.families.transcriptorio.wire import MessageOut

router = family_router()

CategoryDep = Annotated[wire.CategoryIn, Depends(query(wire.CategoryIn))]
ValueDep = Annotated[wire.ValueIn, Depends(given(wire.ValueIn))]
BulkDep = Annotated[wire.BulkIn, Depends(body(wire.BulkIn))]
NewSettingDep = Annotated[wire.NewSettingIn, Depends(body(wire.NewSettingIn))]


@router.get(f"{PREFIX}/settings", dependencies=READ)
def list_settings(app: AppDep, wish: CategoryDep) -> list[wire.SettingOut]:
    """All settings, or those of a category."""
    return [setting_out(one) for one in app.subtitles.keys.list_settings(wish.category)]


@router.get(f"{PREFIX}/settings/{{key}}", dependencies=READ)
def read_setting(key: str, app: AppDep) -> wire.SettingOut:
    """One setting."""
    return setting_out(app.subtitles.keys.get(key))


@router.put(f"{PREFIX}/settings/{{key}}", dependencies=ADMIN)
def change_setting(key: str, app: AppDep, wish: ValueDep) -> wire.SettingOut:
    """Give a setting another value."""
    return setting_out(calls.change(app, key, wish.value))


@router.post(f"{PREFIX}/settings/bulk-update", dependencies=ADMIN)
def change_settings(app: AppDep, wish: BulkDep) -> MessageOut:
    """Give many settings other values: all or none."""
    changed = calls.change_many(app, wish.settings)
    return MessageOut(message=f"Updated {changed} settings successfully")


@router.post(f"{PREFIX}/settings/init-defaults", dependencies=ADMIN)
def init_defaults(app: AppDep) -> MessageOut:
    """See that every setting is there."""
    app.subtitles.keys.init_defaults()
    return MessageOut(message="Default settings initialized successfully")


@router.post(f"{PREFIX}/settings", status_code=201, dependencies=ADMIN)
def create_setting(app: AppDep, wish: NewSettingDep) -> wire.SettingOut:
    """A setting of the user's own."""
    return setting_out(calls.create(app, wish))


@router.delete(f"{PREFIX}/settings/{{key}}", dependencies=ADMIN)
def remove_setting(key: str, app: AppDep) -> MessageOut:
    """Forget a setting of the user's own, or give one of Mediant's its default again."""
    calls.remove(app, key)
    return MessageOut(message=f"Setting '{key}' deleted successfully")
