"""Runs that are killed, cancelled or stopped on their way leave nothing."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.integration.calibration.desk import Desk, count, fill, pair

from mediant.errors import Cancelled
from mediant.jobs.job import Job, JobState
from mediant.jobs.toolbox import IdleToolbox
from mediant.store import Database
from mediant.store.schema_calibration import calibration_head, calibration_run
from mediant.store.schema_jobs import job as job_table
from mediant.tagging.calibration import measure
from mediant.testing.scores import add_tracks
from mediant.testing.waiting import wait_until


def begin(desk: Desk, database: Database) -> tuple[int, int]:
    """A run over many scores whose worker stands still in the middle: (job's id, worker's pid)."""
    library_id, head_id = fill(database)
    add_tracks(database, library_id, {head_id: pair(20_000, seed=4)})
    gate, kind = desk.folder.with_name("halts"), desk.kinds["calibrate"]

    def prepare(tx: Any, job: Job) -> Mapping[str, Any]:
        return {**kind.prepare(tx, job), "run": kind.run, "halts": str(gate)}

    desk.kinds["calibrate"] = replace(kind, run="mediant.testing.handlers:halt", prepare=prepare)
    gate.touch()
    (pid,) = desk.parts.wait_ready(1)
    job_id = desk.calibrations.run().job_id
    wait_until(lambda: not gate.exists())
    assert desk.parts.queue.get_job(job_id).state is JobState.RUNNING
    return job_id, pid


def test_a_killed_worker_leaves_nothing_and_the_run_is_done_again(
    desk: Desk, database: Database
) -> None:
    job_id, pid = begin(desk, database)
    os.kill(pid, signal.SIGKILL)
    job = desk.parts.end_of(job_id)
    assert (job.state, job.deaths, job.attempt) == (JobState.DONE, 1, 2)
    assert count(database, calibration_run) == 1
    assert count(database, calibration_head) == 1
    assert (job.result or {})["file_count"] == 20_400


def test_a_cancelled_run_leaves_nothing(desk: Desk, database: Database) -> None:
    job_id, _ = begin(desk, database)
    desk.parts.queue.cancel(job_id)
    assert desk.parts.end_of(job_id).state is JobState.CANCELLED
    assert count(database, calibration_run) == 0
    assert desk.files() == set()
    assert count(database, job_table) == 1
    assert desk.result()["version"] == 1


@dataclass
class CuttingWatch:
    """A watch whose job is cancelled after some batches."""

    batches: int

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        assert 0.0 <= fraction <= 1.0

    def log(self, level: str, text: str) -> None:
        raise AssertionError(text)

    def stop_if_cancelled(self) -> None:
        self.batches -= 1
        if self.batches < 0:
            raise Cancelled

    def emit(self, part: Mapping[str, Any]) -> None:
        raise AssertionError(part)


def test_a_run_stops_between_two_batches(desk: Desk, database: Database) -> None:
    library_id, head_id = fill(database)
    add_tracks(database, library_id, {head_id: pair(10_000, seed=4)})
    payload = desk.calibrations.kinds()[0].prepare(None, None)  # type: ignore[arg-type]
    watch = CuttingWatch(3)
    with pytest.raises(Cancelled):
        measure.run(payload, watch, IdleToolbox())
    assert watch.batches == -1
