"""Counting every stored score of the library, label by label. Runs in a worker process.

Of each score only its first row is read, the trimmed mean. What comes back are histograms and what
follows from them, so neither memory nor the answer grows with the library.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection

from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.store.reading import open_reader
from mediant.tagging.calibration.drift import Thresholds
from mediant.tagging.calibration.histogram import Histogram, Tally
from mediant.tagging.calibration.verdict import judge
from mediant.tagging.pooling import STATISTICS

BATCH_BYTES = 1 << 18
"""So much is counted at once, for each head."""
BATCH_ROWS = 2_000

_HEADS = "SELECT id, model, name, version, labels FROM head ORDER BY id"
_FILES = (
    "SELECT COUNT(*) FROM track t JOIN file f ON f.id = t.file_id "
    "WHERE t.state = 'tagged' AND f.state = 'present'"
)
_SCORES = "SELECT COUNT(*) FROM score"
# CROSS JOIN keeps SQLite from sorting by track first: scores are read in the order of the disk.
_VALUES = (
    f"SELECT s.head_id, substr(s.stats, 1, length(s.stats) / {len(STATISTICS)}) "  # noqa: S608 (own number only)
    "FROM score s CROSS JOIN track t CROSS JOIN file f "
    "WHERE t.file_id = s.file_id AND f.id = s.file_id "
    "AND t.state = 'tagged' AND f.state = 'present'"
)
_REFERENCES = (
    "SELECT h.model, h.head, h.head_version, h.run, l.label, l.histogram "
    "FROM calibration_head h JOIN calibration_label l ON l.head_id = h.id "
    "WHERE h.reference_updated = 1 AND l.histogram IS NOT NULL ORDER BY h.run DESC"
)


@dataclass(slots=True)
class Reference:
    """What a head is compared with; empty when there is nothing."""

    run: int | None = None
    histograms: dict[str, Histogram] = field(default_factory=dict)


@dataclass(slots=True)
class CountedHead:
    """One version of one head, and what was counted of it."""

    id: int
    model: str
    name: str
    version: str
    labels: list[str]
    files: int = 0
    damaged: int = 0
    """Scores whose size does not fit the labels; they are left out."""
    _tally: Tally | None = None
    _waiting: list[bytes] = field(default_factory=list)
    _waiting_bytes: int = 0

    def add(self, scores: bytes) -> None:
        """Take float32 [labels] of one file."""
        if len(scores) != 4 * len(self.labels):
            self.damaged += 1
            return
        self.files += 1
        self._waiting.append(scores)
        self._waiting_bytes += len(scores)
        if self._waiting_bytes >= BATCH_BYTES:
            self.count()

    def count(self) -> Tally:
        """Count what was taken."""
        if self._tally is None:
            self._tally = Tally(len(self.labels))
        if self._waiting_bytes:
            flat = np.frombuffer(b"".join(self._waiting), "<f4")
            self._tally.add(flat.reshape(-1, len(self.labels)))
        self._waiting, self._waiting_bytes = [], 0
        return self._tally

    def list_histograms(self) -> dict[str, Histogram]:
        """What was counted, by label."""
        tally = self.count()
        return {label: tally.histogram(column) for column, label in enumerate(self.labels)}


def run(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """`file_count`, and `heads`: one version of each, as `describe_head` gives them.

    `skipped` names the heads without a label that has enough scores.
    """
    thresholds = Thresholds(**payload["thresholds"])
    least = int(payload["min_samples"])
    with open_reader(payload["address"]) as connection:
        heads = {head.id: head for head in _list_heads(connection)}
        references = _read_references(connection)
        file_count = _count(connection, _FILES)
        _count_scores(connection, heads, watch)
    damaged = sum(head.damaged for head in heads.values())
    if damaged:
        watch.log("warning", f"{damaged} stored scores do not fit their head; left out.")
    described, skipped = [], []
    for head in choose_versions(heads.values(), least):
        watch.stop_if_cancelled()
        reference = references.get((head.model, head.name, head.version), Reference())
        found = describe_head(head, reference, thresholds, least)
        skipped += [] if found else [f"{head.model}:{head.name}"]
        described += [found] if found else []
    return {"file_count": file_count, "heads": described, "skipped": skipped, "damaged": damaged}


def describe_head(
    head: CountedHead, reference: Reference, thresholds: Thresholds, least: int
) -> dict[str, Any] | None:
    """The rows of one head, as values; None when no label has at least `least` scores."""
    counted = head.list_histograms()
    measured = {label: found for label, found in counted.items() if found.n >= least}
    if not measured:
        return None
    verdict = judge(head.labels, measured, reference.histograms, thresholds)
    return {
        "model": head.model,
        "head": head.name,
        "head_version": head.version,
        "labels": head.labels,
        "label": verdict.label,
        "file_count": head.files,
        "reference_run": reference.run,
        "is_stable": verdict.is_stable,
        "drift": None if verdict.drift is None else asdict(verdict.drift),
        "measured": [describe_label(label, found) for label, found in measured.items()],
    }


def describe_label(label: str, found: Histogram) -> dict[str, Any]:
    """The row of one label."""
    p5, p95 = found.span
    return {
        "label": label,
        "samples": found.n,
        "underflow": found.underflow,
        "overflow": found.overflow,
        "p5": p5,
        "p95": p95,
        "median": found.percentile(50),
        "iqr": found.iqr,
        "mean": found.mean,
        "deviation": found.deviation,
        "low": found.low,
        "high": found.high,
        "histogram": found.to_bytes(),
    }


def _list_heads(connection: Connection) -> Iterator[CountedHead]:
    rows = connection.exec_driver_sql(_HEADS).all()
    for head_id, model, name, version, labels in rows:
        yield CountedHead(head_id, model, name, version, json.loads(labels))


def _read_references(connection: Connection) -> dict[tuple[str, str, str], Reference]:
    """The newest reference of each version of a head."""
    found: dict[tuple[str, str, str], Reference] = {}
    rows = connection.exec_driver_sql(_REFERENCES).all()
    for model, name, version, number, label, packed in rows:
        reference = found.setdefault((model, name, version), Reference(number))
        if reference.run == number:
            reference.histograms[label] = Histogram.from_bytes(packed)
    return found


def _count(connection: Connection, query: str) -> int:
    return int(connection.exec_driver_sql(query).scalar_one())


@contextmanager
def _read(connection: Connection, query: str) -> Iterator[Iterator[Sequence[Any]]]:
    """The rows of a query in batches; the database keeps the rest until it is asked for."""
    streaming = connection.execution_options(yield_per=BATCH_ROWS)
    with streaming.exec_driver_sql(query) as result:
        yield result.partitions(BATCH_ROWS)


def _count_scores(connection: Connection, heads: Mapping[int, CountedHead], watch: Watch) -> None:
    total, done = _count(connection, _SCORES), 0
    watch.report(0.0, "reading scores")
    with _read(connection, _VALUES) as batches:
        for rows in batches:
            watch.stop_if_cancelled()
            for head_id, scores in rows:
                heads[head_id].add(scores)
            done += len(rows)
            watch.report(done / total, "reading scores")


def choose_versions(heads: Iterable[CountedHead], min_samples: int) -> list[CountedHead]:
    """One version of each head: the newest that enough files have, else the most frequent one.

    After a network was replaced, files are analysed anew one by one; until then its first few
    scores say nothing of the library.
    """
    chosen: dict[tuple[str, str], CountedHead] = {}
    for head in heads:
        if head.files == 0:
            continue
        name = head.model, head.name
        best = chosen.get(name)
        if best is None or _rank(head, min_samples) > _rank(best, min_samples):
            chosen[name] = head
    return [chosen[name] for name in sorted(chosen)]


def _rank(head: CountedHead, min_samples: int) -> tuple[bool, int]:
    is_enough = head.files >= min_samples
    return is_enough, head.id if is_enough else head.files
