"""The routes of `transcriptorio`: below `/api`. Bazarr's own stand in a family of theirs."""

from fastapi import APIRouter

from mediant.api.families.transcriptorio import (
    routes_jobs,
    routes_rules,
    routes_scanner,
    routes_settings,
    routes_setup,
    routes_status,
    routes_system,
    routes_workers,
)

router = APIRouter()
for part in (
    routes_status,
    routes_workers,
    routes_jobs,
    routes_rules,
    routes_scanner,
    routes_settings,
    routes_system,
    routes_setup,
):
    router.include_router(part.router)
