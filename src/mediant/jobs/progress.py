"""Progress of running jobs: heard often, told a few times a second, written every other second."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect

from mediant.events.topics import Event
from mediant.jobs.job import Job, Payload
from mediant.jobs.statement import Statement

TELL_S = 0.3
WRITE_S = 2.0


@dataclass(slots=True)
class _Entry:
    job: Job
    body: Payload
    told_at: float = float("-inf")
    is_new: bool = True
    is_unwritten: bool = True


class Progress:
    """The latest report of each running job. Moments are monotonic seconds."""

    def __init__(self, dialect: Dialect) -> None:
        self._entries: dict[int, _Entry] = {}
        self._written_at = float("-inf")
        self._update = Statement(
            dialect,
            "UPDATE job SET progress = :fraction, stage = :stage, eta_s = :eta_s "
            "WHERE id = :id AND attempt = :attempt AND state = 'running'",
        )

    def hear(self, job: Job, body: Payload) -> None:
        """A worker reported {fraction, stage, eta_s}."""
        entry = self._entries.get(job.id)
        if entry is None or entry.job.attempt != job.attempt:
            self._entries[job.id] = _Entry(job, body)
            return
        entry.body, entry.is_new, entry.is_unwritten = body, True, True

    def forget(self, job_id: int) -> None:
        """The attempt is over."""
        self._entries.pop(job_id, None)

    def list_news(self, now: float) -> list[Event]:
        """What to tell the bus now: of each job its latest, at most every `TELL_S`."""
        news = []
        for entry in self._entries.values():
            if entry.is_new and now - entry.told_at >= TELL_S:
                entry.is_new, entry.told_at = False, now
                payload: dict[str, Any] = {"job_id": entry.job.id, "kind": entry.job.kind}
                news.append(Event("job.progress", payload | dict(entry.body)))
        return news

    def is_due(self, now: float) -> bool:
        """Whether rows should be written now."""
        if now - self._written_at < WRITE_S:
            return False
        return any(entry.is_unwritten for entry in self._entries.values())

    def write(self, tx: Connection, now: float) -> None:
        """Bring the rows up to date."""
        due = [entry for entry in self._entries.values() if entry.is_unwritten]
        self._update.run_many(tx, [_to_row(entry) for entry in due])
        for entry in due:
            entry.is_unwritten = False
        self._written_at = now


def _to_row(entry: _Entry) -> dict[str, Any]:
    body = entry.body
    return {
        "id": entry.job.id,
        "attempt": entry.job.attempt,
        "fraction": body["fraction"],
        "stage": body["stage"],
        "eta_s": body["eta_s"],
    }
