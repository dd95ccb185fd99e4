"""What became of an attempt, and what follows from it for the job."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from mediant.errors import Busy, MediantError
from mediant.jobs.follow import Followers
from mediant.jobs.intake import Intake
from mediant.jobs.job import Job, JobState, Payload
from mediant.jobs.journal import TOPIC_OF, Change
from mediant.jobs.kind import Committed, JobKind, as_one, note_nothing, write_nothing
from mediant.jobs.rows import to_json
from mediant.jobs.statement import Statement
from mediant.jobs.tree import Ancestors
from mediant.kernel.clock import now_s
from mediant.store.engine import Database
from mediant.store.failures import find_busy, is_disk_full

DEATH_LIMIT = 3
RETRY_S = 5.0
RETRY_LIMIT_S = 600.0
FENCE_SIZES = (1, 8, 64)

OutcomeType = Literal["done", "error", "died", "handed_back"]

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt. `body` by type: done: the result; error {code, text, transient};
    died {cause}; handed_back: nothing (it never started, or the server stops)."""

    job: Job
    type: OutcomeType
    body: Payload


class Standing(NamedTuple):
    """A job's row as it stands when the outcome is written."""

    id: int
    attempt: int
    state: str
    cancel: int
    tries: int
    deaths: int
    max_tries: int
    children_left: int
    worker: str | None
    again: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the job goes."""

    state: JobState
    tries: int
    deaths: int
    wait_s: float = 0.0
    code: str | None = None
    text: str | None = None


def retry_wait_s(tries: int) -> float:
    """Seconds until the next try after `tries` failed ones: 5, 15, 45 ... at most 600."""
    return min(RETRY_LIMIT_S, RETRY_S * 3.0 ** min(tries - 1, 10))


def judge(standing: Standing, outcome: Outcome) -> Verdict:
    """Where a job goes after an attempt that did not end well. Pure."""
    tries, deaths, body = standing.tries, standing.deaths, outcome.body
    if standing.cancel or body.get("code") == "cancelled":
        return Verdict(JobState.CANCELLED, tries, deaths, code="cancelled")
    if outcome.type == "handed_back":
        return Verdict(JobState.QUEUED, tries, deaths)
    if outcome.type == "died":
        deaths += 1
        if deaths < DEATH_LIMIT:
            return Verdict(JobState.QUEUED, tries, deaths)
        text = f"The worker process died {deaths} times at this job, last by {body['cause']}."
        return Verdict(JobState.FAILED, tries, deaths, code="poison", text=text)
    tries += 1
    if body.get("transient") and tries < standing.max_tries:
        wait = retry_wait_s(tries)
        return Verdict(JobState.QUEUED, tries, deaths, wait, body["code"], body["text"])
    return Verdict(JobState.FAILED, tries, deaths, code=body["code"], text=body["text"])


_SETTLE = (
    "UPDATE job SET state = :state, tries = :tries, deaths = :deaths, run_at = :run_at, "
    "owner = NULL, worker = :worker, progress = :progress, stage = NULL, eta_s = NULL, "
    "result = :result, error_code = :code, error = :text, finished_at = :finished_at "
    "WHERE id = :id"
)


class Settler:
    """Writes outcomes: results and state in one transaction, fenced by the attempt."""

    def __init__(
        self,
        dialect: Dialect,
        kinds: Mapping[str, JobKind],
        intake: Intake,
        ancestors: Ancestors,
        followers: Followers,
    ) -> None:
        self._kinds = kinds
        self._intake = intake
        self._ancestors = ancestors
        self._followers = followers
        self._settle = Statement(dialect, _SETTLE)
        self._fences = {size: Statement(dialect, _fence(size)) for size in FENCE_SIZES}

    def settle(self, change: Change, outcomes: Sequence[Outcome]) -> None:
        """Write all outcomes whose attempt still counts."""
        standings = self._read(change.tx, [outcome.job.id for outcome in outcomes])
        updates: list[dict[str, Any]] = []
        children: list[tuple[int, JobState]] = []
        for outcome in outcomes:
            standing = standings.pop(outcome.job.id, None)
            if standing is not None and _counts(standing, outcome.job):
                updates.append(self._conclude(change, outcome, standing, children))
        self._settle.run_many(change.tx, updates)
        self._ancestors.count_down(change, children)
        self._followers.enqueue(change)

    def cut(self, database: Database, job: Job, part: Payload) -> Sequence[Payload]:
        """The pieces in which a part is to be absorbed, in order."""
        kind = self._kinds[job.kind]
        if kind.cut is as_one:
            return (part,)
        with database.read() as connection:
            return [dict(piece) for piece in kind.cut(connection, job, part)]

    def absorb(self, change: Change, job: Job, part: Payload) -> bool:
        """Write a part; False when the attempt no longer counts. Raises what the kind raises."""
        standing = self._read(change.tx, [job.id]).get(job.id)
        if standing is None or standing.cancel or not _counts(standing, job):
            return False
        kind = self._kinds[job.kind]
        committed = within(change.tx, lambda: kind.absorb(change.tx, job, part))
        change.events += committed.events
        self._intake.put_children(change, job, committed.children)
        self._intake.put(change, committed.jobs)
        return True

    def _read(self, tx: Connection, ids: Sequence[int]) -> dict[int, Standing]:
        found: dict[int, Standing] = {}
        rest = list(ids)
        while rest:
            size = next((n for n in FENCE_SIZES if n >= len(rest)), FENCE_SIZES[-1])
            chunk, rest = rest[:size], rest[size:]
            padded = chunk + [chunk[-1]] * (size - len(chunk))
            rows = self._fences[size].run(tx, **{f"id{n}": v for n, v in enumerate(padded)})
            found |= {row[0]: Standing(*row) for row in rows}
        return found

    def _conclude(
        self,
        change: Change,
        outcome: Outcome,
        standing: Standing,
        children: list[tuple[int, JobState]],
    ) -> dict[str, Any]:
        """The parameters of the job's UPDATE; notes what else follows."""
        job, result = outcome.job, None
        if outcome.type == "done":
            verdict, result = self._commit(change, outcome, standing)
        else:
            verdict = judge(standing, outcome)
        if verdict.state is JobState.FAILED:
            self.note_failure(change, job, verdict.code or "error", verdict.text or "")
        if verdict.state is not JobState.RUNNING:
            change.move(job.kind, JobState.RUNNING, verdict.state)
            change.tell(*_news(job, verdict))
        if standing.again is not None:
            self._heed(change, job, verdict)
        if verdict.state.is_ended:
            change.ended.append(job.id)
            if job.parent_id is not None:
                children.append((job.parent_id, verdict.state))
        return _to_row(job, verdict, result, standing)

    def _heed(self, change: Change, job: Job, verdict: Verdict) -> None:
        """A stronger wish came meanwhile: the next attempt does it, or the next job."""
        if verdict.state is JobState.QUEUED:
            self._followers.fold(change, job.id)
        elif verdict.state.is_ended:
            change.followed.append(job.id)

    def _commit(
        self, change: Change, outcome: Outcome, standing: Standing
    ) -> tuple[Verdict, str | None]:
        job, kind = outcome.job, self._kinds[outcome.job.kind]
        if kind.commit is write_nothing and standing.children_left == 0:
            summary = to_json(outcome.body) if outcome.body else None
            return Verdict(JobState.DONE, standing.tries, standing.deaths), summary
        try:
            committed, made = within(
                change.tx, lambda: self._write(change, kind, job, outcome.body)
            )
        except MediantError as error:
            failure = {"code": error.code, "text": str(error), "transient": False}
            return judge(standing, Outcome(job, "error", failure)), None
        summary = None if committed.summary is None else to_json(committed.summary)
        waits = standing.children_left + made > 0
        state = JobState.RUNNING if waits else JobState.DONE
        return Verdict(state, standing.tries, standing.deaths), summary

    def _write(
        self, change: Change, kind: JobKind, job: Job, result: Payload
    ) -> tuple[Committed, int]:
        committed = kind.commit(change.tx, job, result)
        made = self._intake.put_children(change, job, committed.children)
        self._intake.put(change, committed.jobs)
        change.events += committed.events
        return committed, made

    def note_failure(self, change: Change, job: Job, code: str, text: str) -> None:
        """Let the job's kind write what its final failure means."""
        kind = self._kinds.get(job.kind)
        if kind is None or kind.failed is note_nothing:
            return
        try:
            committed = within(change.tx, lambda: kind.failed(change.tx, job, code, text))
        except MediantError as error:
            _log.error("job %d: its failure could not be noted: %s", job.id, error)
            return
        self._intake.put(change, committed.jobs)
        change.events += committed.events


