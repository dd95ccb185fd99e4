"""The room with real speech, real models and real workers."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mediant.app import App, open_app
from mediant.errors import Invalid, NotFound
from mediant.jobs.job import JobState
from mediant.subtitles.formats import read_cues
from mediant.subtitles.transcribe.english import is_english
from mediant.subtitles.transcribe.wish import Wish
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import wait_until

ROOT = Path(__file__).parents[3]
MODELS = ROOT / ".cache" / "models"
SPEECH = ROOT / "corpora" / "speech"
CLIP = SPEECH / "en" / "sense_and_sensibility_01_austen_64kb-0870.wav"
RATE = 16_000
PATIENCE_S = 180.0

real = [
    pytest.mark.corpus,
    pytest.mark.models,
    pytest.mark.skipif(not SPEECH.exists(), reason="needs `make corpora`"),
    pytest.mark.skipif(not (MODELS / "asr" / "whisper-base").exists(), reason="needs the models"),
]


def _marked(test):
    for mark in real:
        test = mark(test)
    return test


def opened(folder: Path, models: Path = MODELS):
    jobs = {"cpu_workers": 0}
    return open_app({"config_dir": folder / "config", "models_dir": models, "jobs": jobs})


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def films(tmp_path: Path) -> VideoFactory:
    return VideoFactory(tmp_path / "films")


def end_of(app: App, job):
    wait_until(lambda: app.subtitles.get_job(job.id).state.is_ended, PATIENCE_S)
    return app.subtitles.get_job(job.id)


def spanish() -> tuple[np.ndarray, int]:
    """A prompt of 15 s, twice."""
    samples, rate = soundfile.read(SPEECH / "es" / "demo-nogo.wav", dtype="float32")
    return np.concatenate([samples, samples]), rate


def sentences(path: str) -> str:
    """The whole text of a subtitle file."""
    return " ".join(cue.sentence for cue in read_cues(Path(path).read_bytes()))


def onset_s(path: Path) -> float:
    """When somebody begins to speak: the first 20 ms above a tenth of the loudest."""
    samples, rate = soundfile.read(path, dtype="float32")
    frames = np.abs(samples[: len(samples) // 320 * 320]).reshape(-1, 320).max(axis=1)
    return float(np.argmax(frames > frames.max() / 10)) * 320 / rate


@_marked
def test_late_audio_is_timed_as_the_film_plays_it(app, films):
    film = films.video("Late.mkv", [Sound("eng", CLIP, start_s=5.0)])
    done = end_of(app, app.subtitles.enqueue(Wish(film, "eng", preset="balanced")))
    assert (done.state, done.error) == (JobState.DONE, None)
    cues = read_cues(Path(done.output_path).read_bytes())
    assert abs(cues[0].start_ms / 1000 - (5.0 + onset_s(CLIP))) <= 0.3
    assert " ".join(cue.sentence for cue in cues).lower().startswith("and mr. john dashwood")
    assert (done.model, done.device, done.segments_count) == ("whisper-base", "cpu", len(cues))
    assert done.output_path == str(film.with_name("Late.eng.srt"))


@pytest.mark.slow
@_marked
def test_a_language_that_nobody_tells_is_heard_and_translated(app, films):
    samples, rate = spanish()
    film = films.video("Desconocido.avi", [Sound("", samples, rate)])
    heard = end_of(app, app.subtitles.detect(film))
    assert (heard.job_type, heard.source_language) == ("language_detection", "spa")
    assert heard.language_confidence > 0.5
    done = end_of(app, app.subtitles.enqueue(Wish(film, "eng", preset="balanced")))
    assert (done.state, done.source_language) == (JobState.DONE, "spa")
    assert is_english(sentences(done.output_path), "spa")
    own = end_of(app, app.subtitles.enqueue(Wish(film, "")))
    assert Path(own.output_path).name == "Desconocido.spa.srt"
    assert not is_english(sentences(own.output_path), "spa")


@_marked
def test_a_film_without_speech_is_done_without_a_file(app, films):
    film = films.video("Silent.mkv", [Sound("eng", np.zeros(RATE * 4, np.float32), RATE)])
    done = end_of(app, app.subtitles.enqueue(Wish(film, "eng")))
    assert (done.state, done.note) == (JobState.DONE, "No speech was found.")
    assert done.output_path is None
    assert [path.name for path in films.folder.iterdir()] == [film.name]


@_marked
def test_rules_make_jobs_and_a_second_scan_makes_none(app, films):
    film = films.video("Film.mkv", [Sound("eng", CLIP)])
    app.subtitles.rules.create(
        {"name": "English", "target_language": "eng", "missing_external_subtitle_lang": "eng"}
    )
    for _ in range(2):
        scan = app.subtitles.scanner.scan([films.folder])
        app.queue.wait(scan.job_id, PATIENCE_S)
        wait_until(lambda: not _is_busy(app), PATIENCE_S)
        assert film.with_name("Film.eng.srt").exists()
    page = app.subtitles.list_jobs()
    assert [(job.state, job.is_manual) for job in page.jobs] == [(JobState.DONE, False)]


def _is_busy(app: App) -> bool:
    counts = app.queue.count_jobs()
    return bool(counts[JobState.QUEUED] + counts[JobState.RUNNING])


@_marked
def test_our_own_file_is_made_anew_and_one_of_others_never(app, films):
    film = films.video("Film.mkv", [Sound("eng", CLIP)])
    first = end_of(app, app.subtitles.enqueue(Wish(film, "eng")))
    again = end_of(app, app.subtitles.enqueue(Wish(film, "eng")))
    assert (first.state, again.state) == (JobState.DONE, JobState.DONE)
    subtitle = Path(first.output_path)
    subtitle.write_text("mine now")
    refused = end_of(app, app.subtitles.enqueue(Wish(film, "eng")))
    assert refused.state is JobState.FAILED
    assert "Subtitle exists" in refused.error
    assert subtitle.read_text() == "mine now"
    end_of(app, app.subtitles.enqueue(Wish(film, "eng", overwrites=True)))
    assert "Dashwood" in subtitle.read_text()


def test_without_a_model_a_job_fails_and_says_what_to_do(tmp_path, films):
    film = films.video("Film.mkv", [Sound("eng")])
    with opened(tmp_path, tmp_path / "no-models") as app:
        failed = end_of(app, app.subtitles.enqueue(Wish(film, "eng")))
        assert (failed.state, failed.error_code) == (JobState.FAILED, "model")
        assert "mediant models pull" in failed.error
        assert [path.name for path in films.folder.iterdir()] == [film.name]


def test_workers_follow_the_settings_at_once(app):
    workers = app.subtitles.workers

    def names():
        return [(one.name, one.state) for one in workers.list_workers()]

    assert names() == [("speech-1", "idle")]
    assert workers.list_workers()[0].pid is None
    app.stored.change({"subtitles.worker_cpu_count": 2, "subtitles.worker_gpu_count": 1})
    wait_until(lambda: len(names()) == 3)
    assert names()[:2] == [("speech-1", "idle"), ("speech-2", "idle")]
    gpu = workers.get_worker("speech-gpu-1")
    assert (gpu.is_gpu, gpu.device, gpu.device_id) == (True, "cuda:0", 0)
    app.stored.change({"subtitles.worker_cpu_count": None, "subtitles.worker_gpu_count": None,
                       "subtitles.worker_auto_start_count": 0})  # fmt: skip
    wait_until(lambda: names() == [])
    assert not workers.stats().is_running


def test_workers_come_and_go_by_hand(app):
    workers = app.subtitles.workers
    added = workers.add()
    assert (added.name, added.number, added.state) == ("speech-2", 2, "idle")
    absent = workers.add(is_gpu=True, device_id=99)
    assert (absent.state, absent.pid) == ("error", None)
    assert "There is no GPU 99 here" in absent.fault
    stats = workers.stats()
    assert (stats.total, stats.cpu, stats.gpu, stats.error) == (3, 2, 1, 1)
    for is_gpu, device_id in ((True, None), (True, -1), (False, -2)):
        with pytest.raises(Invalid):
            workers.add(is_gpu=is_gpu, device_id=device_id)
    workers.remove("speech-1")
    with pytest.raises(NotFound):
        workers.get_worker("speech-1")
    assert workers.start(3, 0) == (3, 0)
    assert [one.name for one in workers.list_workers()] == ["speech-1", "speech-2", "speech-3"]
    assert workers.start(1, 0) == (3, 0)
    workers.stop()
    assert workers.list_workers() == []


def test_jobs_wait_at_a_stopped_pool_and_go_on_with_it(app, films):
    film = films.video("Film.mkv", [Sound("eng")])
    app.subtitles.workers.stop()
    job = app.subtitles.enqueue(Wish(film, "eng"))
    assert app.queue.wait(job.id, 1.0).state is JobState.QUEUED
    app.subtitles.workers.start(1, 0)
    assert end_of(app, job).state.is_ended


def test_an_interrupted_write_is_cleared_up_at_the_start(tmp_path, films):
    film = films.video("Film.mkv", [Sound("eng")])
    subtitle = film.with_name("Film.eng.srt")
    with opened(tmp_path) as app:
        app.queue.pause("all")
        job = app.subtitles.enqueue(Wish(film, "eng"))
        part = {"intends": str(subtitle), "sha256": "0" * 64, "language": "eng"}
        with app.database.write() as tx:
            app.queue.kinds["transcribe"].absorb(tx, app.queue.get_job(job.id), part)
        app.subtitles.cancel(job.id)
    left = film.with_name(".Film.eng.srt.mediant~")
    left.write_bytes(b"half")
    with opened(tmp_path):
        wait_until(lambda: not left.exists())
    assert json.dumps([path.name for path in films.folder.iterdir()]) == '["Film.mkv"]'
