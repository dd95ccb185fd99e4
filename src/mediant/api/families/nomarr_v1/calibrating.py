"""Calibration in this family's words: run one and wait for it, look back, tag again."""

from dataclasses import asdict
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from mediant.api.families.calibrate_job import calibrate
from mediant.api.families.nomarr_v1 import wire_calibration as wire
from mediant.app import App
from mediant.jobs.job import Job
from mediant.tagging.calibration.records import HeadCalibration

NO_FILES = "No tagged files found"


async def run(request: Request, app: App) -> wire.CalibrationOut:
    """Calibrate and answer when that is done. Raises what `calibrate` raises."""
    job = await calibrate(request, app)
    return await run_in_threadpool(_read_run, app, job)


def _read_run(app: App, job: Job) -> wire.CalibrationOut:
    version = (job.result or {}).get("version")
    found = None if version is None else app.calibrations.read_run(version)
    if found is None:
        return wire.CalibrationOut(
            version=None, heads_processed=0, stable_heads=0, unstable_heads=0, heads=[]
        )
    return wire.CalibrationOut(
        version=found.version,
        heads_processed=len(found.heads),
        stable_heads=found.stable_heads,
        unstable_heads=found.unstable_heads,
        heads=[wire.HeadRunOut(**_facts(head)) for head in found.heads],
    )


def list_history(app: App, model: str | None, head: str | None, limit: int) -> wire.HistoryOut:
    """What was measured, newest first. Raises `Forbidden` unless calibrating is on."""
    app.calibrations.check_enabled()
    found = app.calibrations.list_history(model=model, head=head, limit=limit)
    return wire.HistoryOut(runs=[wire.HistoryRowOut(**_facts(one)) for one in found])


def _facts(head: HeadCalibration) -> dict[str, Any]:
    facts = asdict(head)
    return {**facts, "drift": facts["drift"] or dict.fromkeys(wire.DriftOut.model_fields)}


def retag_all(app: App) -> wire.RetagOut:
    """Give the tagged files the words of the calibration in force, from stored scores.

    Raises `Forbidden` unless calibrating is on.
    """
    app.calibrations.check_enabled()
    files = app.tagging.retag_all().tracks
    told = f"Enqueued {files} tagged files for re-tagging" if files else NO_FILES
    return wire.RetagOut(enqueued=files, message=told)