class _HandlerFailed(MediantError):
    """A function of the kind raised what it should not."""

    code = "internal"


def within(tx: Connection, write: Callable[[], T]) -> T:
    """Run a room's function so that its failure undoes its own rows only.

    Raises MediantError for the room's failures; the database's own troubles pass unchanged.
    """
    savepoint = tx.begin_nested()
    try:
        value = write()
        savepoint.commit()
    except Busy:
        raise
    except MediantError:
        savepoint.rollback()
        raise
    except DBAPIError as error:
        if is_disk_full(error) or find_busy(error) is not None:
            raise
        savepoint.rollback()
        _log.exception("A kind's function failed in the database.")
        raise _HandlerFailed(f"Unexpected {type(error).__name__}: {error.orig}") from error
    except Exception as error:
        savepoint.rollback()
        _log.exception("A kind's function failed.")
        raise _HandlerFailed(f"Unexpected {type(error).__name__}: {error}") from error
    return value


def _counts(standing: Standing, job: Job) -> bool:
    """Whether this attempt is still the one that runs."""
    is_running = standing.state == JobState.RUNNING and standing.worker is not None
    return is_running and standing.attempt == job.attempt


def _fence(size: int) -> str:
    ids = ", ".join(f":id{n}" for n in range(size))
    return f"SELECT {', '.join(Standing._fields)} FROM job WHERE id IN ({ids})"  # noqa: S608 (own names only)


def _to_row(job: Job, verdict: Verdict, result: str | None, standing: Standing) -> dict[str, Any]:
    now, ended = now_s(), verdict.state.is_ended
    return {
        "id": job.id,
        "state": verdict.state.value,
        "tries": verdict.tries,
        "deaths": verdict.deaths,
        "run_at": now + verdict.wait_s if verdict.wait_s else job.run_at,
        "worker": standing.worker if ended else None,
        "progress": 1.0 if verdict.state is JobState.DONE else 0.0,
        "result": result,
        "code": verdict.code,
        "text": verdict.text,
        "finished_at": now if ended else None,
    }


def _news(job: Job, verdict: Verdict) -> tuple[str, dict[str, Any]]:
    payload: dict[str, Any] = {"job_id": job.id, "kind": job.kind}
    if verdict.state is JobState.QUEUED:
        if verdict.code is not None:
            payload["code"] = verdict.code
        return "job.requeued", payload
    if verdict.state is JobState.FAILED:
        payload |= {"code": verdict.code, "text": verdict.text}
    return TOPIC_OF[verdict.state], payload
