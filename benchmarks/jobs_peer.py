"""The same measurements as `jobs.py` for other queues; runs in a virtual environment of its own.

    python jobs_peer.py huey FOLDER COUNT SAMPLES
    python jobs_peer.py procrastinate CONNINFO COUNT SAMPLES

Prints JSON: jobs drained per second by two workers, single enqueues per second, and the
milliseconds from enqueue to start.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path


def _figures(drained: float, enqueued: float, waits_ms: list[float]) -> dict[str, float]:
    waits_ms.sort()
    return {
        "drained_per_s": round(drained, 1),
        "enqueued_per_s": round(enqueued, 1),
        "start_p50_ms": round(waits_ms[len(waits_ms) // 2], 2),
        "start_p99_ms": round(waits_ms[int(len(waits_ms) * 0.99)], 2),
    }


HUEY_TASKS = """
import os, time
from huey import SqliteHuey
huey = SqliteHuey("bench", filename=os.environ["HUEY_FILE"], fsync=True)
@huey.task()
def noop():
    return None
@huey.task()
def stamp():
    return time.time_ns() / 1e9
"""


def measure_huey(folder: Path, count: int, samples: int) -> dict[str, float]:
    """Huey on SQLite, two worker processes, its default polling, fsync on as for us."""
    (folder / "huey_tasks.py").write_text(HUEY_TASKS)
    os.environ["HUEY_FILE"] = str(folder / "huey.db")
    sys.path.insert(0, str(folder))
    import huey_tasks  # type: ignore[import-not-found]  # noqa: PLC0415 (just written)

    began = time.perf_counter()
    for _ in range(count):
        huey_tasks.noop()
    enqueued = count / (time.perf_counter() - began)
    consumer = Path(sys.executable).with_name("huey_consumer")
    command = [sys.executable, str(consumer), "huey_tasks.huey", "-w", "2", "-k", "process", "-q"]
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        first, left = None, count
        while left:
            left = huey_tasks.huey.pending_count()
            if first is None and left < count:
                first = time.perf_counter(), left
            time.sleep(0.005)
        begun_at, begun_with = first or (began, count)
        drained = begun_with / (time.perf_counter() - begun_at)
        waits = []
        for _ in range(samples):
            asked = time.time_ns() / 1e9
            waits.append((huey_tasks.stamp()(blocking=True, timeout=30) - asked) * 1e3)
    finally:
        process.terminate()
        process.wait()
    return _figures(drained, enqueued, waits)


def measure_procrastinate(conninfo: str, count: int, samples: int) -> dict[str, float]:
    """Procrastinate on PostgreSQL, two jobs at a time in one worker."""
    import procrastinate  # type: ignore[import-not-found]  # noqa: PLC0415 (a peer's own library)

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo))
    waits: list[float] = []

    @app.task(name="noop")
    async def noop() -> None:
        return None

    @app.task(name="stamp")
    async def stamp(asked: float) -> None:
        waits.append((time.time_ns() / 1e9 - asked) * 1e3)

    async def run() -> dict[str, float]:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            few = max(100, count // 10)
            began = time.perf_counter()
            for _ in range(few):
                await noop.defer_async()
            enqueued = few / (time.perf_counter() - began)
            await noop.batch_defer_async(*[{} for _ in range(count - few)])
            began = time.perf_counter()
            await app.run_worker_async(concurrency=2, wait=False, install_signal_handlers=False)
            drained = count / (time.perf_counter() - began)
            worker = asyncio.create_task(
                app.run_worker_async(concurrency=2, install_signal_handlers=False)
            )
            await asyncio.sleep(1.0)
            for n in range(samples):
                await stamp.defer_async(asked=time.time_ns() / 1e9)
                while len(waits) <= n:  # noqa: ASYNC110 (the peer sets no event)
                    await asyncio.sleep(0.002)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            return _figures(drained, enqueued, waits)

    return asyncio.run(run())


if __name__ == "__main__":
    name, place, count, samples = sys.argv[1:]
    if name == "huey":
        result = measure_huey(Path(place), int(count), int(samples))
    else:
        result = measure_procrastinate(place, int(count), int(samples))
    print(json.dumps(result))
