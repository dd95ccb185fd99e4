"""What jobs of this room mean on the server: their messages to workers and the rows they leave.

Every function runs in the transaction that moves the job's state, so a result and its job agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from mediant.errors import SKIPPED_CODES, MediaError, NotFound
from mediant.events.topics import Event
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.kernel.clock import now_s
from mediant.settings.model import TaggingSettings
from mediant.store.schema_tagging import tag_write
from mediant.tagging import rows, written
from mediant.tagging.wish import TAG, WAITS, effective_mode, merge_wishes

UNTAG, UNDO, TIDY = "untag", "undo", "tidy"
CONTENT_CODES = SKIPPED_CODES | {
    "empty",
    "corrupt",
    "protected",
    "decode_crash",
    "decode_memory",
    "decode_timeout",
    "poison",
}
"""Problems of the content itself: such a file is left alone until it changes, or somebody asks.
Others (the disk was away, no network was installed) may be gone at the next scan."""

BUILT_IN = "built-in"
"""What stands on a track that was tagged before the library was calibrated."""

LibraryCalibration = Callable[[Connection], Mapping[str, Any] | None]
"""The library's own calibration: {version, spans: [[model, head, label, p5, p95]]}, or None."""


def no_calibration(_tx: Connection) -> None:
    """A server whose library was never calibrated."""
    return


@dataclass(frozen=True, slots=True)
class Rules:
    """What the room's jobs go by besides its own settings."""

    max_tries: int = 1
    """Tries of a file that could not be read for a passing cause."""
    calibration: LibraryCalibration = no_calibration
    awaits_calibration: bool = False
    """Whether writes that nobody asked for by name wait for the first calibration."""

    def is_awaiting(self, tx: Connection) -> bool:
        """Whether the first calibration is still to come."""
        return self.awaits_calibration and self.calibration(tx) is None


