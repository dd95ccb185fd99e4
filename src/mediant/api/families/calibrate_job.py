"""A calibration that a caller waits for, as both Nomarr families know it."""

import math
from functools import partial

from fastapi import Request

from mediant.api.gates import gates_of
from mediant.api.stream import wait_for_wish
from mediant.app import App
from mediant.errors import MediantError, Unavailable
from mediant.jobs.job import Enqueued, Job, JobState

KIND = "calibrate"


async def calibrate(request: Request, app: App) -> Job:
    """Calibrate, and the job when it is done. It goes on when the caller leaves.

    Raises `Forbidden` unless calibrating is on, `Unavailable` while nobody would do it, and what
    the job failed with.
    """
    wish = await gates_of(request).changes.run(partial(_ask, app))
    job = await wait_for_wish(request, app, wish, math.inf)
    if not job.state.is_ended:
        text = "The server stops. The calibration goes on when it is started again."
        raise Unavailable(text, asset=f"job {job.id}")
    if job.state is not JobState.DONE:
        raise MediantError(job.error or f"The calibration was {job.state}.", asset=f"job {job.id}")
    return job


def _ask(app: App) -> Enqueued:
    app.calibrations.check_enabled()
    lane = app.queue.kinds[KIND].lane
    held = {"all", f"kind:{KIND}", f"lane:{lane}"}.intersection(app.queue.list_pauses())
    if held:
        remedy = f"Resume it: mediant jobs resume {min(held)}."
        raise Unavailable("Calibrations are paused.", remedy=remedy)
    return app.calibrations.run()
