"""How fast a library is calibrated, and how much memory the worker takes.

Runs in the product's own way: a job of the real queue, the real dispatcher, a real worker process
and a real database, with invented scores in the real tables. The peer does what first comes to
mind, in a process of its own on the same database: read every score, put them all into one array,
`numpy.percentile`. Both must name the same spans within 1e-4.

Beside it stand the figures of `analytics.py`, on a library of as many tracks in the same database.

    python benchmarks/calibration.py --tracks 100000
"""

import argparse
import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete

import analytics  # type: ignore[import-not-found]  # the script beside this one
from mediant.jobs.job import JobState
from mediant.jobs.kind import JobKind
from mediant.kernel.clock import monotonic_s
from mediant.settings.model import CalibrationSettings
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.schema_library import library
from mediant.tagging.calibration.calibrations import Calibrations
from mediant.testing.dispatching import Dispatching, build
from mediant.testing.postgres import temporary_postgres
from mediant.testing.scores import add_head, add_library, add_tracks

HEADS = 2
LABELS = 50
LIMIT_S = 1_800.0
MARK_TRACKS = 100_000
MARK_S = 20.0
MARK_MB = 150.0
TOLERANCE = 1e-4
PEER = "--peer"
"""Of the process that is the peer."""

_SCORES = (
    "SELECT s.stats FROM score s JOIN track t ON t.file_id = s.file_id "
    "JOIN file f ON f.id = s.file_id WHERE t.state = 'tagged' AND f.state = 'present'"
)


def fill(database: Database, tracks: int) -> None:
    """A library whose scores have a shape of their own for every label."""
    library_id = add_library(database)
    names = [f"label {n}" for n in range(LABELS)]
    heads = [add_head(database, ("network", f"head {n}"), names) for n in range(HEADS)]
    dice = np.random.default_rng(1)
    shapes = dice.uniform(0.5, 8.0, (HEADS, 2, LABELS))
    for start in range(0, tracks, 5_000):
        count = min(5_000, tracks - start)
        scores = {
            head_id: dice.beta(shapes[n][0], shapes[n][1], (count, LABELS)).astype(np.float32)
            for n, head_id in enumerate(heads)
        }
        add_tracks(database, library_id, scores)


def calibrate(database: Database, folder: Path) -> dict[str, Any]:
    """Run the job; its time, the worker's memory, and the spans."""
    kinds: dict[str, JobKind] = {}
    parts = build(database, workers=0, kinds=kinds, settings={"io_workers": 1})
    calibrations = Calibrations(database, parts.queue, CalibrationSettings(enabled=True), folder)
    kinds.update((kind.name, kind) for kind in calibrations.kinds())
    parts.dispatcher.start()
    try:
        (pid,) = parts.wait_ready(1)
        idle_mb = read_peak_mb(pid)
        seconds = _run(parts, calibrations)
        peak_mb = read_peak_mb(pid)
    finally:
        parts.dispatcher.stop(0.0)
        parts.bus.close()
    run = calibrations.read_run()
    if run is None:
        raise SystemExit("there is no run")
    spans = [[one.p5, one.p95] for head in run.heads for one in sort_labels(head.labels)]
    return {"seconds": seconds, "peak_mb": peak_mb, "idle_mb": idle_mb, "spans": spans}


def _run(parts: Dispatching, calibrations: Calibrations) -> float:
    started = monotonic_s()
    job = parts.queue.wait(calibrations.run().job_id, LIMIT_S)
    if job.state is not JobState.DONE:
        raise SystemExit(f"the run is {job.state}: {job.error}")
    return monotonic_s() - started


def sort_labels(labels: list[Any]) -> list[Any]:
    """In the order in which they were made."""
    return sorted(labels, key=lambda one: int(one.label.split()[1]))


def read_peak_mb(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit(f"process {pid} is gone")


def run_peer(address: str) -> dict[str, Any]:
    """The peer in a fresh process."""
    command = [sys.executable, __file__, PEER, address]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def be_peer(address: str) -> None:
    """All scores at once; prints time, memory and spans."""
    started = monotonic_s()
    spans: list[Any] = []
    heads = _query(address, "SELECT id FROM head ORDER BY id")
    for (head_id,) in heads:
        rows = _query(address, f"{_SCORES} AND s.head_id = {int(head_id)}")
        scores = np.stack([np.frombuffer(row[0], "<f4").reshape(6, -1)[0] for row in rows])
        spans += np.percentile(scores, [5, 95], axis=0, method="inverted_cdf").T.tolist()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": monotonic_s() - started, "peak_mb": peak_mb, "spans": spans}))


def _query(address: str, statement: str) -> list[Any]:
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as file:
            return file.execute(statement).fetchall()
    with open_database(address).read() as connection:
        return list(connection.exec_driver_sql(statement).all())


def measure(address: str, folder: Path, tracks: int) -> dict[str, Any]:
    """Both on one database."""
    database = open_database(address)
    upgrade(database, folder)
    fill(database, tracks)
    ours = calibrate(database, folder / "calibration")
    database.close()
    peer = run_peer(address)
    questions = count_tags(address, tracks)
    error = float(np.abs(np.array(ours["spans"]) - np.array(peer["spans"])).max())
    return {
        "database": database.dialect,
        "seconds": round(ours["seconds"], 2),
        "scores_per_s": round(tracks * HEADS * LABELS / ours["seconds"]),
        "worker_peak_mb": round(ours["peak_mb"], 1),
        "worker_idle_mb": round(ours["idle_mb"], 1),
        "peer_seconds": round(peer["seconds"], 2),
        "peer_peak_mb": round(peer["peak_mb"], 1),
        "time_ratio": round(peer["seconds"] / ours["seconds"], 2),
        "memory_ratio": round(peer["peak_mb"] / ours["peak_mb"], 2),
        "largest_error": error,
        "within_mark": (
            ours["seconds"] <= MARK_S
            and ours["peak_mb"] <= MARK_MB
            and error <= TOLERANCE * (1 + 1e-6)
        ),
        "analytics": questions,
    }


def count_tags(address: str, tracks: int) -> dict[str, Any]:
    """What analytics takes on as many tracks with invented tags, in place of those with scores."""
    database = open_database(address)
    with database.write() as tx:
        tx.execute(delete(library))
    analytics.fill(database, tracks)
    analytics.check(database)
    database.close()
    database = open_database(address)
    try:
        found: dict[str, Any] = analytics.measure_analytics(database)
    finally:
        database.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=MARK_TRACKS)
    parser.add_argument("--postgres", action="store_true", help="Measure PostgreSQL, too.")
    parser.add_argument("--output", type=Path)
    parser.add_argument(PEER, dest="peer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        be_peer(given.peer)
        return
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        results.append(measure(f"sqlite:///{folder / 'mediant.db'}", folder, given.tracks))
        if given.postgres:
            with temporary_postgres() as server:
                results.append(measure(server.new_database(), folder, given.tracks))
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "tracks": given.tracks,
        "labels": HEADS * LABELS,
        "mark": {"tracks": MARK_TRACKS, "seconds": MARK_S, "peak_mb": MARK_MB},
        "results": results,
    }
    text = json.dumps(report, indent=2)
    print(text)
    if given.output:
        given.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
