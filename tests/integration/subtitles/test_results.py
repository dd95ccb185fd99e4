"""What jobs of subtitles leave in the database, on both engines."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mediant.errors import Invalid, NotFound, Refused
from mediant.events.bus import EventBus
from mediant.jobs.job import JobState, NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.kernel.paths import temp_beside
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store import Database
from mediant.store.schema_subtitles import spoken_language, written_subtitle
from mediant.subtitles.jobs import SubtitleJobs
from mediant.subtitles.transcribe.results import Results
from mediant.subtitles.transcribe.wish import AlreadyQueued, Wish


class Room:
    """Queue, jobs and results, without workers."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.kinds: dict[str, JobKind] = {}
        self.queue = JobQueue(database, EventBus(), self.kinds, lambda: None)
        self.settings = SubtitlesSettings()
        self.told: list[Any] = []
        self.evaluated: list[Any] = []
        self.results = Results(lambda: self.settings, folder, self.evaluate, self.after)
        self.kinds.update((kind.name, kind) for kind in self.results.kinds())
        self.jobs = SubtitleJobs(database, self.queue, lambda: self.settings)

    def evaluate(self, _tx, path, finding):
        self.evaluated.append((path, finding.language))
        return [NewJob("transcribe", {"path": path})]

    def after(self, _tx, written):
        self.told.append(written)
        return [NewJob("detect_language", {"path": written.path})]

    def film(self, name="Film.mkv") -> Path:
        path = self.folder / name
        path.write_bytes(b"film")
        return path

    def rows(self, table=written_subtitle):
        with self.database.read() as connection:
            return connection.execute(select(table)).mappings().all()

    def act(self, function, job_id, *values):
        job = self.queue.get_job(job_id)
        with self.database.write() as tx:
            return function(tx, job, *values)


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Room:
    return Room(database, tmp_path)


def intent(path: Path, data: bytes, replaces: bytes | None = None) -> dict:
    old = None if replaces is None else sha(replaces)
    return {"intends": str(path), "sha256": sha(data), "replaces": old, "language": "eng"}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def result(path: Path, data: bytes, heard=None) -> dict:
    return {
        "files": [{"path": str(path), "sha256": sha(data), "language": "eng"}],
        "heard": heard,
        "summary": {"output_path": str(path), "source_lang": "spa", "segments_count": 3},
    }


def test_authorship_is_noted_before_and_after(room):
    film = room.film()
    subtitle = film.with_name("Film.eng.srt")
    job = room.jobs.enqueue(Wish(film, "eng"))
    assert room.act(room.results.prepare, job.id)["ours"] == {}
    room.act(room.results.absorb, job.id, intent(subtitle, b"one"))
    (row,) = room.rows()
    assert (row["state"], row["video"], row["job_id"]) == ("intended", str(film), job.id)
    # A second attempt, whose first part may come again.
    room.act(room.results.absorb, job.id, intent(subtitle, b"one"))
    assert room.act(room.results.prepare, job.id)["ours"] == {str(subtitle): [sha(b"one")]}
    committed = room.act(room.results.commit, job.id, result(subtitle, b"one"))
    (row,) = room.rows()
    assert (row["state"], row["sha256"], row["replaces"]) == ("written", sha(b"one"), None)
    assert [event.topic for event in committed.events] == ["subtitle.written"]
    assert [new.kind for new in committed.jobs] == ["detect_language"]
    (written,) = room.told
    assert (written.path, written.language, written.source_language, written.is_manual) == (
        str(subtitle), "eng", "spa", True,
    )  # fmt: skip


def test_while_one_of_ours_is_replaced_both_are_ours(room):
    film = room.film()
    subtitle = film.with_name("Film.eng.srt")
    job = room.jobs.enqueue(Wish(film, "eng"))
    room.act(room.results.absorb, job.id, intent(subtitle, b"one"))
    room.act(room.results.commit, job.id, result(subtitle, b"one"))
    room.act(room.results.absorb, job.id, intent(subtitle, b"two", b"one"))
    known = room.act(room.results.prepare, job.id)["ours"]
    assert known == {str(subtitle): [sha(b"two"), sha(b"one")]}


@pytest.mark.parametrize(
    ("there", "left"),
    [(b"two", sha(b"two")), (b"one", sha(b"one")), (b"theirs", None), (None, None)],
)
def test_after_a_kill_only_what_is_whole_counts(room, there, left):
    film = room.film()
    subtitle = film.with_name("Film.eng.srt")
    job = room.jobs.enqueue(Wish(film, "eng"))
    room.act(room.results.absorb, job.id, intent(subtitle, b"two", b"one"))
    temp_beside(subtitle).write_bytes(b"tw")
    if there is not None:
        subtitle.write_bytes(there)
    assert room.jobs.settle() == 0  # it will run again and clear up itself
    room.jobs.cancel(job.id)
    assert room.jobs.settle() == 1
    assert not temp_beside(subtitle).exists()
    rows = room.rows()
    assert [(row["state"], row["sha256"]) for row in rows] == (
        [] if left is None else [("written", left)]
    )


