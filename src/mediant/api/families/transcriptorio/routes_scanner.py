"""The scanner: status, scans, schedule, watch, and a look at one file."""

from typing import Annotated

from fastapi import Depends, Request

from mediant.api.auth import JOBS, READ, WRITE, AppDep
from mediant.api.families.transcriptorio import calls_scanner as calls
from mediant.api.families.transcriptorio import translate_scanner as translate
from mediant.api.families.transcriptorio import wire_scanner as wire
from mediant.api.families.transcriptorio.family import PREFIX, apart, body, family_router, given
from mediant.api.families.transcriptorio.wire import MessageOut
from mediant.api.reach import confine

router = family_router()

ScanDep = Annotated[wire.ScanIn, Depends(body(wire.ScanIn))]
SchedulerDep = Annotated[wire.SchedulerIn, Depends(body(wire.SchedulerIn))]
WatcherDep = Annotated[wire.WatcherIn, Depends(body(wire.WatcherIn))]
FileDep = Annotated[wire.FileIn, Depends(given(wire.FileIn))]


@router.get(f"{PREFIX}/scanner/status", dependencies=READ)
def scanner_status(app: AppDep) -> wire.ScannerOut:
    """What is wished of the scanner, and what it does."""
    return translate.scanner_out(app.subtitles.scanner.status())


@router.post(f"{PREFIX}/scanner/scan", dependencies=JOBS)
async def scan(request: Request, app: AppDep, wish: ScanDep) -> wire.ScannedOut:
    """Scan now, and answer when it has ended."""
    await apart(lambda: confine(request, *(wish.paths or ())))
    return await calls.scan(request, app, wish)


@router.post(f"{PREFIX}/scanner/scheduler/start", dependencies=WRITE)
def start_schedule(request: Request, app: AppDep, wish: SchedulerDep) -> MessageOut:
    """Scan by schedule from now on."""
    confine(request, *(wish.paths or ()))
    return calls.start_schedule(app, wish)


@router.post(f"{PREFIX}/scanner/scheduler/stop", dependencies=WRITE)
def stop_schedule(app: AppDep) -> MessageOut:
    """No scheduled scans any more."""
    return calls.stop_schedule(app)


@router.post(f"{PREFIX}/scanner/watcher/start", dependencies=WRITE)
async def start_watch(request: Request, app: AppDep, wish: WatcherDep) -> MessageOut:
    """Take up new videos as they come, from now on."""
    await apart(lambda: confine(request, *(wish.paths or ())))
    return await apart(lambda: calls.start_watch(app, wish))


@router.post(f"{PREFIX}/scanner/watcher/stop", dependencies=WRITE)
async def stop_watch(app: AppDep) -> MessageOut:
    """Watch no longer."""
    return await apart(lambda: calls.stop_watch(app))


@router.post(f"{PREFIX}/scanner/analyze", dependencies=JOBS)
async def analyze(request: Request, app: AppDep, wish: FileDep) -> wire.AnalyzedOut:
    """What is in a file, and what the rules would do with it."""
    await apart(lambda: confine(request, wish.file_path))
    return await apart(lambda: calls.analyze(app, wish.file_path))