@dataclass(frozen=True, slots=True)
class Results:
    """The server's half of the room's jobs."""

    settings: TaggingSettings
    models_folder: Path
    suite_version: Callable[[], str]
    rules: Rules = Rules()

    def kinds(self) -> list[JobKind]:
        """The job kinds of this room."""
        return [
            JobKind(
                TAG,
                "mediant.tagging.work:tag",
                max_tries=self.rules.max_tries,
                prepare=self.prepare_tag,
                absorb=self.absorb,
                commit=self.commit_tag,
                failed=self.failed_tag,
                merge=merge_wishes,
            ),
            JobKind(
                UNTAG,
                "mediant.tagging.work:untag",
                lane="io",
                max_tries=self.rules.max_tries,
                prepare=self.prepare_tag,
                absorb=self.absorb,
                commit=self.commit_untag,
                failed=self.failed_write,
            ),
            JobKind(
                UNDO,
                "mediant.tagging.work:undo",
                lane="io",
                prepare=self.prepare_undo,
                commit=self.commit_undo,
                failed=self.failed_write,
            ),
            JobKind(
                TIDY,
                "mediant.tagging.work:tidy",
                lane="io",
                prepare=self.prepare_tag,
                absorb=self.absorb,
            ),
        ]

    def prepare_tag(self, tx: Connection, job: Job) -> Payload:
        """The message for a worker: where the file is now, and what is known of it."""
        file_id = int(job.payload["file_id"])
        found = rows.find_file(tx, file_id)
        if found is None:
            raise NotFound("The file is no longer in any library.", asset=str(file_id))
        mode = job.payload.get("write_mode") or effective_mode(found.write_mode, self.settings)
        calibration = self.rules.calibration(tx)
        may_wait = job.payload.get("background") and self.rules.awaits_calibration
        return {
            **job.payload,
            "path": str(Path(found.root_path, found.path)),
            "write_mode": mode,
            "force": bool(job.payload.get("force")),
            "settings": self.settings.model_dump(mode="json"),
            "models": str(self.models_folder),
            "suite": self.suite_version(),
            "calibration": calibration,
            "waits": bool(may_wait and calibration is None),
            "known": find_known(tx, file_id, name_of(calibration)),
            "prepared": _list_prepared(tx, file_id),
        }

    def absorb(self, tx: Connection, job: Job, part: Result) -> Committed:
        """Keep the record that undoes a write, before the file is replaced."""
        file_id = int(job.payload["file_id"])
        if "settled" in part:
            settle_prepared(tx, file_id, part["settled"])
        if "undo" in part:
            settle_prepared(tx, file_id, part["undo"]["before_hash"])
            keep_undo(tx, file_id, part["undo"])
        return Committed()

    def commit_tag(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Store everything that was found out, and what became of the file."""
        file_id = int(job.payload["file_id"])
        if rows.find_file(tx, file_id) is None:
            return Committed(summary={"file": result["file"], "skipped": True,
                                      "skip_reason": "removed_from_library"})  # fmt: skip
        if result.get("skipped"):
            self._note_wait(tx, file_id, result)
            return Committed(summary=dict(result))
        events = [_tell_tagged(file_id, result)] if self._store_finding(tx, file_id, result) else []
        events += self._store_write(tx, file_id, result)
        self._note_wait(tx, file_id, result)
        return Committed(events=events, summary=summarise(result))

    def _store_finding(self, tx: Connection, file_id: int, result: Result) -> bool:
        """Store the analysis, or new words for the stored one; False when there is neither."""
        if result["analysis"] is not None:
            self._store_analysis(tx, file_id, result)
        elif result.get("recomposed"):
            rows.store_words(tx, file_id, result["recomposed"], result["tags"])
        else:
            return False
        return True

    def _note_wait(self, tx: Connection, file_id: int, result: Result) -> None:
        if result.get("waits"):
            written.note_write_error(tx, file_id, WAITS)

    def _store_analysis(self, tx: Connection, file_id: int, result: Result) -> None:
        analysis = result["analysis"]
        rows.store_track(tx, file_id, analysis, result)
        rows.store_scores(tx, file_id, analysis["scores"])
        rows.store_embeddings(tx, file_id, analysis["embeddings"])
        rows.store_tags(tx, file_id, result["tags"])
        rows.store_media(tx, file_id, analysis["media"])

    def _store_write(self, tx: Connection, file_id: int, result: Result) -> list[Event]:
        write = result.get("write")
        is_written = write is not None and write["state"] == "written"
        rows.refresh_file(tx, file_id, result, written=is_written)
        if write is None:
            return []
        if write["state"] in ("skipped", "failed"):
            written.note_write_error(tx, file_id, write["text"])
            return []
        if is_written:
            mark_applied(tx, file_id)
        if write["mode"] == "none":
            written.note_written(tx, file_id, None, result)
        else:
            carried = written.read_writable(tx, file_id, write["mode"])
            written.note_written(tx, file_id, carried, result)
            written.note_contents(tx, file_id, carried)
        if not is_written:
            return []
        return [Event("file.written", {"file_id": file_id, "path": result["file"],
                                       "mode": write["mode"]})]  # fmt: skip

    def failed_tag(self, tx: Connection, job: Job, code: str, text: str) -> Committed:
        """A track that cannot be analysed, with its reason."""
        file_id = int(job.payload["file_id"])
        state = "skipped" if code in SKIPPED_CODES else "failed"
        rows.store_failure(tx, file_id, state, (code, text))
        told = {"file_id": file_id, "path": job.payload.get("path"), "code": code, "error": text}
        return Committed(events=[Event("track.failed", told)], jobs=tidy_after(job, code))

    def failed_write(self, _tx: Connection, job: Job, code: str, _text: str) -> Committed:
        """Nothing is known of the track that was not known before."""
        return Committed(jobs=tidy_after(job, code))

    def commit_untag(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Our tags are out of the file; what was found out stays."""
        file_id = int(job.payload["file_id"])
        if rows.find_file(tx, file_id) is None:
            return Committed(summary={"file": result["file"], "skipped": True})
        events = self._store_write(tx, file_id, result)
        return Committed(events=events, summary=summarise(result))

    def prepare_undo(self, tx: Connection, job: Job) -> Payload:
        """The newest write of the file that was not undone."""
        file_id = int(job.payload["file_id"])
        found = rows.find_file(tx, file_id)
        writes = written.list_writes(tx, file_id, "applied", "prepared")
        if found is None or not writes:
            text = written.tell_nothing_left(written.last_undone(tx, file_id))
            raise MediaError("missing", text, asset=str(job.payload.get("path") or file_id))
        newest = writes[0]
        return {
            **job.payload,
            "path": str(Path(found.root_path, found.path)),
            "settings": self.settings.model_dump(mode="json"),
            "prepared": _list_prepared(tx, file_id),
            "write": {
                "id": newest.id,
                "mode": newest.mode,
                "before_hash": newest.before_hash,
                "after_hash": newest.after_hash,
                "undo": newest.undo,
                "own_before": newest.own_before,
            },
        }

    def commit_undo(self, tx: Connection, job: Job, result: Result) -> Committed:
        """The file is as it was before its newest write."""
        file_id = int(job.payload["file_id"])
        if rows.find_file(tx, file_id) is None:
            return Committed(summary={"file": result["file"], "skipped": True})
        done = {"state": "undone", "undone_at": now_s()}
        tx.execute(update(tag_write).where(tag_write.c.id == result["write_id"]).values(done))
        earlier = written.list_writes(tx, file_id, "applied")[:1]
        stands = [
            written.Written(one.mode, one.calibration, one.moods)
            for one in earlier
            if one.mode != "none"
        ]
        rows.refresh_file(tx, file_id, result, written=True)
        written.note_written(tx, file_id, stands[0] if stands else None, result)
        event = Event("file.restored", {"file_id": file_id, "path": result["file"]})
        summary = {name: result[name] for name in ("file", "outcome", "text")}
        return Committed(events=[event], summary=summary)


def name_of(calibration: Mapping[str, Any] | None) -> str:
    """What a calibration is called on the tracks that were tagged by it."""
    return BUILT_IN if calibration is None else str(calibration["version"])


def find_known(tx: Connection, file_id: int, calibration: str) -> dict[str, Any] | None:
    """The analysis that is stored, for the worker to decide whether it is current.

    When it goes by another calibration than this one, its scores come along, so that new words
    need no audio.
    """
    found = rows.find_track(tx, file_id)
    if found is None or found.state != "tagged":
        return None
    names = (
        "suite", "preset", "calibration", "size", "mtime_ns", "written_mode", "written_moods",
        "write_error",
    )  # fmt: skip
    known = {name: getattr(found, name) for name in names}
    known["tags"] = rows.list_tags(tx, file_id)
    if found.calibration != calibration:
        known["scores"] = rows.list_scores(tx, [file_id]).get(file_id, [])
        known["signal"] = [found.tempo_bpm, found.key, found.mode, found.energy]
    return known


def keep_undo(tx: Connection, file_id: int, undo: Mapping[str, Any]) -> None:
    """Insert the record of a write that is about to happen."""
    values = {
        "file_id": file_id,
        "path": undo["path"],
        "state": "prepared",
        "mode": undo["mode"],
        "before_hash": undo["before_hash"],
        "after_hash": undo["after_hash"],
        "undo": undo["undo"],
        "own_before": rows.to_json(undo["own_before"]),
        "written_at": now_s(),
    }
    tx.execute(insert(tag_write).values(values))


def tidy_after(job: Job, code: str) -> list[NewJob]:
    """Who clears up beside the file of a job that was given up in the middle."""
    if code != "poison":
        return []
    payload = {"file_id": job.payload["file_id"], "path": job.payload.get("path")}
    return [NewJob(TIDY, payload, dedup_key=str(payload["file_id"]))]


def settle_prepared(tx: Connection, file_id: int, now_hash: bytes) -> None:
    """Decide what became of writes whose end nobody saw, by the file's hash as it is now.

    The newest is looked at first: it was prepared on what the one before it left.
    """
    for write in written.list_writes(tx, file_id, "prepared"):
        if write.after_hash == now_hash:
            _set_state(tx, write.id, "applied")
            now_hash = write.before_hash
        elif write.before_hash == now_hash:
            tx.execute(delete(tag_write).where(tag_write.c.id == write.id))


def mark_applied(tx: Connection, file_id: int) -> None:
    """The write that was prepared last has happened."""
    for write in written.list_writes(tx, file_id, "prepared")[:1]:
        _set_state(tx, write.id, "applied")


def _set_state(tx: Connection, write_id: int, state: str) -> None:
    tx.execute(update(tag_write).where(tag_write.c.id == write_id).values(state=state))


def _list_prepared(tx: Connection, file_id: int) -> list[bytes]:
    """Hashes that an unfinished write may have left, so that the worker looks at the file."""
    return [write.after_hash for write in written.list_writes(tx, file_id, "prepared")]


def summarise(result: Result) -> dict[str, Any]:
    """What the job's row keeps: small, and honest about what failed."""
    analysis, write = result.get("analysis"), result.get("write")
    failures: Sequence[Mapping[str, Any]] = result.get("failures", ())
    tags = result.get("tags", {})
    summary: dict[str, Any] = {
        "file": result["file"],
        "elapsed_s": round(result.get("elapsed_s", 0.0), 3),
        "duration_s": analysis["duration_s"] if analysis else None,
        "heads_processed": len(analysis["scores"]) if analysis else 0,
        "heads_failed": len(failures),
        "tags_written": write["keys_written"] if write else 0,
        "tags": {key: list(values) for key, values in tags.items()},
        "mood_aggregations": {key: len(v) for key, v in tags.items() if key.startswith("mood-")},
        "stages_s": dict(result.get("stages_s", {})),
    }
    if result.get("recomposed"):
        summary["recomposed"] = True
    if analysis:
        summary["head_results"] = _list_head_results(analysis["scores"], failures)
        summary["flags"] = list(analysis["flags"])
    if write:
        summary |= _describe_write(write)
    return summary


def _list_head_results(
    scores: Sequence[Mapping[str, Any]], failures: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    done = {f"{s['model']}/{s['name']}": {"status": "success"} for s in scores}
    lost = {f"{f['model']}/{f['head']}": {"status": "error", "error": f["text"]} for f in failures}
    return {**done, **lost}


def _describe_write(write: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"write_mode": write["mode"], "write": write["state"]}
    if write["state"] == "skipped":
        told["write_skipped"] = write["code"]
    if write["state"] == "failed":
        told["write_error"] = write["text"]
        told["write_error_code"] = write["code"]
    return told


def _tell_tagged(file_id: int, result: Result) -> Event:
    tags = result["tags"]
    told = {"file_id": file_id, "path": result["file"], "moods": list(tags.get("mood-loose", ()))}
    return Event("track.tagged", told)
