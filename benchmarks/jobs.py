"""How fast jobs go through the queue: drained by two workers, enqueued, and until they start.

Two workers, commits flushed to disk (`synchronous=FULL`, `fsync=on`), on SQLite and PostgreSQL.
Measured twice: `brief` kinds, which are handed to a worker a few at a time, and ordinary ones.
Peers of the same run: Huey on the same disk's SQLite (with fsync), Procrastinate on the same
PostgreSQL. Prints JSON.

    python benchmarks/jobs.py --count 20000
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from mediant.jobs.job import JobState, NewJob
from mediant.kernel.clock import monotonic_s, now_s
from mediant.store import open_database
from mediant.store.migrate import upgrade
from mediant.testing.dispatching import Dispatching, dispatching
from mediant.testing.postgres import temporary_postgres

PEERS = ("huey==3.5.4", "procrastinate==3.10.0", "psycopg[binary,pool]>=3.3")
MARKS = {
    "sqlite": {"drained_per_s": 4000.0, "start_p99_ms": 5.0},
    "postgresql": {"drained_per_s": 800.0},
}
POLL_S = 0.005
PAUSE_S = 0.004


def measure(url: str, folder: Path, count: int, samples: int) -> dict[str, Any]:
    """All figures of Mediant on one database."""
    database = open_database(url)
    upgrade(database, folder)
    with dispatching(database, workers=2) as jobs:
        jobs.wait_ready(2)
        figures = {
            "drained_per_s": drain(jobs, "brief", count),
            "drained_one_by_one_per_s": drain(jobs, "noop", count // 4),
            "enqueued_per_s": enqueue_alone(jobs, count // 10),
            **measure_starts(jobs, "stamp", samples, "start"),
            **measure_load(jobs, count, samples),
        }
    database.close()
    return figures


def drain(jobs: Dispatching, kind: str, count: int) -> float:
    """No-op jobs per second from the first claim to the last commit."""
    before = jobs.queue.count_jobs(kind)[JobState.DONE]
    jobs.queue.pause()
    jobs.queue.enqueue_many([NewJob(kind)] * count)
    began = monotonic_s()
    jobs.queue.resume()
    while jobs.queue.count_jobs(kind)[JobState.DONE] - before < count:
        time.sleep(POLL_S)
    return round(count / (monotonic_s() - began), 1)


def enqueue_alone(jobs: Dispatching, count: int) -> float:
    """Single enqueues per second, one commit each."""
    jobs.queue.pause()
    began = monotonic_s()
    for _ in range(count):
        jobs.queue.enqueue(NewJob("brief"))
    rate = count / (monotonic_s() - began)
    jobs.queue.resume()
    while jobs.queue.count_jobs("brief")[JobState.QUEUED]:
        time.sleep(POLL_S)
    return round(rate, 1)


def measure_starts(jobs: Dispatching, kind: str, samples: int, name: str) -> dict[str, float]:
    """Milliseconds from the call of enqueue to the first line of the handler, workers idle."""
    waits = []
    for _ in range(samples):
        asked = now_s()
        job = jobs.end_of(jobs.put(kind))
        waits.append(((job.result or {})["at"] - asked) * 1e3)
        time.sleep(PAUSE_S)
    return summary(waits, name)


def measure_load(jobs: Dispatching, count: int, samples: int) -> dict[str, float]:
    """Milliseconds that one enqueue takes while the dispatcher drains at full speed."""
    jobs.queue.enqueue_many([NewJob("brief")] * count)
    waits: list[float] = []

    def enqueue_now_and_then() -> None:
        for _ in range(samples):
            began = monotonic_s()
            jobs.queue.enqueue(NewJob("noop", priority=-1))
            waits.append((monotonic_s() - began) * 1e3)
            time.sleep(PAUSE_S)

    thread = threading.Thread(target=enqueue_now_and_then)
    thread.start()
    thread.join()
    while jobs.queue.count_jobs()[JobState.QUEUED]:
        time.sleep(POLL_S)
    return summary(waits, "enqueue_under_load")


def summary(waits: Sequence[float], name: str) -> dict[str, float]:
    """Median and 99th percentile."""
    ordered = sorted(waits)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return {f"{name}_p50_ms": round(middle, 2), f"{name}_p99_ms": round(late, 2)}


def make_peers(folder: Path) -> Path:
    """The interpreter of a virtual environment with the peers, made on first use."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    return python


def ask_peer(python: Path, name: str, place: str, count: int, samples: int) -> dict[str, Any]:
    """The figures of one peer."""
    script = Path(__file__).with_name("jobs_peer.py")
    command = [str(python), str(script), name, place, str(count), str(samples)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def compare(ours: dict[str, Any], peer: dict[str, Any], name: str, backend: str) -> dict[str, Any]:
    """Both, their ratios and the marks."""
    marks = MARKS[backend]
    return {
        "mediant": ours,
        name: peer,
        "times_as_many_drained": round(ours["drained_per_s"] / peer["drained_per_s"], 2),
        "times_as_soon_started": round(peer["start_p50_ms"] / ours["start_p50_ms"], 2),
        "marks": {
            key: ours[key] >= mark if key.endswith("per_s") else ours[key] <= mark
            for key, mark in marks.items()
        },
    }


def main() -> None:
    """Measure both databases and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--peers", type=Path, default=Path(".cache/peers/jobs"))
    options = parser.parse_args()
    python = make_peers(options.peers.absolute())
    result: dict[str, Any] = {
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "python": sys.version.split()[0],
    }
    few = max(500, options.count // 10)
    samples = max(50, options.samples // 5)
    with tempfile.TemporaryDirectory(dir=".cache") as name:
        folder = Path(name).absolute()
        ours = measure(f"sqlite:///{folder / 'm.db'}", folder, options.count, options.samples)
        peer = ask_peer(python, "huey", str(folder), options.count // 2, samples)
        result["sqlite"] = compare(ours, peer, "huey", "sqlite")
    with temporary_postgres() as server, tempfile.TemporaryDirectory() as name:
        url = server.new_database()
        ours = measure(url, Path(name), options.count // 2, options.samples)
        place = make_url(server.new_database())
        conninfo = f"host={place.query['host']} user={place.username} dbname={place.database}"
        peer = ask_peer(python, "procrastinate", conninfo, few, samples)
        result["postgresql"] = compare(ours, peer, "procrastinate", "postgresql")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
