"""Claiming: which queued jobs run next, and at which worker."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Dialect

from mediant.errors import MediantError
from mediant.jobs.crew import DEPTH, Seat
from mediant.jobs.job import Job, JobState, Payload
from mediant.jobs.journal import Change
from mediant.jobs.kind import JobKind, payload_as_it_is
from mediant.jobs.outcome import Outcome, within
from mediant.jobs.rows import ATTEMPT, COLUMNS, KIND, to_job
from mediant.jobs.statement import Statement
from mediant.jobs.suspicion import cut_alone, runs_alone
from mediant.kernel.clock import now_s

_RUNNABLE = "state = 'queued' AND cancel = 0 AND lane = :lane AND run_at <= :now"
_ORDER = "ORDER BY priority DESC, id LIMIT :free"


class UnknownKind(MediantError):
    """No such kind of job."""

    code = "unknown_kind"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is `running` now, and who shall run it."""

    seat: Seat
    job: Job
    kind: JobKind
    payload: Payload = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pauses:
    """What is not claimed."""

    all: bool
    lanes: frozenset[str]
    kinds: tuple[str, ...]

    def admits(self, lane: str) -> bool:
        """Whether jobs of this lane may start, kinds aside."""
        return not self.all and lane not in self.lanes


class Claimer:
    """Moves queued jobs to running, by priority, then age."""

    def __init__(self, dialect: Dialect, kinds: Mapping[str, JobKind], owner: str) -> None:
        self._dialect = dialect
        self._kinds = kinds
        self._owner = owner
        self._pauses = Statement(dialect, "SELECT scope FROM job_pause")
        self._next = Statement(dialect, f"SELECT {COLUMNS} FROM job WHERE {_RUNNABLE} {_ORDER}")  # noqa: S608 (own names only)
        self._take = Statement(
            dialect,
            "UPDATE job SET state = 'running', owner = :owner, worker = :worker, "
            "device = :device, attempt = :attempt, started_at = :now, progress = 0, "
            "stage = NULL, eta_s = NULL WHERE id = :id",
        )
        self._waiting = Statement(
            dialect, "SELECT id FROM job WHERE state = 'queued' AND run_at <= :now LIMIT 1"
        )

    def has_waiting(self, connection: Connection) -> bool:
        """Whether any job could be claimed, pauses and lanes aside. Cheap."""
        return self._waiting.run(connection, now=now_s()).first() is not None

    def count_claimable(self, tx: Connection, lane: str, most: int) -> int:
        """How many jobs of a lane wait for nothing but a worker, counted up to `most`."""
        pauses = self._read_pauses(tx)
        return len(self._list_next(tx, lane, most, pauses.kinds)) if pauses.admits(lane) else 0

    def claim(
        self,
        change: Change,
        rooms: Mapping[str, Sequence[Seat]],
        caps: Mapping[str, int],
        running: Sequence[Job] = (),
    ) -> tuple[list[Claim], list[Outcome]]:
        """The claims, and the outcomes of jobs that failed before they could be sent.

        `caps`: how many jobs may start now in lanes that have a limit. `running`: what is in
        workers' hands.
        """
        if any(runs_alone(job) for job in running):
            return [], []
        pauses = self._read_pauses(change.tx)
        lanes: list[list[Claim]] = []
        for lane, seats in rooms.items():
            free = min(_capacity(seats), caps.get(lane, sys.maxsize))
            if free and pauses.admits(lane):
                jobs = self._list_next(change.tx, lane, free, pauses.kinds)
                lanes.append(self._assign(jobs, seats))
        claims = admit(lanes, is_busy=bool(running))
        if not claims:
            return [], []
        self._write(change, claims)
        return self._prepare(change, claims)

    def _read_pauses(self, tx: Connection) -> Pauses:
        scopes = [row[0] for row in self._pauses.run(tx)]
        lanes = frozenset(s.removeprefix("lane:") for s in scopes if s.startswith("lane:"))
        kinds = tuple(sorted(s.removeprefix("kind:") for s in scopes if s.startswith("kind:")))
        return Pauses("all" in scopes, lanes, kinds)

    def _list_next(
        self, tx: Connection, lane: str, free: int, paused: Sequence[str]
    ) -> Sequence[Sequence[Any]]:
        values: dict[str, Any] = {"lane": lane, "now": now_s(), "free": free}
        statement = self._next
        if paused:
            names = {f"kind{n}": kind for n, kind in enumerate(paused)}
            without = ", ".join(f":{name}" for name in names)
            sql = f"SELECT {COLUMNS} FROM job WHERE {_RUNNABLE} AND kind NOT IN ({without}) "  # noqa: S608 (own names only)
            statement, values = Statement(self._dialect, sql + _ORDER), values | names
        return statement.run(tx, **values).all()

    def _assign(self, rows: Sequence[Sequence[Any]], seats: Sequence[Seat]) -> list[Claim]:
        """Give each job a seat, in order; stop at the first that finds none, so that no younger
        one overtakes it, and at one that runs alone."""
        room = {seat.name: seat.room for seat in seats}
        claims: list[Claim] = []
        changed: dict[str, Any] = {"state": JobState.RUNNING, "started_at": now_s()}
        for row in rows:
            kind = self._kinds.get(row[KIND]) or _unknown(row[KIND])
            seat = _choose(seats, room, kind)
            if seat is None:
                break
            room[seat.name] = room[seat.name] - 1 if kind.brief else 0
            changed |= {"attempt": row[ATTEMPT] + 1, "worker": seat.name, "device": seat.device}
            job = to_job(row, changed)
            claims.append(Claim(seat, job, kind, job.payload))
        return claims[: cut_alone([claim.job for claim in claims])]

    def _write(self, change: Change, claims: Sequence[Claim]) -> None:
        self._take.run_many(
            change.tx,
            [
                {
                    "id": claim.job.id,
                    "attempt": claim.job.attempt,
                    "owner": self._owner,
                    "worker": claim.seat.name,
                    "device": claim.seat.device,
                    "now": claim.job.started_at,
                }
                for claim in claims
            ],
        )
        for claim in claims:
            job = claim.job
            change.move(job.kind, JobState.QUEUED, JobState.RUNNING)
            payload = {"job_id": job.id, "kind": job.kind, "worker": claim.seat.name}
            change.tell("job.started", payload)

    def _prepare(
        self, change: Change, claims: Sequence[Claim]
    ) -> tuple[list[Claim], list[Outcome]]:
        ready: list[Claim] = []
        failed: list[Outcome] = []
        for claim in claims:
            if claim.kind.prepare is payload_as_it_is and claim.kind.run:
                ready.append(claim)
                continue
            try:
                payload = self._payload(change.tx, claim)
            except MediantError as error:
                body = {"code": error.code, "text": str(error), "transient": False}
                failed.append(Outcome(claim.job, "error", body))
            else:
                ready.append(replace(claim, payload=payload))
        return ready, failed

    def _payload(self, tx: Connection, claim: Claim) -> Payload:
        if not claim.kind.run:
            raise UnknownKind(f"This Mediant knows no kind of job named {claim.job.kind!r}.")
        return within(tx, lambda: claim.kind.prepare(tx, claim.job))


def admit(lanes: Sequence[Sequence[Claim]], is_busy: bool) -> list[Claim]:
    """Which of the lanes' next claims are made now. Pure.

    When the turn of a job has come that runs alone, nothing starts before everything else has
    ended; then it does, and nothing beside it.
    """
    alone = [claims[0] for claims in lanes if claims and runs_alone(claims[0].job)]
    if alone:
        return [] if is_busy else alone[:1]
    return [claim for claims in lanes for claim in claims]


def _unknown(name: str) -> JobKind:
    return JobKind(name, "")


def _capacity(seats: Sequence[Seat]) -> int:
    return sum(seat.room for seat in seats)


def _choose(seats: Sequence[Seat], room: Mapping[str, int], kind: JobKind) -> Seat | None:
    """The emptiest seat that can take a job of this kind."""
    best = max(seats, key=lambda seat: room[seat.name], default=None)
    if best is None or room[best.name] < (1 if kind.brief else DEPTH):
        return None
    return best
