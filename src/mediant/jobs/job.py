"""A job: one unit of durable work, its states, and what it takes to ask for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Payload = Mapping[str, Any]
"""What a kind needs to run: small, JSON for the table, msgpack for the pipe."""


class JobState(StrEnum):
    """The five states; families translate them."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen to the job by itself."""
        return self in ENDED


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class NewJob:
    """A wish for work. The same (kind, dedup_key) is live at most once."""

    kind: str
    payload: Payload = field(default_factory=dict)
    dedup_key: str | None = None
    priority: int = 0
    run_at: float | None = None
    parent_id: int | None = None
    lane: str | None = None
    max_tries: int | None = None
    is_news: bool = False
    """Something happened only now: a twin that runs may have looked before, and does not do."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The answer to a wish: the job, and whether it is a new one or the live twin."""

    job_id: int
    created: bool
    raised: bool = False
    """The twin now does more than it was asked before, or goes before others it stood behind."""
    follows: bool = False
    """The twin runs and cannot take the wish up any more: the job in its `next_id` will."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the job table."""

    id: int
    uuid: str
    kind: str
    lane: str
    priority: int
    state: JobState
    run_at: float
    dedup_key: str | None
    parent_id: int | None
    root_id: int | None
    children_left: int
    children_failed: int
    payload: Payload
    result: Payload | None
    next_id: int | None
    attempt: int
    tries: int
    deaths: int
    server_deaths: int
    max_tries: int
    worker: str | None
    device: str | None
    cancel: bool
    progress: float
    stage: str | None
    eta_s: float | None
    error_code: str | None
    error: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None
