"""The log that every job has of its own."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect

from mediant.jobs.statement import Statement
from mediant.kernel.clock import now_s

LINES_PER_JOB = 1000
LINES_WAITING = 10_000
LINE_CHARS = 8000


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a job's log."""

    seq: int
    ts: float
    level: str
    text: str


class JobLog:
    """Collects lines in memory and writes them with the next transaction."""

    def __init__(self, dialect: Dialect) -> None:
        self._lines: list[dict[str, Any]] = []
        self._insert = Statement(
            dialect,
            "INSERT INTO job_log (job_id, seq, ts, level, text) SELECT job.id, "
            "(SELECT COALESCE(MAX(seq), 0) + 1 FROM job_log WHERE job_id = :job_id), "
            ":ts, :level, :text FROM job WHERE job.id = :job_id AND "
            "(SELECT COUNT(*) FROM job_log WHERE job_id = :job_id) < :limit",
        )

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, job_id: int, level: str, text: str) -> None:
        """Note a line. Too many lines of one job are dropped, too long ones cut."""
        if len(self._lines) < LINES_WAITING:
            line = {"job_id": job_id, "level": str(level), "text": text[:LINE_CHARS]}
            self._lines.append({**line, "ts": now_s(), "limit": LINES_PER_JOB})

    def write(self, tx: Connection) -> int:
        """Write what was noted; how many lines. Tell `written` after the commit."""
        self._insert.run_many(tx, self._lines)
        return len(self._lines)

    def written(self, n: int) -> None:
        """The first `n` lines are committed."""
        del self._lines[:n]
