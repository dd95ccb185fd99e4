"""What jobs of subtitles mean on the server: their messages to workers and the rows they leave.

Every function runs in the transaction that moves the job's state, so a result and its job agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mediant.events.topics import Event
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.kernel.languages import UNKNOWN
from mediant.settings.secret import reveal
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.speech.engine import Finding
from mediant.subtitles.transcribe.wish import DETECT, LANE, TRANSCRIBE, is_manual
from mediant.subtitles.transcribe.written import (
    AfterWritten,
    Content,
    Written,
    do_nothing_more,
    find_spoken,
    list_sums,
    note_intent,
    note_spoken,
    note_written,
)

HANG_S = 1800.0
"""The slowest model on the slowest machine says something in less."""
MAX_TRIES = 3

Evaluate = Callable[[Connection, str, Finding], Sequence[NewJob]]
"""Asks all scan rules about one file that was looked at before; the jobs that it needs."""


def need_nothing(_tx: Connection, _path: str, _finding: Finding) -> Sequence[NewJob]:
    """No rules."""
    return ()


@dataclass(frozen=True, slots=True)
class Results:
    """The server's half of the jobs `transcribe` and `detect_language`."""

    settings: Callable[[], SubtitlesSettings]
    models_folder: Path
    evaluate: Evaluate = need_nothing
    after_written: AfterWritten = do_nothing_more

    def kinds(self) -> list[JobKind]:
        """Both kinds of job."""
        return [
            JobKind(
                TRANSCRIBE,
                "mediant.subtitles.transcribe.work:transcribe",
                lane=LANE,
                max_tries=MAX_TRIES,
                hang_s=HANG_S,
                prepare=self.prepare,
                absorb=self.absorb,
                commit=self.commit,
            ),
            JobKind(
                DETECT,
                "mediant.subtitles.transcribe.detecting:detect",
                lane=LANE,
                max_tries=MAX_TRIES,
                hang_s=HANG_S,
                prepare=self.prepare,
                commit=self.commit_detection,
            ),
        ]

    def prepare(self, tx: Connection, job: Job) -> Payload:
        """The message for a worker: the wish, the settings as they are, and what is known."""
        path = str(job.payload["path"])
        return {
            **job.payload,
            "settings": reveal(self.settings()),
            "models": str(self.models_folder),
            "ours": list_sums(tx, path),
            "spoken": find_spoken(tx, path),
        }

    def absorb(self, tx: Connection, job: Job, part: Result) -> Committed:
        """Keep in mind which file will be ours, before it is there."""
        if "intends" in part:
            note_intent(tx, job.id, str(job.payload["path"]), part)
        return Committed()

    def commit(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Note the files that were written, and the language that was heard."""
        events: list[Event] = []
        jobs: list[NewJob] = []
        if result.get("heard"):
            events += self._store_heard(tx, job, result["heard"])
        for file in result.get("files", ()):
            written = _read_written(job, result, file)
            note_written(tx, written.path, file["sha256"])
            events.append(_tell_written(written))
            jobs += self.after_written(tx, written)
        return Committed(events=events, jobs=jobs, summary=result["summary"])

    def commit_detection(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Note the language, and ask the rules about the file again: now they can answer."""
        heard = result["heard"]
        events = self._store_heard(tx, job, heard)
        known = None if heard["language"] == UNKNOWN else heard["language"]
        finding = Finding(known, float(heard["confidence"]))
        jobs = self.evaluate(tx, str(job.payload["path"]), finding)
        return Committed(events=events, jobs=list(jobs), summary=result["summary"])

    def _store_heard(self, tx: Connection, job: Job, heard: Mapping[str, Any]) -> list[Event]:
        language = heard["language"] or UNKNOWN
        note_spoken(tx, Content.of(heard), language, float(heard["confidence"]))
        payload = {
            "job_id": job.id,
            "path": heard["path"],
            "language": language,
            "confidence": heard["confidence"],
        }
        return [Event("language.heard", payload)]


def _read_written(job: Job, result: Result, file: Mapping[str, Any]) -> Written:
    return Written(
        job_id=job.id,
        video=str(job.payload["path"]),
        path=file["path"],
        language=file["language"],
        source_language=result["summary"].get("source_lang") or UNKNOWN,
        mode=str(job.payload["mode"]),
        is_manual=is_manual(job.payload),
    )


def _tell_written(written: Written) -> Event:
    return Event(
        "subtitle.written",
        {
            "job_id": written.job_id,
            "video": written.video,
            "path": written.path,
            "language": written.language,
        },
    )
