"""Who waits for what, and what is kept, on both databases and without workers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mediant.events.bus import EventBus
from mediant.jobs.job import JobState
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import now_s
from mediant.settings.secret import reveal
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_subtitles import asr_result
from mediant.subtitles.provider import results
from mediant.subtitles.provider.provider import Places, Provider
from mediant.subtitles.provider.question import KINDS, TextQuestion
from mediant.subtitles.provider.waiting import Gone, HearingFailed, TooLate, obtain
from mediant.testing.waiting import PATIENCE_S

TEXTS = {"srt": "1\n...", "txt": "hello\n"}


class Stage:
    """A provider whose jobs are ended by hand."""

    def __init__(self, database: Database, folder: Path) -> None:
        kinds: dict[str, JobKind] = {}
        self.database, self.bus = database, EventBus()
        self.queue = JobQueue(database, self.bus, kinds, lambda: None)
        self.settings = SubtitlesSettings()
        places = Places(folder / "models", folder / "spool")
        self.provider = Provider(database, self.queue, self.bus, lambda: self.settings, places)
        kinds.update((kind.name, kind) for kind in self.provider.kinds())
        self.kinds = kinds

    def ask(self, sound: bytes = b"sound") -> TextQuestion:
        with self.provider.spool.open() as upload:
            upload.write(sound)
            return TextQuestion(upload.finish(), is_pcm=True, language="en")

    def answer(self, job_id: int) -> None:
        """What a worker's result does, and that the job is then over."""
        job = self.queue.get_job(job_id)
        with self.database.write() as tx:
            self.kinds["hear"].commit(tx, job, {"texts": TEXTS, "summary": {}})
        self.queue.cancel(job_id)

    def states(self) -> list[JobState]:
        return [job.state for job in self.queue.list_jobs(kind="hear")]

    def names(self) -> list[str]:
        return [path.name for path in self.provider.spool.folder.iterdir()]


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(database, tmp_path)
    stage.provider.start()
    yield stage
    stage.provider.stop()
    stage.bus.close()


def test_the_same_question_has_one_job(stage):
    question = stage.ask()
    first, second = stage.provider.join(question), stage.provider.join(question)
    assert first == second
    assert stage.states() == [JobState.QUEUED]
    stage.provider.leave(first, "gone")
    assert stage.states() == [JobState.QUEUED]
    stage.provider.leave(second, "gone")
    assert stage.states() == [JobState.CANCELLED]


def test_who_comes_again_keeps_the_work_going(stage):
    question = stage.ask()
    patient, other = stage.provider.join(question), stage.provider.join(question)
    stage.provider.leave(patient, "for now")
    stage.provider.leave(other, "gone")
    assert stage.states() == [JobState.QUEUED]


def test_an_answer_needs_no_job(stage):
    question = stage.ask()
    ticket = stage.provider.join(question)
    stage.answer(ticket.job_id)
    stage.provider.leave(ticket, "answered")
    again = stage.provider.join(stage.ask())
    assert again.job_id is None
    assert stage.provider.read(again.key, "txt") == "hello\n"
    assert stage.provider.read(again.key, "docx") is None


def test_the_sound_goes_with_its_last_job(stage):
    question = stage.ask()
    ticket = stage.provider.join(question)
    stage.provider.leave(ticket, "for now")
    stage.provider.spool.release(question.audio.name)
    assert stage.names() == [question.audio.name]
    stage.queue.cancel(ticket.job_id)
    stage.provider.stop()  # whatever it had to do, it has done
    assert stage.names() == []


def _obtain(stage: Stage, question: TextQuestion, timeout_s: float = PATIENCE_S, act=None):
    """Wait for the text; `act` is done as soon as there is a job."""

    async def run():
        gone = asyncio.get_running_loop().create_future()
        work = asyncio.ensure_future(obtain(stage.provider, question, "txt", gone, timeout_s))
        if act is not None:
            with stage.bus.subscribe(["job.queued"]) as queued:
                await queued.get_async(PATIENCE_S)
            act(gone)
        try:
            return await work
        finally:
            gone.cancel()

    return asyncio.run(run())


def test_too_late_leaves_the_work_alone(stage):
    with pytest.raises(TooLate):
        _obtain(stage, stage.ask(), 0.0)
    assert stage.states() == [JobState.QUEUED]


def test_hanging_up_ends_the_work(stage):
    with pytest.raises(Gone):
        _obtain(stage, stage.ask(), act=lambda gone: gone.set_result(None))
    assert stage.states() == [JobState.CANCELLED]


def test_a_failure_is_told_with_its_code(stage):
    def fail(_gone):
        job_id = stage.queue.list_jobs(kind="hear")[0].id
        ended = {"state": "failed", "error_code": "corrupt", "error": "No decoder."}
        with stage.queue.journal.change() as change:
            change.tx.execute(update(job_table).where(job_table.c.id == job_id).values(ended))
            change.ended.append(job_id)

    with pytest.raises(HearingFailed) as failed:
        _obtain(stage, stage.ask(), act=fail)
    assert (failed.value.code, failed.value.text) == ("corrupt", "No decoder.")


def test_the_message_for_a_worker_names_all_that_it_needs(stage):
    question = stage.ask()
    ticket = stage.provider.join(question)
    with stage.database.read() as connection:
        payload = stage.kinds["hear"].prepare(connection, stage.queue.get_job(ticket.job_id))
    assert payload["path"] == str(question.audio.path)
    assert payload["settings"] == reveal(stage.settings)
    assert set(stage.kinds) == set(KINDS)


# What is kept


def _keep(database: Database, key: str, size: int, age_s: float) -> None:
    with database.write() as tx:
        results.keep_texts(tx, key, {"txt": "x" * size}, None)
        then = now_s() - age_s
        tx.execute(update(asr_result).where(asr_result.c.key == key).values(used_at=then))


def _keys(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(asr_result.c.key)).scalars())


def test_the_oldest_goes_when_there_is_too_much(database):
    for number in range(5):
        _keep(database, f"key{number}", 100, 100.0 - number)
    with database.write() as tx:
        assert results.prune(tx, most_bytes=250) == 3
    assert _keys(database) == {"key3", "key4"}


def test_what_nobody_asks_for_is_forgotten(database):
    _keep(database, "old", 10, 31 * 86_400.0)
    _keep(database, "new", 10, 29 * 86_400.0)
    _keep(database, "newest", 10, 0.0)
    assert _keys(database) == {"new", "newest"}


def test_a_use_makes_it_young_again(stage):
    _keep(stage.database, "key", 10, 7 * 86_400.0)
    assert stage.provider.read("key", "txt") == "x" * 10
    with stage.database.read() as connection:
        used = connection.execute(select(asr_result.c.used_at)).scalar()
    assert used is not None
    assert used > now_s() - 3600.0


def test_a_new_answer_takes_the_place_of_an_older_one(database):
    with database.write() as tx:
        results.keep_texts(tx, "key", {"txt": "old", "srt": "old"}, None)
        results.keep_texts(tx, "key", {"txt": "new"}, "/tv/film.mkv")
    with database.read() as connection:
        assert results.find_text(connection, "key", "txt") == "new"
        assert results.find_text(connection, "key", "srt") is None
        assert results.is_known(connection, "key")
        assert not results.is_known(connection, "other")
