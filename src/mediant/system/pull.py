"""Fetching models as a job, so that a browser may ask for it and see how it goes."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from mediant.events import Event
from mediant.jobs.job import Enqueued, Job, NewJob
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.jobs.queue import JobQueue

NAME = "models.pull"


def _tell(_tx: Connection, _job: Job, result: Result) -> Committed:
    news = [Event("models.changed", {"installed": result["installed"]})]
    return Committed(events=news if result["installed"] else (), summary=dict(result))


KIND = JobKind(NAME, "mediant.system.fetch:run", lane="io", hang_s=1800, commit=_tell)
"""A download by pip may be silent for long; pip has its own time limits."""


def enqueue_pull(queue: JobQueue, folder: Path, names: Sequence[str] | None) -> Enqueued:
    """Ask for models of the catalog or of a hub, or the default networks. One pull at a time."""
    payload = {"folder": str(folder), "names": None if names is None else list(names)}
    return queue.enqueue(NewJob(NAME, payload, dedup_key="pull"))