def test_what_was_heard_is_kept_and_the_rules_are_asked_again(room):
    film = room.film()
    job = room.jobs.detect(film)
    heard = {"path": str(film), "size": 4, "mtime_ns": 5, "language": "spa", "confidence": 0.8}
    done = {"heard": heard, "summary": {"source_lang": "spa"}}
    committed = room.act(room.results.commit_detection, job.id, done)
    (row,) = room.rows(spoken_language)
    assert (row["language"], row["confidence"], row["size"]) == ("spa", 0.8, 4)
    assert room.evaluated == [(str(film), "spa")]
    assert [new.kind for new in committed.jobs] == ["transcribe"]
    again = {"heard": heard | {"language": "und", "confidence": 0.0}, "summary": {}}
    room.act(room.results.commit_detection, job.id, again)
    (row,) = room.rows(spoken_language)
    assert row["language"] == "und"
    assert room.evaluated[-1] == (str(film), None)


def test_the_same_work_is_asked_for_once(room):
    film = room.film()
    first = room.jobs.enqueue(Wish(film, "eng"))
    with pytest.raises(AlreadyQueued, match=f"Job {first.id} ") as twin:
        room.jobs.enqueue(Wish(film, "en", mode="translate", priority=3))
    assert twin.value.job_id == first.id
    other = room.jobs.enqueue(Wish(film, "spa"))
    assert {first.id, other.id} == {job.id for job in room.jobs.list_jobs().jobs}
    room.jobs.cancel(first.id)
    assert room.jobs.enqueue(Wish(film, "eng")).id not in {first.id, other.id}


def test_a_missing_file_gives_a_job_that_has_failed(room):
    job = room.jobs.enqueue(Wish("/nowhere/Film.mkv", "eng"))
    assert (job.state, job.error) == (JobState.FAILED, "File not found: /nowhere/Film.mkv")
    assert job.error_code == "missing"
    room.settings = SubtitlesSettings(library_paths=["/library"])
    outside = room.jobs.enqueue(Wish(room.film(), "eng"))
    assert (outside.state, outside.error_code) == (JobState.FAILED, "forbidden")


def test_jobs_are_found_counted_retried_and_cleared(room):
    film = room.film()
    failed = room.jobs.enqueue(Wish("/nowhere/Film.mkv", "eng", priority=-4))
    live = room.jobs.enqueue(Wish(film, "eng", priority=12, is_manual=False))
    assert (failed.priority, live.priority, live.is_manual) == (-4, 12, False)
    heard = room.jobs.detect(film)
    assert room.jobs.get_job(str(live.id)) == room.jobs.get_job(live.uuid) == live
    page = room.jobs.list_jobs(limit=2)
    assert ([job.id for job in page.jobs], page.total) == ([heard.id, live.id], 3)
    only = room.jobs.list_jobs(states=[JobState.FAILED])
    assert ([job.id for job in only.jobs], only.total) == ([failed.id], 1)
    assert room.jobs.list_jobs(job_type="language_detection").total == 1
    counts = room.jobs.count_jobs()
    assert (counts[JobState.QUEUED], counts[JobState.FAILED], counts[JobState.DONE]) == (2, 1, 0)
    with pytest.raises(Refused):
        room.jobs.retry(live.id)
    with pytest.raises(Refused):
        room.jobs.cancel(failed.id)
    again = room.jobs.retry(failed.id)
    assert (again.state, again.error, again.stage, again.started_at) == (
        JobState.QUEUED, None, "pending", None,
    )  # fmt: skip
    assert room.jobs.cancel(live.id).state is JobState.CANCELLED
    assert room.jobs.clear_done() == 0
    for key in ("x", "999999", 10**30, "-1", "١"):
        with pytest.raises(NotFound):
            room.jobs.get_job(key)


def test_a_server_for_bazarr_takes_no_jobs(room):
    room.settings = SubtitlesSettings(operation_mode=["provider"])
    with pytest.raises(Refused, match="works for Bazarr only"):
        room.jobs.enqueue(Wish(room.film(), "eng"))
    room.settings = SubtitlesSettings(operation_mode=["provider", "standalone"])
    assert room.jobs.enqueue(Wish(room.film(), "eng")).state is JobState.QUEUED


def test_what_makes_no_sense_makes_no_job(room):
    with pytest.raises(Invalid):
        room.jobs.enqueue(Wish(room.film(), "nonsense"))
    assert room.jobs.list_jobs().total == 0
