"""Events and their topics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `id` and `ts` are given by the history when it is stored."""

    topic: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    ts: float | None = None


GAP = "stream.gap"
"""Topic of the event that says: what happened before this is no longer known. Read anew."""

TOPICS = {
    "job.queued": "a job was enqueued",
    "job.started": "a worker took a job",
    "job.progress": "a running job reported its stage and fraction (not kept in the history)",
    "job.done": "a job ended well",
    "job.failed": "a job ended with an error",
    "job.cancelled": "a job was cancelled",
    "job.requeued": "a lost or failed attempt will run again",
    "job.removed": "a job was removed: it is in no list any more",
    "queue.paused": "claiming was paused for a scope",
    "queue.resumed": "claiming goes on for a scope",
    "worker.ready": "a worker process is ready",
    "worker.died": "a worker process is gone",
    "library.changed": "a library was added, changed or removed",
    "scan.finished": "a scan ended, with its counts",
    "track.tagged": "a track was analysed",
    "track.failed": "a track could not be analysed",
    "calibration.finished": "a calibration run ended, with its version",
    "file.written": "tags were written into a file",
    "file.restored": "a write was undone",
    "subtitle.written": "a subtitle file was written beside its video",
    "language.heard": "the language that is spoken in a file was found out by listening",
    "models.changed": "a model was installed or removed",
    "settings.changed": "a setting was changed",
    "system.degraded": "the server lacks something it needs",
    "system.recovered": "the server has again what it needs",
    GAP: "events that this stream asked for are no longer kept: read anew (not kept itself)",
}
"""Every topic with its sentence; the reference page is made from this table."""
