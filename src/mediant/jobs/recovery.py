"""After a start: what was running when the last server went away."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Dialect

from mediant.jobs.follow import Followers
from mediant.jobs.job import Job, JobState
from mediant.jobs.journal import TOPIC_OF, Change
from mediant.jobs.outcome import DEATH_LIMIT
from mediant.jobs.rows import COLUMNS, to_job
from mediant.jobs.statement import Statement
from mediant.jobs.suspicion import LEAVING, NOTHING, Charge, Lost, charge
from mediant.jobs.tree import Ancestors
from mediant.kernel.clock import now_s

POISON = f"Its worker, or the server while it ran alone, died {DEATH_LIMIT} times at this job."

_LOST = (
    "SELECT id, COALESCE(owner, '') FROM job "
    "WHERE state = 'running' AND (worker IS NOT NULL OR children_left = 0)"
)
_READ = f"SELECT {COLUMNS} FROM job WHERE id = :id"  # noqa: S608 (own names only)
_HELD = "SELECT id FROM job WHERE state = 'running' AND worker IS NOT NULL"
_HAND_BACK = (
    "UPDATE job SET owner = NULL, worker = NULL, progress = 0, stage = NULL, eta_s = NULL, "
    "deaths = deaths + :deaths, server_deaths = server_deaths + :server_deaths, "
    "state = CASE WHEN cancel = 1 THEN 'cancelled' WHEN deaths + :deaths >= :most THEN 'failed' "
    "ELSE 'queued' END, "
    "error_code = CASE WHEN cancel = 0 AND deaths + :deaths >= :most THEN 'poison' END, "
    "error = CASE WHEN cancel = 0 AND deaths + :deaths >= :most THEN CAST(:text AS TEXT) END, "
    "finished_at = CASE WHEN cancel = 1 OR deaths + :deaths >= :most "
    "THEN CAST(:now AS DOUBLE PRECISION) END "
    "WHERE id = :id AND state = 'running' RETURNING id, kind, parent_id, state, again"
)
_LEAVE = (
    "UPDATE job SET owner = owner || CAST(:mark AS TEXT) WHERE state = 'running' AND owner = :owner"
)


class Recovery:
    """Puts lost work back into the queue."""

    def __init__(
        self,
        dialect: Dialect,
        ancestors: Ancestors,
        followers: Followers,
        note_failure: Callable[[Change, Job, str, str], None],
        owner: str,
    ) -> None:
        """`note_failure(change, job, code, text)` lets a kind write what a failure means to it;
        `owner` stands in the rows of what this server runs."""
        self._owner = owner
        self._ancestors = ancestors
        self._followers = followers
        self._note_failure = note_failure
        self._read = Statement(dialect, _READ)
        self._lost = Statement(dialect, _LOST)
        self._leave = Statement(dialect, _LEAVE)
        self._held = Statement(dialect, _HELD)
        self._hand_back = Statement(dialect, _HAND_BACK)
        self._forget_workers = Statement(dialect, "DELETE FROM worker")

    def recover(self, change: Change) -> int:
        """Once, right after the owner lock was taken: what runs was lost with its server.

        Who is charged with the server's death, `suspicion.charge` says; the third death of a
        job's own is `poison`. Cancelled jobs become so.
        """
        self._forget_workers.run(change.tx)
        lost = [Lost(*row) for row in self._lost.run(change.tx).all()]
        rows: list[Sequence[Any]] = []
        for job_id, charged in charge(lost, self._owner).items():
            rows += self._give_back(change, job_id, charged)
        self._note_moves(change, rows)
        for job_id, _, _, state, _ in rows:
            if state == JobState.FAILED:
                job = to_job(self._read.run(change.tx, id=job_id).one())
                self._note_failure(change, job, "poison", POISON)
        self._followers.enqueue(change)
        return len(rows)

    def leave(self, change: Change) -> None:
        """Note that this server stops: should it be killed meanwhile, no job is to blame."""
        self._leave.run(change.tx, owner=self._owner, mark=LEAVING)

    def _give_back(self, change: Change, job_id: int, charged: Charge) -> Sequence[Sequence[Any]]:
        values = {"most": DEATH_LIMIT, "text": POISON, "now": now_s(), **charged._asdict()}
        return self._hand_back.run(change.tx, id=job_id, **values).all()

    def _note_moves(self, change: Change, rows: Sequence[Sequence[Any]]) -> None:
        """Rows (id, kind, parent_id, state, again) are no longer running: count and tell it."""
        for job_id, kind, _, value, _ in rows:
            state = JobState(value)
            change.move(kind, JobState.RUNNING, state)
            topic = "job.requeued" if state is JobState.QUEUED else TOPIC_OF[state]
            change.tell(topic, {"job_id": job_id, "kind": kind})
        ended = [(row[0], row[2], JobState(row[3])) for row in rows]
        change.ended += [job_id for job_id, _, state in ended if state.is_ended]
        for job_id, _, _, value, again in rows:
            if again is not None and JobState(value).is_ended:
                change.followed.append(job_id)
            elif again is not None:
                self._followers.fold(change, job_id)
        self._ancestors.count_down(
            change, [(parent, state) for _, parent, state in ended if parent and state.is_ended]
        )

    def reconcile(self, change: Change, known: Collection[int]) -> None:
        """After a commit whose answer was lost: hand back what is claimed but in nobody's hands.

        It never ran, so that it counts as no try. What was cancelled meanwhile has ended.
        """
        moved: list[Sequence[Any]] = []
        for (job_id,) in self._held.run(change.tx).all():
            if job_id not in known:
                moved += self._give_back(change, job_id, NOTHING)
        self._note_moves(change, moved)
        self._followers.enqueue(change)
