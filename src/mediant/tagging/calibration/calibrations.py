"""The face of calibration: asking for a run, and what runs found."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mediant.errors import Forbidden, NotFound
from mediant.jobs.job import Enqueued
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.settings.model import CalibrationSettings
from mediant.store import Database
from mediant.tagging.calibration import runs
from mediant.tagging.calibration.files import file_of
from mediant.tagging.calibration.job import CalibrationJobs, calibrate_job
from mediant.tagging.calibration.records import (
    CalibrationRun,
    CalibrationStatus,
    HeadCalibration,
    LabelHistogram,
)
from mediant.tagging.calibration.spans import describe_spans

InForce = tuple[tuple[int, float], Mapping[str, Any]]
"""Of which run (version, end) the spans were read, and the spans as tagging is told them."""


class Calibrations:
    """The calibrations of this library."""

    def __init__(
        self, database: Database, queue: JobQueue, settings: CalibrationSettings, folder: Path
    ) -> None:
        """`folder`: where the JSON files are written, for people; the database is the truth."""
        self._database = database
        self._queue = queue
        self._settings = settings
        self._jobs = CalibrationJobs(database, settings, folder)
        self._folder = folder
        self._in_force: InForce | None = None

    def kinds(self) -> list[JobKind]:
        """The kinds `calibrate` and `calibration_files`."""
        return self._jobs.kinds()

    def check_enabled(self) -> None:
        """Raise Forbidden unless runs are allowed."""
        if not self._settings.enabled:
            raise Forbidden(
                "Calibration runs are switched off.",
                asset="calibration.enabled",
                remedy="Set `calibration.enabled` to true and start the server anew.",
            )

    def run(self) -> Enqueued:
        """Enqueue a run over all libraries, or find the one that is live. Raises Forbidden."""
        self.check_enabled()
        return self._queue.enqueue(calibrate_job())

    def read_run(self, version: int | None = None) -> CalibrationRun | None:
        """A run with everything it found, the newest by default; None when there is none."""
        with self._database.read() as connection:
            newest = runs.find_newest(connection)
            wanted = version if version is not None or newest is None else newest[0]
            run = None if wanted is None else runs.find_run(connection, wanted)
        return None if run is None else replace(run, files=self._find_files(run))

    def _find_files(self, run: CalibrationRun) -> dict[str, Path]:
        found = {
            f"{one.model_name}:{one.head_name}": self._folder
            / file_of(one.model_name, one.head_name, run.version)
            for one in run.heads
        }
        return {name: path for name, path in found.items() if path.exists()}

    def list_history(
        self, model: str | None = None, head: str | None = None, limit: int = 50
    ) -> list[HeadCalibration]:
        """What runs found of the heads, newest first; of one network or one head when named."""
        with self._database.read() as connection:
            return runs.list_heads(connection, model=model, head=head, limit=limit)

    def read_histogram(
        self, model: str, head: str, label: str, version: int | None = None
    ) -> LabelHistogram:
        """The scores of one label as a run counted them, the newest run by default.

        NotFound for what was never measured, and for a histogram that was dropped: only those of
        the newest run and of references are kept.
        """
        name = f"{model}:{head}:{label}"
        with self._database.read() as connection:
            newest = runs.find_newest(connection)
            wanted = version if version is not None or newest is None else newest[0]
            found = (
                None
                if wanted is None
                else runs.find_histogram(connection, wanted, (model, head, label))
            )
        if found is None or wanted is None:
            raise NotFound("This label has no calibration.", asset=name)
        numbers, packed = found
        if packed is None:
            raise NotFound(f"The histogram of run {wanted} is no longer kept.", asset=name)
        # Only here does the server need what histograms are made of.
        from mediant.tagging.calibration.histogram import (  # noqa: PLC0415 (see above)
            BINS,
            Histogram,
        )

        counts = Histogram.from_bytes(packed).list_used()
        return LabelHistogram(model, head, wanted, BINS, counts, numbers)

    def status(self) -> CalibrationStatus:
        """What is in force, and how much of each library was tagged with it."""
        with self._database.read() as connection:
            current = self.current(connection)
            newest = runs.find_newest(connection)
            if current is None or newest is None:
                return CalibrationStatus(None, None)
            version = str(current["version"])
            libraries = runs.count_current(connection, version)
        return CalibrationStatus(version, newest[1], libraries)

    def current(self, tx: Connection) -> Mapping[str, Any] | None:
        """The spans in force for tagging: `version`, `spans` [[model, head, label, p5, p95]].

        While runs are allowed they are the newest run's, else those of the references. None before
        the first run, and then the built-in spans stand.
        """
        newest = runs.find_newest(tx)
        if newest is None:
            return None
        known = self._in_force
        if known is not None and known[0] == newest:
            return known[1]
        spans = runs.list_spans(tx, newest=newest[0] if self._settings.enabled else None)
        told = describe_spans(spans)
        # Every job that tags asks; a run's rows never change after its commit.
        self._in_force = newest, told
        return told
