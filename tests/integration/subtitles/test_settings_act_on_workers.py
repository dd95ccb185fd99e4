"""Each setting of workers and recognition, shown to change what they do. No restart between.

A speech server with OpenAI's API recognises, so that no model is needed.
"""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from mediant.app import App, open_app
from mediant.jobs.job import JobState
from mediant.subtitles.transcribe.order import read_order
from mediant.subtitles.transcribe.view import SubtitleJob
from mediant.subtitles.transcribe.wish import Wish
from mediant.subtitles.workers import SpeechWorker
from mediant.testing.speech_server import FakeSpeechServer, SpeechRequest
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import PATIENCE_S, wait_until

KEY = "a-key-of-the-speech-server"


@dataclass(slots=True)
class HeldSpeechServer(FakeSpeechServer):
    """It keeps its answers back while `may_answer` is not set."""

    may_answer: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: SpeechRequest) -> tuple[int, bytes]:
        """Wait, then answer."""
        self.requests.append(request)
        self.may_answer.wait(PATIENCE_S)
        status, body = FakeSpeechServer.answer(self, request)
        self.requests.pop()
        return status, body


@pytest.fixture
def speech() -> Iterator[HeldSpeechServer]:
    server = HeldSpeechServer(key=KEY)
    server.may_answer.set()
    with server.running():
        yield server
        server.may_answer.set()


@pytest.fixture
def app(tmp_path: Path, speech: HeldSpeechServer) -> Iterator[App]:
    """The application, whose speech is recognised by that server."""
    with open_app({"config_dir": tmp_path / "config", "jobs": {"cpu_workers": 0}}) as made:
        change(made, openai_url=speech.url, openai_key=KEY, openai_model="ears-1")
        yield made
        speech.may_answer.set()


@pytest.fixture
def films(tmp_path: Path) -> VideoFactory:
    return VideoFactory(tmp_path / "films")


def change(app: App, **texts: str) -> None:
    """As the API changes them."""
    app.subtitles.keys.change(texts)


def ask(app: App, path: Path, target: str = "eng") -> SubtitleJob:
    return app.subtitles.enqueue(Wish(path, target, source_language="eng"))


def state(app: App, job: SubtitleJob) -> JobState:
    return app.subtitles.get_job(job.id).state


def end_of(app: App, job: SubtitleJob) -> SubtitleJob:
    wait_until(lambda: state(app, job).is_ended)
    ended = app.subtitles.get_job(job.id)
    assert ended.state is JobState.DONE, ended.error
    return ended


def worker(app: App) -> SpeechWorker:
    (one,) = app.subtitles.workers.list_workers()
    return one


def pid_of(app: App) -> int:
    found = worker(app).pid
    assert found is not None
    return found


def test_a_speech_server_is_used_by_its_three_settings(app, films, speech):
    done = end_of(app, ask(app, films.video("Film.mkv", [Sound("eng")])))
    assert done.model == "ears-1"
    (asked,) = speech.requests
    assert asked.authorization == f"Bearer {KEY}"
    assert asked.fields["model"] == ["ears-1"]
    change(app, openai_key="another key")
    refused = ask(app, films.video("Other.mkv", [Sound("eng")]))
    wait_until(lambda: state(app, refused).is_ended)
    assert state(app, refused) is JobState.FAILED
    change(app, openai_url="")
    alone = ask(app, films.video("Third.mkv", [Sound("eng")]))
    wait_until(lambda: state(app, alone).is_ended)
    assert "mediant models pull" in (app.subtitles.get_job(alone.id).error or "")


def test_concurrent_transcriptions_is_a_cap_over_all_workers(app, films, speech):
    speech.may_answer.clear()
    change(app, worker_cpu_count="2", concurrent_transcriptions="1")
    jobs = [ask(app, films.video(f"{n}.mkv", [Sound("eng")])) for n in range(2)]
    wait_until(lambda: len(speech.requests) == 1)
    assert app.queue.wait(jobs[1].id, 1.0).state is JobState.QUEUED
    assert state(app, jobs[0]) is JobState.RUNNING
    change(app, concurrent_transcriptions="2")
    wait_until(lambda: len(speech.requests) == 2)
    assert [state(app, job) for job in jobs] == [JobState.RUNNING] * 2
    speech.may_answer.set()
    for job in jobs:
        end_of(app, job)


def test_worker_auto_restart_replaces_a_dead_worker(app, films, speech):
    # It never rests, so that there is a process to kill, however late that comes.
    change(app, worker_auto_restart="false", clear_vram_on_complete="false", model_idle_s="0")
    end_of(app, ask(app, films.video("1.mkv", [Sound("eng")])))
    pid = pid_of(app)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: worker(app).state == "error")
    waiting = ask(app, films.video("2.mkv", [Sound("eng")]))
    assert app.queue.wait(waiting.id, 1.0).state is JobState.QUEUED
    change(app, worker_auto_restart="true")
    end_of(app, waiting)
    assert pid_of(app) != pid


@pytest.mark.slow
def test_worker_healthcheck_interval_finds_one_that_hangs(app, films, speech):
    change(app, worker_healthcheck_interval="1", clear_vram_on_complete="no", model_idle_s="0")
    end_of(app, ask(app, films.video("1.mkv", [Sound("eng")])))
    pid = pid_of(app)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: worker(app).pid != pid)


@pytest.mark.parametrize(
    "wish",
    [
        {"clear_vram_on_complete": "true", "model_idle_s": "0"},
        {"clear_vram_on_complete": "false", "model_idle_s": "1"},
    ],
    ids=["clear_vram_on_complete", "model_idle_s"],
)
@pytest.mark.slow
def test_a_worker_that_rests_gives_its_memory_back(app, films, speech, wish):
    change(app, clear_vram_on_complete="false", model_idle_s="0")
    end_of(app, ask(app, films.video("1.mkv", [Sound("eng")])))
    pid = pid_of(app)
    assert not _ends(app, 2.0)
    change(app, **wish)
    wait_until(lambda: worker(app).pid is None)
    wait_until(lambda: not psutil.pid_exists(pid))


def _ends(app: App, within_s: float) -> bool:
    try:
        wait_until(lambda: worker(app).pid is None, within_s)
    except AssertionError:
        return False
    return True


def test_windows_of_detection_are_those_of_the_settings(app):
    assert _windows(app) == (30.0, 0.0)
    change(app, detect_language_length="12", detect_language_offset="34")
    assert _windows(app) == (12.0, 34.0)


def _windows(app: App) -> tuple[float, float]:
    """As a worker reads them from its message."""
    settings = app.subtitles.settings().model_dump(mode="json")
    message: Mapping[str, object] = {"path": "/a.mkv", "settings": settings, "models": "/"}
    windows = read_order(message).windows
    return windows.length_s, windows.offset_s


def test_detection_listens_to_windows_of_that_length(app, films, speech):
    speech.language = "spanish"
    change(app, detect_language_length="3")
    path = films.video("Untold.mkv", [Sound(seconds=40.0)])
    job = app.subtitles.detect(path)
    wait_until(lambda: state(app, job).is_ended)
    assert {round(asked.seconds) for asked in speech.requests} == {3}
    assert app.subtitles.get_job(job.id).source_language == "spa"
