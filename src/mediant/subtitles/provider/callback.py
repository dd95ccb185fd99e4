"""Telling Bazarr of the files that the library's own jobs wrote."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from mediant.errors import Refused
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind
from mediant.kernel.clock import now_s
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.transcribe.places import to_theirs

TELL_BAZARR = "tell_bazarr"
TRIES = 20
PASSING = "unavailable"


class Callbacks:
    """The kind of job `tell_bazarr`. `run` names its work in the worker."""

    def __init__(self, settings: Callable[[], SubtitlesSettings], run: str) -> None:
        self._settings = settings
        self._run = run

    def kinds(self) -> list[JobKind]:
        """One."""
        return [
            JobKind(TELL_BAZARR, self._run, lane="io", prepare=self._prepare, failed=self._try_on)
        ]

    def jobs_after_writing(self, video: str) -> list[NewJob]:
        """The job that tells of a new file for this video; none where that is not wanted."""
        return [_new_job(video, 1)] if self._is_wanted() else []

    def _is_wanted(self) -> bool:
        now = self._settings()
        is_on = now.bazarr_provider_enabled and now.provider_callback_enabled
        return bool(is_on and now.bazarr_url and now.bazarr_own_key.get_secret_value())

    def _prepare(self, _tx: Connection, job: Job) -> Payload:
        """Address and key are read now: they never stand in a row."""
        if not self._is_wanted():
            raise Refused("Bazarr is not to be told any more.")
        now = self._settings()
        path = to_theirs(Path(str(job.payload["video"])), now)
        return {
            "url": now.bazarr_url,
            "key": now.bazarr_own_key.get_secret_value(),
            "path": str(path),
        }

    def _try_on(self, _tx: Connection, job: Job, code: str, _text: str) -> Committed:
        """While it cannot be reached, a next try stands in line."""
        number = int(job.payload["try"]) + 1
        if code != PASSING or number > TRIES or not self._is_wanted():
            return Committed()
        run_at = now_s() + self._settings().provider_polling_interval
        return Committed(jobs=[_new_job(str(job.payload["video"]), number, run_at)])


def _new_job(video: str, number: int, run_at: float | None = None) -> NewJob:
    payload = {"video": video, "try": number}
    return NewJob(TELL_BAZARR, payload, f"{video}|{number}", run_at=run_at)
