"""Tagging jobs as both Nomarr families see them: one queue of files, and one worker to switch.

The words and shapes of an answer are each family's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediant.app import App
from mediant.errors import MEDIA_CODES, Invalid, MediantError, NotFound
from mediant.jobs.crew import WorkerInfo
from mediant.jobs.job import Enqueued, Job, JobState
from mediant.jobs.queue import JobQueue
from mediant.kernel.paths import real

KIND = "tag"
FAILED = (JobState.FAILED, JobState.CANCELLED)
"""What both families call an error."""
STATUS: Mapping[JobState, str] = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.FAILED: "error",
    JobState.CANCELLED: "error",
}
"""Both families' words for the states of a job."""
PAUSES = frozenset({"all", "kind:tag", "lane:cpu"})
"""A pause of any of these is what these families call a disabled worker."""
OWN_PAUSE = "kind:tag"
"""What they pause: scans, calibrations and whatever else a server does go on."""


def is_enabled(pauses: Sequence[str]) -> bool:
    """Whether tagging jobs are taken up."""
    return PAUSES.isdisjoint(pauses)


def disable_worker(queue: JobQueue) -> None:
    """Take up no tagging job any more; what runs goes on. It outlasts a restart."""
    queue.pause(OWN_PAUSE)


def enable_worker(queue: JobQueue) -> None:
    """Take up tagging jobs again, whatever pause held them back."""
    for scope in PAUSES.intersection(queue.list_pauses()):
        queue.resume(scope)


def is_working(app: App) -> bool:
    """Whether somebody would take a tagging job up now."""
    enabled = is_enabled(app.queue.list_pauses())
    return enabled and app.dispatcher.is_alive and bool(list_workers(app))


def list_workers(app: App) -> list[WorkerInfo]:
    """The workers of the lane in which tagging jobs run."""
    lane = app.queue.kinds[KIND].lane
    return [worker for worker in app.dispatcher.list_workers() if worker.lane == lane]


def write_error_of(job: Job) -> str | None:
    """Why the tags that were wanted in the file are not there, for a job that is done."""
    found = (job.result or {}).get("write_error")
    return None if found is None else str(found)


def error_of(job: Job) -> str | None:
    """Why a job did not end well. These families have no word for `cancelled`: the text says it.

    What is wrong with the file itself ends in its code, such as `[too_short]`: they have no key
    for it, and a script may want to know.
    """
    if job.state is JobState.CANCELLED:
        return "cancelled"
    if job.state is not JobState.FAILED:
        return write_error_of(job)
    return f"{job.error} [{job.error_code}]" if job.error_code in MEDIA_CODES else job.error


def depth_of(counts: Mapping[JobState, int]) -> int:
    """Jobs that are not yet done."""
    return counts[JobState.QUEUED] + counts[JobState.RUNNING]


def failed_of(counts: Mapping[JobState, int]) -> int:
    """Jobs that ended with an error."""
    return sum(counts[state] for state in FAILED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of the wish to tag one path: its jobs, or why there are none."""

    path: str
    """As it was given."""
    jobs: Sequence[Enqueued] = ()
    error: MediantError | None = None


def ask_paths(app: App, paths: Sequence[str], *, force: bool) -> list[Asked]:
    """Enqueue files, and every audio file below folders; a path that cannot be tagged stops none
    of the others. Paths may be those of another container."""
    return [_ask_path(app, path, force=force) for path in paths]


def _ask_path(app: App, path: str, *, force: bool) -> Asked:
    try:
        return Asked(path, tag_path(app, path, force=force))
    except MediantError as error:
        return Asked(path, error=error)


def is_folder(app: App, path: str) -> bool:
    """Whether a path is a folder here. Raises Invalid for a path that is not absolute, MediaError
    for one that leads nowhere."""
    try:
        return real(app.library.to_ours(path)).is_dir()
    except OSError:  # not reachable: whoever takes it for a file is told why
        return False


def tag_path(app: App, path: str, *, force: bool) -> list[Enqueued]:
    """Enqueue a file, or every audio file below a folder.

    Raises MediaError for a missing path, NotFound where there is no audio, Forbidden outside all
    libraries, Invalid for a path that is not absolute.
    """
    ours = app.library.to_ours(path)
    try:
        return app.tagging.tag_path(ours, force=force)
    except Invalid as bad:
        # The documents know one answer for what is no audio: 404.
        raise NotFound(bad.text, asset=bad.asset, remedy=bad.remedy) from bad
