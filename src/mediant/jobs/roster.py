"""The table of workers: what other processes see of the crew."""

from collections.abc import Sequence

from sqlalchemy import Connection, Dialect

from mediant.jobs.crew import WorkerInfo
from mediant.jobs.statement import Statement
from mediant.kernel.clock import monotonic_s

WRITE_S = 5.0
_FIELDS = (
    "name", "node", "lane", "device", "pid", "state", "job_id", "done", "failed",
    "started_at", "seen_at",
)  # fmt: skip


class Roster:
    """Writes the crew into its table every few seconds, and when somebody came or went."""

    def __init__(self, dialect: Dialect) -> None:
        names = ", ".join(f":{name}" for name in _FIELDS)
        kept = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])
        self._upsert = Statement(
            dialect,
            f"INSERT INTO worker ({', '.join(_FIELDS)}) VALUES ({names}) "  # noqa: S608 (own names only)
            f"ON CONFLICT (name) DO UPDATE SET {kept}",
        )
        self._delete = Statement(dialect, "DELETE FROM worker WHERE name = :name")
        self._clear = Statement(dialect, "DELETE FROM worker")
        self._written: set[str] = set()
        self._written_at = float("-inf")

    def is_due(self, names: set[str]) -> bool:
        """Whether to write now."""
        return names != self._written or monotonic_s() - self._written_at >= WRITE_S

    def write(self, tx: Connection, workers: Sequence[WorkerInfo]) -> None:
        """Make the table tell of these workers, and of no others."""
        names = {worker.name for worker in workers}
        self._delete.run_many(tx, [{"name": name} for name in sorted(self._written - names)])
        rows = [{name: getattr(worker, name) for name in _FIELDS} for worker in workers]
        self._upsert.run_many(tx, rows)

    def written(self, names: set[str]) -> None:
        """The table was committed with these names."""
        self._written, self._written_at = names, monotonic_s()

    def clear(self, tx: Connection) -> None:
        """Nobody works any more."""
        self._clear.run(tx)
