"""What the jobs `calibrate` and `calibration_files` mean on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mediant.errors import NotFound
from mediant.events.topics import Event
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.settings.model import CalibrationSettings
from mediant.store import Database
from mediant.store.reading import address_of
from mediant.tagging.calibration import runs
from mediant.tagging.calibration.files import list_files

CALIBRATE, FILES = "calibrate", "calibration_files"
MAX_TRIES = 3
"""The database may be busy, or PostgreSQL away, for a moment."""
THRESHOLDS = (
    "apd_threshold", "srd_threshold", "jsd_threshold", "median_threshold", "iqr_threshold",
)  # fmt: skip


def calibrate_job() -> NewJob:
    """The wish for a run; live at most once."""
    return NewJob(CALIBRATE, {}, dedup_key="all")


@dataclass(frozen=True, slots=True)
class CalibrationJobs:
    """The server's half of both kinds."""

    database: Database
    settings: CalibrationSettings
    folder: Path

    def kinds(self) -> list[JobKind]:
        """The two kinds."""
        return [
            JobKind(
                CALIBRATE,
                "mediant.tagging.calibration.measure:run",
                lane="io",
                max_tries=MAX_TRIES,
                prepare=self.prepare,
                commit=self.commit,
            ),
            JobKind(
                FILES,
                "mediant.tagging.calibration.files:write",
                lane="io",
                prepare=self.prepare_files,
            ),
        ]

    def prepare(self, _tx: Connection, _job: Job) -> Payload:
        """The worker's message. The address holds a password on PostgreSQL: it goes through the
        pipe, and into no row, log line or error."""
        return {
            "address": address_of(self.database),
            "min_samples": self.settings.min_samples,
            "thresholds": {name: getattr(self.settings, name) for name in THRESHOLDS},
        }

    def commit(self, tx: Connection, _job: Job, result: Result) -> Committed:
        """Store the whole run, or nothing where no label had enough scores."""
        heads: Sequence[Any] = result["heads"]
        summary = summarise(result)
        if not heads:
            return Committed(summary=summary)
        version, name = runs.store_run(
            tx, heads, file_count=result["file_count"], min_samples=self.settings.min_samples
        )
        summary |= {"version": version, "global_version": name}
        told = {name: summary[name] for name in ("version", "global_version", "unstable_heads")}
        files = NewJob(FILES, {"version": version}, dedup_key=str(version))
        return Committed(
            events=[Event("calibration.finished", told)], children=[files], summary=summary
        )

    def prepare_files(self, tx: Connection, job: Job) -> Payload:
        """The files of a run, as they shall be."""
        run = runs.find_run(tx, int(job.payload["version"]))
        if run is None:
            raise NotFound("This calibration run is not stored.", asset=str(job.payload["version"]))
        files = [[str(path), text] for path, text in list_files(run)]
        return {"folder": str(self.folder), "files": files}


def summarise(result: Result) -> dict[str, Any]:
    """What stays on the job's row; `version` is None while no run came of it."""
    heads: Sequence[Any] = result["heads"]
    stable = sum(bool(head["is_stable"]) for head in heads)
    calibrated = sum(len(head["measured"]) for head in heads)
    return {
        "version": None,
        "global_version": None,
        "file_count": result["file_count"],
        "heads_processed": len(heads),
        "stable_heads": stable,
        "unstable_heads": len(heads) - stable,
        "labels_calibrated": calibrated,
        "labels_skipped": sum(len(head["labels"]) for head in heads) - calibrated,
        "heads_skipped": list(result["skipped"]),
        "damaged_scores": result["damaged"],
    }
