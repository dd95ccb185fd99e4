"""The provider's face: questions are joined, answered once, and remembered."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, select

from mediant.errors import Busy, MediantError, NotFound
from mediant.events.bus import EventBus, Subscription
from mediant.jobs.job import Job, JobState, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.jobs.queue import JobQueue
from mediant.models.speech_folder import find_speech_models
from mediant.settings.secret import reveal
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.provider import results
from mediant.subtitles.provider.question import HEAR, HEAR_LANGUAGE, KINDS, Question, key_of
from mediant.subtitles.provider.spool import Spool
from mediant.subtitles.speech.choose import find_folder

ReadSettings = Callable[[], SubtitlesSettings]

HANG_S = 1800.0
MAX_TRIES = 3
Why = Literal["answered", "for now", "gone"]
"""Why somebody waits no longer."""

ENDS = ("job.done", "job.failed", "job.cancelled")
PRESETS = {HEAR: "balanced", HEAR_LANGUAGE: "fast"}
"""The text is heard with the model that the user chose; for its language a quick one will do."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie."""

    models: Path
    spool: Path


@dataclass(frozen=True, slots=True)
class Ticket:
    """Somebody's place among those who wait for an answer."""

    key: str
    job_id: int | None
    """The job that finds it out; None when the answer is there."""


class Provider:
    """Answers questions about sound that is sent. Any thread may call."""

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        bus: EventBus,
        settings: ReadSettings,
        places: Places,
    ) -> None:
        """`places.spool` belongs to this object alone."""
        self.queue = queue
        self.spool = Spool(places.spool, self._list_needed)
        self.settings = settings
        self._database = database
        self._bus = bus
        self._models = places.models
        self._waiting: Counter[int] = Counter()
        self._kept: set[int] = set()
        self._abandoned: set[int] = set()
        self._guard = threading.Lock()
        self._ends: Subscription | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Remove what a former server left, then keep the spool tidy."""
        self.spool.clear_leftovers()
        self._ends = self._bus.subscribe(ENDS)
        self._thread = threading.Thread(
            target=self._follow, args=[self._ends], name="spool", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End what `start` began."""
        if self._ends is not None and self._thread is not None:
            self._ends.close()
            self._thread.join()
            self._ends = self._thread = None

    def kinds(self) -> list[JobKind]:
        """Both kinds of job."""
        handlers = {HEAR: "hear", HEAR_LANGUAGE: "hear_language"}
        lanes = {HEAR: "speech", HEAR_LANGUAGE: "detect"}
        return [
            JobKind(
                name,
                f"mediant.subtitles.provider.work:{handlers[name]}",
                lane=lanes[name],
                max_tries=MAX_TRIES,
                hang_s=HANG_S,
                prepare=self._prepare,
                commit=self._commit,
            )
            for name in KINDS
        ]

    # Asking

    def join(self, question: Question) -> Ticket:
        """Take a place among those who wait for this answer; the first has the work begun.

        The sound must be held in the spool until `leave`.
        """
        settings = self.settings()
        key = key_of(question, settings, self._name_models(settings))
        with self._guard:
            if self._is_known(key):
                return Ticket(key, None)
            job_id = self.queue.enqueue(question.new_job(key)).job_id
            self._waiting[job_id] += 1
        return Ticket(key, job_id)

    def leave(self, ticket: Ticket, why: Why) -> None:
        """Wait no longer. When everybody who waited has gone away, the work ends.

        Whoever leaves `for now` comes again, so the answer is still wanted.
        """
        job_id = ticket.job_id
        if job_id is None:
            return
        with self._guard:
            self._waiting[job_id] -= 1
            if why == "for now":
                self._kept.add(job_id)
            if self._waiting[job_id] > 0:
                return
            del self._waiting[job_id]
            if why == "answered":
                self._drop(job_id)
            elif job_id not in self._kept:
                self._abandoned.add(job_id)
                with suppress(NotFound):
                    self.queue.cancel(job_id)

    def is_abandoned(self, job_id: int) -> bool:
        """Whether it was cancelled only because nobody seemed to wait for it."""
        return job_id in self._abandoned

    def read(self, key: str, form: str) -> str | None:
        """The answer in one form; None when it is not known (any more)."""
        with self._database.read() as connection:
            text = results.find_text(connection, key, form)
            is_worn = text is not None and results.is_worn(connection, key)
        if is_worn:
            with suppress(Busy), self._database.write() as tx:
                results.note_use(tx, key)
        return text

    def _is_known(self, key: str) -> bool:
        with self._database.read() as connection:
            return results.is_known(connection, key)

    def _name_models(self, settings: SubtitlesSettings) -> list[str]:
        """A better model that is installed later gives a better answer."""
        if settings.openai_url:
            return []
        folder = find_folder(settings, self._models)
        return [model.name for model in find_speech_models(folder) if model.problem is None]

    # The server's half of the jobs

    def _prepare(self, _tx: Connection, job: Job) -> Payload:
        return {
            **job.payload,
            "path": str(self.spool.folder / str(job.payload["audio"])),
            "preset": PRESETS[job.kind],
            "settings": reveal(self.settings()),
            "models": str(self._models),
        }

    def _commit(self, tx: Connection, job: Job, result: Result) -> Committed:
        video: Any = job.payload.get("video")
        results.keep_texts(tx, str(job.payload["key"]), result["texts"], video)
        return Committed(summary=result["summary"])

    # The spool

    def _list_needed(self) -> set[str]:
        live = [JobState.QUEUED.value, JobState.RUNNING.value]
        columns = job_table.c
        query = select(columns.payload).where(columns.kind.in_(KINDS), columns.state.in_(live))
        with self._database.read() as connection:
            return {json.loads(text)["audio"] for text in connection.execute(query).scalars()}

    def _follow(self, ends: Subscription) -> None:
        while (event := ends.get()) is not None:
            if event.payload.get("kind") in KINDS or ends.overflowed:
                self._forget(event.payload.get("job_id"))

    def _forget(self, job_id: object) -> None:
        with self._guard:
            if isinstance(job_id, int) and job_id not in self._waiting:
                self._drop(job_id)
        try:
            self.spool.tidy()
        except (MediantError, OSError) as error:
            _log.warning("The spool could not be tidied: %s", error)

    def _drop(self, job_id: int) -> None:
        self._kept.discard(job_id)
        self._abandoned.discard(job_id)
