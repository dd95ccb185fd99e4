"""How wishes for work become rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Dialect

from mediant.errors import Invalid, NotFound, Refused
from mediant.jobs.job import Enqueued, Job, JobState, NewJob
from mediant.jobs.journal import Change
from mediant.jobs.kind import JobKind
from mediant.jobs.rows import to_payload
from mediant.jobs.statement import Statement
from mediant.jobs.twin import Twin, join
from mediant.kernel.clock import now_s
from mediant.kernel.ids import new_uuid

SIZES = (100, 10, 1)
"""Rows an INSERT takes at once."""
TWIN_TRIES = 5

_COLUMNS = (
    "uuid", "kind", "lane", "priority", "run_at", "dedup_key",
    "parent_id", "root_id", "payload", "max_tries", "created_at",
)  # fmt: skip


class Intake:
    """Inserts jobs within a change. The same (kind, dedup_key) is live at most once."""

    def __init__(self, dialect: Dialect, kinds: Mapping[str, JobKind]) -> None:
        self._kinds = kinds
        self._inserts = {size: Statement(dialect, _insert(size)) for size in SIZES}
        self._twin = Statement(
            dialect,
            f"SELECT {', '.join(Twin._fields)} FROM job "  # noqa: S608 (own names only)
            "WHERE kind = :kind AND dedup_key = :dedup_key AND state IN ('queued', 'running')",
        )
        self._raise = Statement(
            dialect,
            "UPDATE job SET payload = :payload, again = :again, priority = :priority "
            "WHERE id = :id",
        )
        self._parent = Statement(
            dialect, "SELECT COALESCE(root_id, id), state FROM job WHERE id = :id"
        )
        self._adopt = Statement(
            dialect, "UPDATE job SET children_left = children_left + :n WHERE id = :id"
        )

    def changes_others(self, new: NewJob) -> bool:
        """Whether this wish may change a job that exists, so that it needs an exclusive change."""
        kind = self._kinds.get(new.kind)
        merges = kind is not None and kind.merge is not None and new.dedup_key is not None
        return merges or new.parent_id is not None

    def put(self, change: Change, news: Sequence[NewJob]) -> list[Enqueued]:
        """Insert the jobs; the answers stand in the order of the wishes.

        A child that meets a live twin is not a child: its parent does not wait for the twin.
        Raises `Invalid` for an unknown kind, `NotFound` or `Refused` for a parent that is not
        there or has ended.
        """
        now = now_s()
        roots = {parent: self._find_root(change, parent) for parent in _parents(news)}
        rows = [self._to_row(new, roots, now) for new in news]
        made: dict[str, int] = {}
        start = 0
        for size in SIZES:
            while len(rows) - start >= size:
                made |= self._insert(change, rows[start : start + size])
                start += size
        answers = [self._answer(change, row, made) for row in rows]
        self._note(change, rows, answers)
        return answers

    def put_children(self, change: Change, parent: Job, news: Sequence[NewJob]) -> int:
        """Insert jobs as children of a live job; how many are new."""
        children = [
            replace(new, priority=new.priority or parent.priority, parent_id=parent.id)
            for new in news
        ]
        return sum(answer.created for answer in self.put(change, children))

    def _to_row(self, new: NewJob, roots: Mapping[int, int], now: float) -> dict[str, Any]:
        kind = self._kinds.get(new.kind)
        if kind is None:
            raise Invalid(f"There is no kind of job named {new.kind!r}.")
        return {
            "uuid": new_uuid(),
            "kind": new.kind,
            "lane": new.lane or kind.lane,
            "priority": new.priority,
            "run_at": now if new.run_at is None else new.run_at,
            "dedup_key": new.dedup_key,
            "parent_id": new.parent_id,
            "root_id": None if new.parent_id is None else roots[new.parent_id],
            "payload": to_payload(new.payload),
            "max_tries": new.max_tries or kind.max_tries,
            "created_at": now,
            "is_news": new.is_news,
        }

    def _find_root(self, change: Change, parent_id: int) -> int:
        row = self._parent.run(change.tx, id=parent_id).first()
        if row is None:
            raise NotFound("There is no such parent job.", asset=f"job {parent_id}")
        if JobState(row[1]).is_ended:
            raise Refused("The parent job has ended.", asset=f"job {parent_id}")
        return int(row[0])

    def _insert(self, change: Change, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        values = {f"{name}_{n}": row[name] for n, row in enumerate(rows) for name in _COLUMNS}
        answer = self._inserts[len(rows)].run(change.tx, **values)
        return {uuid: job_id for job_id, uuid in answer}

    def _answer(self, change: Change, row: Mapping[str, Any], made: dict[str, int]) -> Enqueued:
        for _ in range(TWIN_TRIES):
            if row["uuid"] in made:
                return Enqueued(made[row["uuid"]], True)
            keys = {"kind": row["kind"], "dedup_key": row["dedup_key"]}
            twin = self._twin.run(change.tx, **keys).first()
            if twin is not None:
                return self._join(change, row, Twin(*twin))
            # The twin ended between the two statements (PostgreSQL only).
            made |= self._insert(change, [row])
        raise Refused("A job with the same key comes and goes; try again.", asset=row["kind"])

    def _join(self, change: Change, row: Mapping[str, Any], twin: Twin) -> Enqueued:
        """Let the live twin take the wish up, or let the wish stand behind it."""
        merge = self._kinds[row["kind"]].merge
        if merge is None:
            return Enqueued(twin.id, False)
        wish, is_news = json.loads(row["payload"]), row["is_news"]
        joined, follows = join(twin, wish, row["priority"], merge, is_news=is_news)
        if joined != twin:
            self._raise.run(
                change.tx,
                id=twin.id,
                payload=joined.payload,
                again=joined.again,
                priority=joined.priority,
            )
        return Enqueued(twin.id, False, raised=joined != twin, follows=follows)

    def _note(
        self, change: Change, rows: Sequence[Mapping[str, Any]], answers: Sequence[Enqueued]
    ) -> None:
        created = [(row, a.job_id) for row, a in zip(rows, answers, strict=True) if a.created]
        adopted: dict[int, int] = {}
        for row, _ in created:
            change.move(row["kind"], None, JobState.QUEUED)
            if row["parent_id"] is not None:
                adopted[row["parent_id"]] = adopted.get(row["parent_id"], 0) + 1
        self._adopt.run_many(change.tx, [{"id": i, "n": n} for i, n in sorted(adopted.items())])
        change.tell_moved("job.queued", [(job_id, row["kind"]) for row, job_id in created])


def _parents(news: Sequence[NewJob]) -> set[int]:
    return {new.parent_id for new in news if new.parent_id is not None}


def _insert(size: int) -> str:
    tuples = ", ".join(
        "(" + ", ".join(f":{name}_{n}" for name in _COLUMNS) + ")" for n in range(size)
    )
    return (
        f"INSERT INTO job ({', '.join(_COLUMNS)}) VALUES {tuples} "  # noqa: S608 (own names only)
        "ON CONFLICT DO NOTHING RETURNING id, uuid"
    )
