"""One change of the jobs: rows, counters and events in one transaction, news after the commit."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.job import JobState
from mediant.jobs.statement import Statement
from mediant.store.engine import Database

_LOCK = 0x6D65_6469_616E_7410
"""PostgreSQL's lock for changes of existing jobs ("mediant", 16)."""
SINGLE_EVENTS = 20
"""More moves of one kind in one transaction than that are told as one event with a count."""

TOPIC_OF = {
    JobState.QUEUED: "job.queued",
    JobState.RUNNING: "job.started",
    JobState.DONE: "job.done",
    JobState.FAILED: "job.failed",
    JobState.CANCELLED: "job.cancelled",
}


class Change:
    """What is about to be committed."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self.counts: Counter[tuple[str, str]] = Counter()
        self.events: list[Event] = []
        self.ended: list[int] = []
        self.followed: list[int] = []
        """Those of the ended jobs behind which a wish waits."""

    def move(self, kind: str, old: JobState | None, new: JobState | None, n: int = 1) -> None:
        """Note that `n` jobs changed their state; None is a job that was not, or is no more."""
        if old is not None:
            self.counts[old.value, kind] -= n
        if new is not None:
            self.counts[new.value, kind] += n

    def tell(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Note an event."""
        self.events.append(Event(topic, payload))

    def tell_moved(self, topic: str, moved: Iterable[tuple[int, str]]) -> None:
        """Note an event a job, or one a kind when there are many: (id, kind) each."""
        by_kind: dict[str, list[int]] = {}
        for job_id, kind in moved:
            by_kind.setdefault(kind, []).append(job_id)
        for kind, ids in by_kind.items():
            if len(ids) > SINGLE_EVENTS:
                self.tell(topic, {"kind": kind, "count": len(ids)})
            else:
                for job_id in ids:
                    self.tell(topic, {"job_id": job_id, "kind": kind})


class Journal:
    """Opens changes, and tells who waits for a job when it has ended."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self.database = database
        self.history = EventHistory(database)
        self.bus = bus
        self._waiting: dict[int, list[Future[None]]] = {}
        self._guard = threading.Lock()
        dialect = database.engine.dialect
        self._is_postgres = database.dialect == "postgresql"
        self._lock = Statement(dialect, "SELECT pg_advisory_xact_lock(:lock)")
        self._count = Statement(
            dialect,
            "INSERT INTO job_count (state, kind, n) VALUES (:state, :kind, :n) "
            "ON CONFLICT (state, kind) DO UPDATE SET n = job_count.n + excluded.n",
        )

    @contextmanager
    def change(self, *, exclusive: bool = True) -> Iterator[Change]:
        """A transaction on jobs. `exclusive`: it changes rows that exist.

        On PostgreSQL such changes take turns; else the dispatcher and a cancel could each wait
        for a row of the other. (On SQLite all writers take turns anyway.)
        """
        with self.database.write() as tx:
            if exclusive and self._is_postgres:
                self._lock.run(tx, lock=_LOCK)
            change = Change(tx)
            yield change
            told = self.history.append(tx, change.events) if change.events else []
            # Last, and in one order: every writer of jobs waits for these rows.
            self._write_counts(change)
        if told:
            self.bus.publish(told)
        if change.ended:
            self._release(change.ended)

    def _write_counts(self, change: Change) -> None:
        rows = [
            {"state": state, "kind": kind, "n": n}
            for (state, kind), n in sorted(change.counts.items())
            if n
        ]
        self._count.run_many(change.tx, rows)

    def expect(self, job_id: int) -> "Future[None]":
        """A future that is set when this process sees the job end. Give it back by `forget`."""
        future: Future[None] = Future()
        with self._guard:
            self._waiting.setdefault(job_id, []).append(future)
        return future

    def forget(self, job_id: int, future: "Future[None]") -> None:
        """Stop waiting."""
        with self._guard:
            futures = self._waiting.get(job_id, [])
            if future in futures:
                futures.remove(future)
            if not futures:
                self._waiting.pop(job_id, None)

    def _release(self, ended: Iterable[int]) -> None:
        if not self._waiting:
            return
        with self._guard:
            found = [f for job_id in ended for f in self._waiting.pop(job_id, [])]
        for future in found:
            if future.set_running_or_notify_cancel():
                future.set_result(None)
