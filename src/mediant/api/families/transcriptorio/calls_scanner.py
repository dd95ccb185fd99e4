"""What the routes of the scanner ask of the core."""

from functools import partial

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from mediant.api.families.transcriptorio import translate_scanner as translate
from mediant.api.families.transcriptorio import wire_scanner as wire
from mediant.api.families.transcriptorio.wire import MessageOut
from mediant.api.gates import gates_of
from mediant.api.stream import wait_for_job
from mediant.app import App
from mediant.errors import Invalid, MediaError, NotFound, Refused, Unavailable
from mediant.jobs.job import Job, JobState

SCAN_WAIT_S = 6 * 3600.0
"""An answer waits so long for a scan; no library takes longer."""
MISSING = "missing"


async def scan(request: Request, app: App, wish: wire.ScanIn) -> wire.ScannedOut:
    """Scan, and wait for the end without holding a thread. Raises `Invalid` without a folder,
    `Forbidden` outside the library's, and `Refused` when it failed."""
    ask = partial(app.subtitles.scanner.scan, wish.paths, wish.recursive)
    job = await wait_for_job(request, app, await gates_of(request).changes.run(ask), SCAN_WAIT_S)
    return await run_in_threadpool(_read_scan, app, job)


def _read_scan(app: App, job: Job) -> wire.ScannedOut:
    name = f"job {job.id}"
    if job.state is JobState.DONE:
        return translate.scanned_out(app.subtitles.scanner.read_scan(job.id))
    if job.state is JobState.CANCELLED:
        raise Refused("The scan was cancelled.", asset=name)
    if job.state is JobState.FAILED:
        raise Refused(job.error or "The scan failed.", asset=name)
    raise Unavailable("The scan has not ended yet.", asset=name, remedy="It goes on by itself.")


def start_schedule(app: App, wish: wire.SchedulerIn) -> MessageOut:
    """Scan by the clock from now on, or no more when that is the wish."""
    if not wish.enabled:
        return stop_schedule(app)
    cron = (wish.cron_expression or "").strip() or None
    told = app.subtitles.scanner.start_schedule(cron, wish.paths, wish.recursive)
    return MessageOut(message=f"Scheduler started successfully ({told})")


def stop_schedule(app: App) -> MessageOut:
    """No more scans by the clock."""
    app.subtitles.scanner.stop_schedule()
    return MessageOut(message="Scheduler stopped successfully")


def start_watch(app: App, wish: wire.WatcherIn) -> MessageOut:
    """Watch from now on, or no more when that is the wish."""
    if not wish.enabled:
        return stop_watch(app)
    app.subtitles.scanner.start_watch(wish.paths, wish.recursive)
    return MessageOut(message="File watcher started successfully")


def stop_watch(app: App) -> MessageOut:
    """Watch no more."""
    app.subtitles.scanner.stop_watch()
    return MessageOut(message="File watcher stopped successfully")


def analyze(app: App, path: str) -> wire.AnalyzedOut:
    """A look into one file. Raises `NotFound`, `Forbidden`, and `Invalid` for what is no file or
    no media."""
    try:
        return translate.analyzed_out(app.subtitles.scanner.analyse(path))
    except MediaError as bad:
        if bad.code == MISSING:
            raise NotFound(bad.text, asset=bad.asset, remedy=bad.remedy) from bad
        raise Invalid(bad.text, asset=bad.asset, remedy=bad.remedy) from bad
