"""Parents and children: counting down, reopening, and walking a subtree."""

from collections.abc import Iterable

from sqlalchemy import Dialect

from mediant.jobs.job import JobState
from mediant.jobs.journal import TOPIC_OF, Change
from mediant.jobs.statement import Statement
from mediant.kernel.clock import now_s

SUBTREE = (
    "WITH RECURSIVE tree(id) AS (SELECT id FROM job WHERE id = :id UNION ALL "
    "SELECT job.id FROM job JOIN tree ON job.parent_id = tree.id) "
)
"""Starts a statement that may use `tree`: the job `:id` and everything below it."""

_COUNT_DOWN = (
    "UPDATE job SET children_left = children_left - :n, "
    "children_failed = children_failed + :failed WHERE id = :id AND children_left >= :n "
    "RETURNING kind, parent_id, state, children_left, worker, again, cancel"
)
_FINISH = "UPDATE job SET state = 'done', finished_at = :now, progress = 1 WHERE id = :id"
_GIVE_UP = (
    "UPDATE job SET state = 'cancelled', finished_at = :now, owner = NULL, again = NULL, "
    "error_code = 'cancelled' WHERE id = :id"
)
_LOOK = "SELECT kind, parent_id, state, dedup_key FROM job WHERE id = :id"
_TWIN = (
    "SELECT id FROM job WHERE kind = :kind AND dedup_key = :dedup_key "
    "AND state IN ('queued', 'running')"
)
_REOPEN = (
    "UPDATE job SET state = 'running', worker = NULL, owner = NULL, finished_at = NULL, "
    "children_left = children_left + 1, children_failed = children_failed - :failed "
    "WHERE id = :id AND state = 'done'"
)
_MORE = (
    "UPDATE job SET children_left = children_left + 1, "
    "children_failed = children_failed - :failed WHERE id = :id"
)


class Ancestors:
    """Keeps the parents of jobs that end or come back."""

    def __init__(self, dialect: Dialect) -> None:
        self._count_down = Statement(dialect, _COUNT_DOWN)
        self._finish = Statement(dialect, _FINISH)
        self._give_up = Statement(dialect, _GIVE_UP)
        self._look = Statement(dialect, _LOOK)
        self._twin = Statement(dialect, _TWIN)
        self._reopen = Statement(dialect, _REOPEN)
        self._more = Statement(dialect, _MORE)

    def count_down(self, change: Change, ended: Iterable[tuple[int, JobState]]) -> None:
        """Children ended: (parent's id, the child's state) each. A parent that waits for its
        last child is done, or cancelled when that was asked for, and counts down its own."""
        counted: dict[int, list[int]] = {}
        for parent_id, state in ended:
            entry = counted.setdefault(parent_id, [0, 0])
            entry[0] += 1
            entry[1] += state is JobState.FAILED
        above: list[tuple[int, JobState]] = []
        for parent_id, (n, failed) in sorted(counted.items()):
            above += self._count_one(change, parent_id, n, failed)
        if above:
            self.count_down(change, above)

    def _count_one(
        self, change: Change, parent_id: int, n: int, failed: int
    ) -> list[tuple[int, JobState]]:
        row = self._count_down.run(change.tx, id=parent_id, n=n, failed=failed).first()
        if row is None:
            return []
        kind, above, state, left, worker, again, cancel = row
        if state != JobState.RUNNING or left > 0 or worker is not None:
            return []
        end, ended = (self._finish, JobState.DONE)
        if cancel:
            end, ended, again = self._give_up, JobState.CANCELLED, None
        end.run(change.tx, id=parent_id, now=now_s())
        change.move(kind, JobState.RUNNING, ended)
        change.tell(TOPIC_OF[ended], {"job_id": parent_id, "kind": kind})
        change.ended.append(parent_id)
        if again is not None:
            change.followed.append(parent_id)
        return [] if above is None else [(above, ended)]

    def reopen(self, change: Change, parent_id: int | None, *, failed: bool) -> None:
        """A child that had ended (`failed` or not) will run again: its parent waits for it.

        A parent that was cancelled or failed stays so, and so does one whose twin is live.
        """
        if parent_id is None:
            return
        row = self._look.run(change.tx, id=parent_id).first()
        if row is None:
            return
        kind, above, state, dedup_key = row
        if state in {JobState.QUEUED, JobState.RUNNING}:
            self._more.run(change.tx, id=parent_id, failed=int(failed))
        elif state == JobState.DONE and not self._has_twin(change, kind, dedup_key):
            self._reopen.run(change.tx, id=parent_id, failed=int(failed))
            change.move(kind, JobState.DONE, JobState.RUNNING)
            self.reopen(change, above, failed=False)

    def _has_twin(self, change: Change, kind: str, dedup_key: str | None) -> bool:
        if dedup_key is None:
            return False
        found = self._twin.run(change.tx, kind=kind, dedup_key=dedup_key).first()
        return found is not None
