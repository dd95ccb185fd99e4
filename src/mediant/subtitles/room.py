"""The subtitles room's face: what can be asked of it from the server's side."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from mediant.jobs.job import JobState
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.jobs import SubtitleJobs
from mediant.subtitles.provider.provider import Provider
from mediant.subtitles.rule_store import RuleStore
from mediant.subtitles.scanning.scanner import Scanner
from mediant.subtitles.setup import Setup
from mediant.subtitles.subtitle_settings import SubtitleSettings
from mediant.subtitles.transcribe.view import JobPage, JobType, SubtitleJob
from mediant.subtitles.transcribe.wish import DETECTION_PRIORITY, Wish
from mediant.subtitles.workers import SpeechWorkers

STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What the room is made of."""

    jobs: SubtitleJobs
    rules: RuleStore
    scanner: Scanner
    keys: SubtitleSettings
    setup: Setup
    workers: SpeechWorkers
    provider: Provider


class Subtitles:
    """Subtitles of all videos: jobs, rules, scans, settings and the workers that listen."""

    def __init__(self, settings: Callable[[], SubtitlesSettings], parts: Parts) -> None:
        """Nothing heavy runs in this object: the work is done by jobs."""
        self._settings = settings
        self._jobs = parts.jobs
        self._tidying: Thread | None = None
        self.rules = parts.rules
        self.scanner = parts.scanner
        self.keys = parts.keys
        """The settings as their API names and numbers them."""
        self.setup = parts.setup
        self.workers = parts.workers
        self.provider = parts.provider
        """Recognition for programs that send sound."""

    def settings(self) -> SubtitlesSettings:
        """The settings as they are now."""
        return self._settings()

    def start(self) -> None:
        """Clear up after jobs that were killed; watch and schedule as the settings want."""
        self._tidying = self._jobs.settle_soon()
        self.provider.start()
        self.scanner.start()

    def stop(self) -> None:
        """End what `start` began."""
        self.scanner.stop()
        self.provider.stop()

    # Jobs

    def enqueue(self, wish: Wish) -> SubtitleJob:
        """Have a subtitle made.

        Raises Invalid for what makes no sense, and `AlreadyQueued` with the live job that does
        the same. A file that is not there, or lies outside the library, gives a job that has
        failed already.
        """
        return self._jobs.enqueue(wish)

    def detect(
        self, path: str | Path, *, priority: int = DETECTION_PRIORITY, is_manual: bool = True
    ) -> SubtitleJob:
        """Have it found out which language is spoken in a file; raises as `enqueue` does."""
        return self._jobs.detect(path, priority=priority, is_manual=is_manual)

    def list_jobs(
        self,
        *,
        states: Collection[JobState] | None = None,
        job_type: JobType | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> JobPage:
        """Jobs, the newest first, and how many there are in these states."""
        return self._jobs.list_jobs(states=states, job_type=job_type, offset=offset, limit=limit)

    def get_job(self, key: int | str) -> SubtitleJob:
        """A job of this room by its id (also as digits) or its uuid; NotFound."""
        return self._jobs.get_job(key)

    def retry(self, key: int | str) -> SubtitleJob:
        """Queue a failed job again. NotFound; Refused for any other state, and when the same work
        is already under way."""
        return self._jobs.retry(key)

    def cancel(self, key: int | str) -> SubtitleJob:
        """Stop a job that has not ended: at once, or within seconds while it runs. NotFound,
        Refused."""
        return self._jobs.cancel(key)

    def clear_done(self) -> int:
        """Remove the jobs that ended well; how many there were."""
        return self._jobs.clear_done()

    def count_jobs(self) -> dict[JobState, int]:
        """Jobs by state; every state is there."""
        return self._jobs.count_jobs()
