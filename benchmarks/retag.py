"""Retagging a whole library from stored scores, against listening to it again.

    python benchmarks/retag.py [--models DIR] [--tracks 100000] [--database URL] [--json FILE]

One song is analysed by the real job; its rows are copied with scores that differ a little from
track to track. Then the real `retag` job runs in a real worker, by a calibration that changes
words and numbers of every track. Told are tracks a second, the longest transaction that stored a
part, and the peer: the same worker analysing the same song, as a recalibration without stored
scores would have to. The files do not exist, so no file is written here.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, select

from mediant.events.history import EventHistory
from mediant.jobs.job import Job
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.library import Library
from mediant.models.models import Models
from mediant.models.registry import discover
from mediant.settings.model import LibrarySettings, TaggingSettings
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.schema_library import file
from mediant.store.schema_tagging import score, tag_value, track
from mediant.tagging import Tagging
from mediant.tagging.results import Rules
from mediant.testing.dispatching import Dispatching, dispatching
from mediant.testing.media import MediaFactory

ROOT = Path(__file__).resolve().parents[1]
BATCH = 1_000
SONG_S = 180
PATIENCE_S = 3600.0
MARK = 300
"""Tracks a second: 100,000 tracks in under six minutes."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "models")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--database")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = options.database or f"sqlite:///{folder}/bench.db"
        found = measure(Path(folder), address, options.models, options.tracks)
    for name, value in found.items():
        print(f"{name:24} {value}")
    mark = "reached" if found["tracks_per_s"] >= MARK else "MISSED"
    print(f"retag: {found['ratio']:.0f} x listening again; mark {MARK} tracks/s {mark}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def measure(folder: Path, address: str, models: Path, tracks: int) -> dict[str, Any]:
    """All figures on one database."""
    database = open_database(address)
    upgrade(database, folder)
    kinds: dict[str, JobKind] = {}
    told: list[Mapping[str, Any]] = []
    absorbed: list[float] = []

    def current(_tx: Connection) -> Mapping[str, Any] | None:
        return told[-1] if told else None

    with dispatching(database, kinds=kinds, settings={"io_workers": 0}) as works:
        library = Library(
            database, works.queue, LibrarySettings(), EventHistory(database), works.bus
        )
        rules = Rules(calibration=current)
        tagging = Tagging(
            database, works.queue, library, Models(models), TaggingSettings(), rules=rules
        )
        kinds.update((kind.name, kind) for kind in tagging.kinds())
        kinds["retag"] = timed(kinds["retag"], absorbed)
        song = MediaFactory(folder / "music").song("song.flac", SONG_S)
        library.add_library("Music", song.parent)
        await_end(works, tagging.tag_path(song)[0].job_id)
        analysis_s = await_end(works, tagging.tag_path(song, force=True)[0].job_id)
        fill(database, tracks - 1)
        told.append(spread(models))
        dry_s = await_end(works, tagging.retag_all(dry_run=True).enqueued.job_id)
        job_id = tagging.retag_all().enqueued.job_id
        retag_s = await_end(works, job_id)
        result = works.queue.get_job(job_id).result or {}
    database.close()
    return {
        "database": database.dialect,
        "tracks": tracks,
        "moods_changed": result["moods_changed"],
        "tags_changed": result["tags_changed"],
        "retag_s": round(retag_s, 1),
        "tracks_per_s": round(tracks / retag_s),
        "dry_run_tracks_per_s": round(tracks / dry_s),
        "part_median_ms": round(float(np.median(absorbed)) * 1e3, 1),
        "part_p99_ms": round(float(np.percentile(absorbed, 99)) * 1e3, 1),
        "part_longest_ms": round(max(absorbed) * 1e3, 1),
        "analysis_s_a_track": round(analysis_s, 3),
        "ratio": round(analysis_s * tracks / retag_s, 1),
    }


def timed(kind: JobKind, spent: list[float]) -> JobKind:
    """The kind, with the time that each part takes in its transaction noted."""

    def absorb(tx: Connection, job: Job, part: Result) -> Committed:
        started = time.perf_counter()
        committed = kind.absorb(tx, job, part)
        spent.append(time.perf_counter() - started)
        return committed

    return replace(kind, absorb=absorb)


def await_end(works: Dispatching, job_id: int) -> float:
    """Seconds that the job ran."""
    deadline = time.monotonic() + PATIENCE_S
    while not (job := works.queue.wait(job_id, 5.0)).state.is_ended:
        if time.monotonic() > deadline:
            raise SystemExit(f"job {job_id} does not end")
    if job.state != "done" or job.finished_at is None or job.started_at is None:
        raise SystemExit(f"job {job_id}: {job.state} {job.error}")
    return job.finished_at - job.started_at


def fill(database: Database, copies: int) -> None:
    """The one track again and again, with scores shaken a little."""
    rng = np.random.default_rng(20_261_121)
    with database.read() as connection:
        origin = connection.execute(select(file)).one()._asdict()
        found = {
            table: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in (track, score, tag_value)
        }
    first = origin["id"] + 1
    for start in range(first, first + copies, BATCH):
        ids = range(start, min(start + BATCH, first + copies))
        with database.write() as tx:
            fresh = {"state": "missing"}
            tx.execute(insert(file), [{**origin, **fresh, "id": n, "path": f"{n}"} for n in ids])
            for table, rows in found.items():
                tx.execute(
                    insert(table), [{**shake(row, rng), "file_id": n} for n in ids for row in rows]
                )


def shake(row: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """A row; its scores differ from the original's."""
    if "stats" not in row:
        return dict(row)
    stats = np.frombuffer(row["stats"], "<f4")
    shaken = np.clip(stats * rng.uniform(0.5, 1.5, stats.size), 0.0, 1.0).astype("<f4")
    return {**row, "stats": shaken.tobytes()}


def spread(models: Path) -> dict[str, Any]:
    """A calibration that moves every label of every head."""
    suite = discover(models)
    names = [(one.name, "tags", label) for one in suite.backbones for label in one.tag_labels]
    heads = [("projection", "happy_sad", "happy"), ("projection", "party", "party"),
             ("projection", "relaxed_aggressive", "relaxed"),
             ("projection", "danceability", "danceable"),
             ("projection", "acoustic_electronic", "acoustic"),
             ("projection", "voice_instrumental", "voice"),
             ("projection", "female_male", "female"), ("projection", "loud_quiet", "loud"),
             ("projection", "fast_slow", "fast")]  # fmt: skip
    return {"version": "c" * 12, "spans": [[*name, 0.02, 0.71] for name in [*names, *heads]]}


if __name__ == "__main__":
    main()
