"""A job of the library that runs anyhow answers whoever waits for the same subtitle."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from sqlalchemy import update

from mediant.events.bus import EventBus
from mediant.jobs.queue import JobQueue
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.provider.hint import Hint
from mediant.subtitles.provider.library_job import follow_library
from mediant.subtitles.provider.waiting import Gone, TooLate
from mediant.subtitles.transcribe.results import Results
from mediant.subtitles.transcribe.wish import Wish
from mediant.testing.waiting import PATIENCE_S, wait_until

SUBTITLE = "1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n"


class Library:
    """One film, and the job that makes its English subtitle."""

    def __init__(self, database, folder: Path) -> None:
        self.database, self.folder = database, folder
        results = Results(SubtitlesSettings, folder)
        kinds = {kind.name: kind for kind in results.kinds()}
        self.queue = JobQueue(database, EventBus(), kinds, lambda: None)
        film = folder / "film.mkv"
        film.write_bytes(b"film")
        self.hint = Hint(os.path.realpath(film), 4, 0)
        wish = Wish(film, "eng").new_job(SubtitlesSettings())
        self.job_id = self.queue.enqueue(wish).job_id

    def become(self, state: str, **result) -> None:
        values = {"state": state, "worker": "speech-1", "result": json.dumps(result)}
        with self.database.write() as tx:
            tx.execute(update(job_table).where(job_table.c.id == self.job_id).values(**values))

    def follow(self, timeout_s: float = PATIENCE_S, act=lambda gone: None, language: str = "en"):
        """Wait for the subtitle; `act` is done when the job is waited for."""

        async def run():
            gone = asyncio.get_running_loop().create_future()
            wanted = (self.hint, language)
            told = asyncio.ensure_future(
                follow_library(self.database, self.queue, wanted, gone, timeout_s)
            )
            waiting = self.queue.journal._waiting
            await asyncio.to_thread(wait_until, lambda: told.done() or self.job_id in waiting)
            act(gone)
            try:
                return await told
            finally:
                gone.cancel()

        return asyncio.run(run())


@pytest.fixture
def library(database, tmp_path: Path) -> Library:
    return Library(database, tmp_path)


def test_its_subtitle_is_the_answer(library):
    path = library.folder / "film.eng.srt"
    path.write_text(SUBTITLE)
    library.become("running")
    told = library.follow(act=lambda _: library.become("done", output_path=str(path)))
    assert told == SUBTITLE


def test_one_that_waits_itself_is_not_waited_for(library):
    assert library.follow() is None


def test_another_language_is_another_subtitle(library):
    library.become("running")
    assert library.follow(language="es") is None


@pytest.mark.parametrize(
    ("state", "result"),
    [("failed", {}), ("done", {}), ("done", {"output_path": "/nowhere/film.srt"})],
)
def test_one_that_wrote_nothing_answers_nothing(library, state, result):
    library.become("running")
    assert library.follow(act=lambda _: library.become(state, **result)) is None


def test_it_goes_on_without_whoever_waited(library):
    library.become("running")
    with pytest.raises(TooLate):
        library.follow(0.0)
    with pytest.raises(Gone):
        library.follow(act=lambda gone: gone.set_result(None))
    assert library.queue.get_job(library.job_id).state == "running"
