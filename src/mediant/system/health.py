"""Health: what works now, cheap enough to be asked every few seconds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import JobState
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import now_s
from mediant.store.place import DatabaseGone

Status = Literal["healthy", "degraded", "unhealthy"]

NO_WORKERS = "No worker process runs, so that no job starts."
NO_DISPATCHER = "The dispatcher does not run, so that no job starts."
NO_DATABASE = "The database does not answer."


@dataclass(frozen=True, slots=True)
class Health:
    """What works at one moment. `degraded`: it answers, but something is missing."""

    status: Status
    is_database_open: bool
    is_dispatcher_alive: bool
    workers: int
    queued: int
    running: int
    problems: Sequence[str]
    checked_at: float

    @property
    def is_ready(self) -> bool:
        """Whether work can be given to the server."""
        return self.is_database_open and self.is_dispatcher_alive


def check_health(
    queue: JobQueue, dispatcher: Dispatcher, others: Sequence[Callable[[], str | None]]
) -> Health:
    """Ask the database, the dispatcher and its workers.

    `others` are further questions; each answers with a sentence when something is missing.
    """
    counts, fault = _count(queue)
    alive, workers = dispatcher.is_alive, len(dispatcher.list_workers())
    problems = [
        sentence
        for holds, sentence in (
            (fault is None, fault or ""),
            (alive, NO_DISPATCHER),
            (workers > 0 or not alive, NO_WORKERS),
        )
        if not holds
    ]
    problems += dispatcher.troubles.values()
    problems += [found for ask in others if (found := ask()) is not None]
    return Health(
        status=_status(counts is not None, problems),
        is_database_open=counts is not None,
        is_dispatcher_alive=alive,
        workers=workers,
        queued=(counts or {}).get(JobState.QUEUED, 0),
        running=(counts or {}).get(JobState.RUNNING, 0),
        problems=tuple(problems),
        checked_at=now_s(),
    )


def _count(queue: JobQueue) -> tuple[Mapping[JobState, int] | None, str | None]:
    """Jobs by state, or why the database does not tell."""
    try:
        return queue.count_jobs(), None
    except DatabaseGone as gone:
        return None, str(gone)
    except (SQLAlchemyError, MediantError):
        return None, NO_DATABASE


def _status(is_open: bool, problems: Sequence[str]) -> Status:
    if not is_open:
        return "unhealthy"
    return "degraded" if problems else "healthy"
