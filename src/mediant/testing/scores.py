"""Libraries of tagged tracks with given scores, without any audio: for tests and benchmarks."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, insert, select

from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import head, score, track
from mediant.tagging.pooling import STATISTICS

Floats = NDArray[np.float32]
Named = tuple[str, str]
"""(model, head)."""

BATCH = 5_000


def add_library(database: Database, name: str = "Music") -> int:
    """An empty library; its id. The folder need not exist."""
    now = now_s()
    values = {"name": name, "root_path": f"/music/{name}", "created_at": now, "updated_at": now}
    with database.write() as tx:
        return int(tx.execute(insert(library).values(values).returning(library.c.id)).scalar_one())


def add_head(database: Database, named: Named, labels: Sequence[str], version: str = "v1") -> int:
    """A head as tagging leaves it; its id."""
    names = {"model": named[0], "name": named[1], "version": version, "labels": json.dumps(labels)}
    with database.write() as tx:
        return int(tx.execute(insert(head).values(names).returning(head.c.id)).scalar_one())


def add_tracks(
    database: Database,
    library_id: int,
    scores: Mapping[int, Floats],
    *,
    state: str = "tagged",
    file_state: str = "present",
) -> range:
    """Tracks with these scores, float32 [tracks, labels] by head id; the ids of the files.

    Only the trimmed mean is as given: the other statistics hold numbers that it must not be
    mistaken for.
    """
    count = len(next(iter(scores.values())))
    with database.read() as connection:
        first = int(connection.scalar(select(func.max(file.c.id))) or 0) + 1
    ids = range(first, first + count)
    for start in range(0, count, BATCH):
        rows = range(start, min(start + BATCH, count))
        _add_files(database, library_id, [ids[row] for row in rows], (state, file_state))
        for head_id, values in scores.items():
            _add_scores(
                database, head_id, [ids[row] for row in rows], values[rows.start : rows.stop]
            )
    return ids


def _add_files(
    database: Database, library_id: int, ids: Sequence[int], states: tuple[str, str]
) -> None:
    now = now_s()
    facts = {"library_id": library_id, "size": 1, "mtime_ns": 1, "inode": 1}
    times = {"added_at": now, "changed_at": now}
    files = [
        {"id": one, "path": f"{one:09}.flac", "state": states[1], **facts, **times} for one in ids
    ]
    tracks = [
        {"file_id": one, "state": states[0], "analysed_at": now, "size": 1, "mtime_ns": 1}
        for one in ids
    ]
    with database.write() as tx:
        tx.execute(insert(file), files)
        tx.execute(insert(track), tracks)


def _add_scores(database: Database, head_id: int, ids: Sequence[int], values: Floats) -> None:
    stats = np.full((len(ids), len(STATISTICS), values.shape[1]), 0.5, "<f4")
    stats[:, 0] = values
    rows = [
        {"file_id": one, "head_id": head_id, "patches": 10, "stats": packed.tobytes()}
        for one, packed in zip(ids, stats, strict=True)
    ]
    with database.write() as tx:
        tx.execute(insert(score), rows)
