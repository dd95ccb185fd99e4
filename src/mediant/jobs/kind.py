"""What a room declares about one kind of job, on the server's side.

The work itself runs in a worker process that has no database. It is named by `run`, so that the
server never imports it. What the work found travels back as values, and the functions here write
them, in the very transaction that moves the job's state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mediant.events.topics import Event
from mediant.jobs.job import Job, NewJob, Payload

CANCEL_S = 2.0
"""Whoever cancels a job waits no longer for one that does not listen."""

Merge = Callable[[Payload, Payload], Payload]
"""(the old wish, the new one) -> a wish that is at least as strong as both. Pure."""

Result = Mapping[str, Any]
"""What a handler returns; msgpack-able (bytes allowed). Only `summary` is kept on the job row."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit wants besides the rows it wrote."""

    events: Sequence[Event] = ()
    children: Sequence[NewJob] = ()
    """Jobs to insert in the same transaction, as children of this one: it then waits for them."""
    jobs: Sequence[NewJob] = ()
    """Jobs to insert in the same transaction that go their own way: nothing waits for them, and
    cancelling this job leaves them alone."""
    summary: Payload | None = None
    """Small JSON kept as the job's `result`."""


def payload_as_it_is(_tx: Connection, job: Job) -> Payload:
    """Send the row's payload."""
    return job.payload


def write_nothing(_tx: Connection, _job: Job, result: Result) -> Committed:
    """Keep the result on the job's row only."""
    return Committed(summary=result or None)


def as_one(_connection: Connection, _job: Job, part: Result) -> Sequence[Result]:
    """Write a part in one piece."""
    return (part,)


def note_nothing(_tx: Connection, _job: Job, _code: str, _text: str) -> Committed:
    """Let the job's row alone tell of the failure."""
    return Committed()


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job.

    `run` is `package.module:function` with the signature
    `(payload: Payload, watch: Watch, tools: Toolbox) -> Result`, imported in the worker.
    """

    name: str
    run: str
    lane: str = "cpu"
    """One of `lane.LANES`."""
    max_tries: int = 1
    hang_s: float = 600.0
    """Killed when no message came for so long."""
    cancel_s: float = CANCEL_S
    """Killed when it was asked to stop and still runs after so long."""
    brief: bool = False
    """Takes milliseconds. A few such jobs are handed to one worker at once, which saves the wait
    between them; those that stand in its pipe are `running` too, for that short while."""
    prepare: Callable[[Connection, Job], Payload] = payload_as_it_is
    """Builds the message for the worker at claim time, from the row and the database."""
    absorb: Callable[[Connection, Job, Result], Committed] = write_nothing
    """Writes one part that the worker emitted; its own transaction, fenced like the outcome.
    Only `events` and `children` of the answer are used. It SHALL be idempotent: after a lost
    connection, or in a later attempt, the same part may come again."""
    cut: Callable[[Connection, Job, Result], Sequence[Result]] = as_one
    """Cuts a part whose writing would keep others waiting into parts that are absorbed one by one,
    a transaction each."""
    commit: Callable[[Connection, Job, Result], Committed] = write_nothing
    """Writes the final result, in the transaction that makes the job `done`."""
    failed: Callable[[Connection, Job, str, str], Committed] = note_nothing
    """Writes what a final failure means for the room: (code, sentence)."""
    merge: Merge | None = None
    """What becomes of a wish whose twin is live. A queued twin takes the merged wish up. Behind a
    running one the merged wish waits, if it differs, as a job of its own that starts afterwards.
    Without it the twin stays as it is."""
    scheduled_key: str | None = None
    """The dedup_key of its scheduled jobs, for kinds whose wishes share one. Without it each slot
    of a schedule has a key of its own."""
