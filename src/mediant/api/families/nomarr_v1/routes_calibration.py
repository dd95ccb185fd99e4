"""Calibration: measure the library, look back, give the files the words that follow."""

from typing import Annotated

from fastapi import Query, Request

from mediant.api.auth import READ, WRITE, AppDep
from mediant.api.families.nomarr_v1 import calibrating
from mediant.api.families.nomarr_v1 import wire_calibration as wire
from mediant.api.families.nomarr_v1.family import family_router

router = family_router()


@router.post("/admin/calibration/run", dependencies=WRITE)
@router.post("/api/v1/admin/calibration/run", dependencies=WRITE)
async def run(request: Request, app: AppDep) -> wire.CalibrationOut:
    """Calibrate by all stored scores and answer when that is done."""
    return await calibrating.run(request, app)


@router.get("/admin/calibration/history", dependencies=READ)
@router.get("/api/v1/admin/calibration/history", dependencies=READ)
def list_history(
    app: AppDep,
    model: str | None = None,
    head: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> wire.HistoryOut:
    """What was measured of each head, newest first."""
    return calibrating.list_history(app, model, head, limit)


@router.post("/admin/calibration/retag-all", dependencies=WRITE)
@router.post("/api/v1/admin/calibration/retag-all", dependencies=WRITE)
def retag_all(app: AppDep) -> wire.RetagOut:
    """Give all tagged files the words of the calibration in force."""
    return calibrating.retag_all(app)
