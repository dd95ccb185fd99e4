"""Jobs of subtitles: asking for them, looking at them, stopping them."""

import logging
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediaError, MediantError, NotFound, Refused
from mediant.jobs.job import ENDED, Enqueued, Job, JobState, NewJob
from mediant.jobs.queue import JobQueue
from mediant.jobs.rows import JOB_FIELDS, to_job
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.standalone import require_standalone
from mediant.subtitles.transcribe.file import discard_leftover, read_sum
from mediant.subtitles.transcribe.places import check_place, refuse_folder
from mediant.subtitles.transcribe.view import JobPage, JobType, SubtitleJob, to_view
from mediant.subtitles.transcribe.wish import (
    DETECT,
    DETECTION_PRIORITY,
    KINDS,
    TRANSCRIBE,
    AlreadyQueued,
    Wish,
    detection_job,
)
from mediant.subtitles.transcribe.written import list_intended, settle_intent

ReadSettings = Callable[[], SubtitlesSettings]

_columns = [job_table.c[name] for name in JOB_FIELDS]
_KIND_OF: dict[JobType, str] = {"transcription": TRANSCRIBE, "language_detection": DETECT}
_MAX_ID = 2**63 - 1

_log = logging.getLogger(__name__)


class SubtitleJobs:
    """The jobs of this room, among all that the queue holds."""

    def __init__(self, database: Database, queue: JobQueue, settings: ReadSettings) -> None:
        self._database = database
        self._queue = queue
        self._settings = settings

    def enqueue(self, wish: Wish) -> SubtitleJob:
        """Make the job of a wish.

        Raises Invalid for what makes no sense or is no file, `AlreadyQueued` with the live job
        that does the same, and Refused while `operation_mode` lacks `standalone`. A file that is
        not there, or lies outside the library, gives a job that has failed already.
        """
        return self._put(wish.new_job(self._settings()))

    def detect(
        self, path: str | Path, *, priority: int = DETECTION_PRIORITY, is_manual: bool = True
    ) -> SubtitleJob:
        """Have it found out which language is spoken in a file; raises as `enqueue` does."""
        new = detection_job(path, self._settings(), priority=priority, is_manual=is_manual)
        return self._put(new)

    def list_jobs(
        self,
        *,
        states: Collection[JobState] | None = None,
        job_type: JobType | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> JobPage:
        """Jobs, the newest first, and how many there are in these states."""
        kinds = KINDS if job_type is None else (_KIND_OF[job_type],)
        conditions: list[ColumnElement[bool]] = [job_table.c.kind.in_(kinds)]
        if states is not None:
            conditions.append(job_table.c.state.in_([state.value for state in states]))
        query = select(*_columns).where(*conditions).order_by(job_table.c.id.desc())
        count = select(func.count()).select_from(job_table).where(*conditions)
        with self._database.read() as connection:
            total = connection.scalar(count) or 0
            rows = connection.execute(query.offset(offset).limit(limit)).all()
        return JobPage([to_view(to_job(row)) for row in rows], total)

    def get_job(self, key: int | str) -> SubtitleJob:
        """A job of this room by its id (also as digits) or its uuid; NotFound."""
        return to_view(self._find(key))

    def retry(self, key: int | str) -> SubtitleJob:
        """Queue a failed job again, as if it were new. NotFound; Refused for any other state, and
        when the same work is already under way."""
        job = self._find(key)
        if job.state is not JobState.FAILED:
            raise Refused(f"Only a failed job is retried; this one is {job.state}.", asset=str(key))
        self._queue.retry(job.id)
        return self.get_job(job.id)

    def cancel(self, key: int | str) -> SubtitleJob:
        """Stop a job: at once while it is queued, within seconds while it runs. NotFound; Refused
        when it has ended."""
        job = self._find(key)
        if job.state in ENDED or not self._queue.cancel(job.id):
            raise Refused(f"The job has ended: it is {job.state}.", asset=str(key))
        return self.get_job(job.id)

    def clear_done(self) -> int:
        """Remove the jobs that ended well; how many there were."""
        return sum(self._queue.flush([JobState.DONE], kind) for kind in KINDS)

    def count_jobs(self) -> dict[JobState, int]:
        """Jobs by state; every state is there."""
        counts = dict.fromkeys(JobState, 0)
        for kind in KINDS:
            for state, n in self._queue.count_jobs(kind).items():
                counts[state] += n
        return counts

    def settle(self) -> int:
        """Clear up after jobs that were killed while they wrote and will not run again: their
        temporary files go, and only what is whole counts as ours. How many there were."""
        with self._database.read() as connection:
            intended = list_intended(connection)
        dead = [(path, job_id) for path, job_id in intended if not self._is_live(job_id)]
        for path, _ in dead:
            discard_leftover(Path(path))
            found = read_sum(Path(path))
            with self._database.write() as tx:
                settle_intent(tx, path, found)
        return len(dead)

    def settle_soon(self) -> threading.Thread:
        """The same in a thread of its own: a disk may sleep."""
        thread = threading.Thread(target=self._try_to_settle, name="subtitle tidying", daemon=True)
        thread.start()
        return thread

    def _try_to_settle(self) -> None:
        try:
            self.settle()
        except (MediantError, SQLAlchemyError) as failed:
            _log.warning("What was interrupted could not be cleared up: %s", failed)

    def _put(self, new: NewJob) -> SubtitleJob:
        require_standalone(self._settings())
        refuse_folder(Path(new.payload["path"]))
        wish = self._enqueue(new)
        if not wish.created:
            raise AlreadyQueued(wish.job_id, str(new.payload["path"]))
        return self.get_job(wish.job_id)

    def _enqueue(self, new: NewJob) -> Enqueued:
        try:
            check_place(Path(new.payload["path"]), self._settings().library_paths)
        except (MediaError, Refused) as error:
            return self._queue.enqueue_failed(new, error.code, str(error))
        return self._queue.enqueue(new)

    def _find(self, key: int | str) -> Job:
        query = select(*_columns).where(job_table.c.kind.in_(KINDS))
        text = str(key)
        if text.isascii() and text.isdigit() and int(text) <= _MAX_ID:
            query = query.where(job_table.c.id == int(text))
        else:
            query = query.where(job_table.c.uuid == text)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("There is no such job.", asset=f"job {key}")
        return to_job(row)

    def _is_live(self, job_id: int) -> bool:
        try:
            return not self._queue.get_job(job_id).state.is_ended
        except NotFound:
            return False
