"""Calibrations of one server, and made scores that they measure."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from mediant.jobs.job import Job, JobState
from mediant.jobs.kind import JobKind
from mediant.settings.model import CalibrationSettings
from mediant.store import Database
from mediant.tagging.calibration.calibrations import Calibrations
from mediant.testing.dispatching import Dispatching, build
from mediant.testing.scores import add_head, add_library, add_tracks

Floats = NDArray[np.float32]
HAPPY = ("effnet", "mood_happy")
LEAST = 100


@dataclass
class Desk:
    """Calibrations of one server."""

    parts: Dispatching
    calibrations: Calibrations
    folder: Path
    kinds: dict[str, JobKind]

    def run(self) -> Job:
        """A whole run."""
        return self.parts.end_of(self.calibrations.run().job_id)

    def result(self) -> dict[str, Any]:
        """What a run left on its row."""
        job = self.run()
        assert job.state is JobState.DONE, job.error
        return dict(job.result or {})

    def current(self) -> Any:
        """The spans in force."""
        with self.parts.database.read() as connection:
            return self.calibrations.current(connection)

    def files(self) -> set[str]:
        """What lies in the folder."""
        return {str(one.relative_to(self.folder)) for one in self.folder.rglob("*.json")}


@contextmanager
def open_desk(
    database: Database, folder: Path, *, starts: bool = True, **settings: Any
) -> Iterator[Desk]:
    """Calibrations with a running dispatcher and one worker."""
    kinds: dict[str, JobKind] = {}
    parts = build(database, workers=0, kinds=kinds, settings={"io_workers": 1})
    chosen = CalibrationSettings(**{"enabled": True, "min_samples": LEAST} | settings)
    calibrations = Calibrations(database, parts.queue, chosen, folder)
    kinds.update((kind.name, kind) for kind in calibrations.kinds())
    if starts:
        parts.dispatcher.start()
    try:
        yield Desk(parts, calibrations, folder, kinds)
    finally:
        if starts:
            parts.dispatcher.stop(0.0)
        parts.bus.close()


def pair(n: int, *, low: float = 0.1, high: float = 0.9, seed: int = 1) -> Floats:
    """Scores of a head with two labels that add up to 1: float32 [n, 2]."""
    first = np.random.default_rng(seed).uniform(low, high, n).astype(np.float32)
    return np.stack([first, 1 - first], axis=1)


def fill(database: Database, n: int = 400, **spread: Any) -> tuple[int, int]:
    """A library of `n` tracks with a head of two labels: (library's id, head's id)."""
    library_id = add_library(database)
    head_id = add_head(database, HAPPY, ["happy", "non_happy"])
    add_tracks(database, library_id, {head_id: pair(n, **spread)})
    return library_id, head_id


def count(database: Database, table: Any) -> int:
    with database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)
