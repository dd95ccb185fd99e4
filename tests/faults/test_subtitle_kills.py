"""kill -9 of the speech worker and of the server while real speech becomes real subtitles."""

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile
from sqlalchemy import select

from mediant.kernel.clock import monotonic_s
from mediant.kernel.paths import temp_beside
from mediant.store import open_database
from mediant.store.schema_jobs import job
from mediant.store.schema_subtitles import written_subtitle
from mediant.subtitles.formats import read_cues
from mediant.testing.processes import is_alive
from mediant.testing.server import RunningServer, running_server
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import wait_until

ROOT = Path(__file__).parents[2]
MODELS = ROOT / ".cache" / "models"
ENGLISH = ROOT / "corpora" / "speech" / "en"
RATE = 16_000
SEED = 20_261_121
REPEATS = 6
"""Of 25 s of speech in a film: long enough to be met while it is heard."""
LONG = 8
"""So many times as long is a film that nobody can hear to its end before it is noticed."""
PATIENCE_S = 600.0
BEGUN = "begun"
"""The moment at which a worker has the job: it loads its model, or reads the film."""
LOOKS = 50_000
"""Looks at the folder between two questions to the server: some 0.1 s."""
ASKED_AT_MOST = 8
WRITING = "writing"
"""The moment at which the temporary file is there."""
MOMENTS = (BEGUN, "transcribing", WRITING)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.models,
    pytest.mark.skipif(not ENGLISH.exists(), reason="needs `make corpora`"),
    pytest.mark.skipif(
        not (MODELS / "asr" / "whisper-tiny.en").exists(), reason="needs the speech models"
    ),
]


class Scene:
    """Films with the same speech in another order, and a server that is killed."""

    def __init__(self, folder: Path, n_films: int) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.chance = random.Random(SEED)
        self.stack = ExitStack()
        self.factory = VideoFactory(folder / "films")
        self.clips = [
            soundfile.read(path, dtype="float32")[0] for path in sorted(ENGLISH.glob("*.wav"))
        ]
        self.films = [self.make_film(number) for number in range(n_films)]

    def make_film(self, number: int, repeats: int = REPEATS) -> Path:
        first = number % len(self.clips)
        turned = self.clips[first:] + self.clips[:first]
        sound = Sound("eng", np.concatenate(turned * repeats), RATE)
        return self.factory.video(f"Film {number}.mkv", [sound])

    def start(self) -> None:
        environ = {
            "MEDIANT_MODELS_DIR": str(MODELS),
            "MEDIANT_SUBTITLES__WHISPER_MODEL": "whisper-tiny.en",
            "MEDIANT_SUBTITLES__WHISPER_THREADS": "1",
        }
        opened = running_server(self.config, environ)
        self.server: RunningServer = self.stack.enter_context(opened)
        self.client = self.stack.enter_context(self.server.client())

    def close(self) -> None:
        self.stack.close()

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = self.client.request(method, "/api/v2/subtitles" + path, **more)
        return answer.raise_for_status().json()

    def ask(self, film: Path) -> int:
        body = {"path": str(film), "target": "eng", "preset": "balanced"}
        return int(self.call("POST", "/transcribe", json=body)["id"])

    def job(self, job_id: int) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/jobs/{job_id}")
        return found

    def has_begun(self, job_id: int) -> bool:
        return bool(self.job(job_id)["state"] != "queued")

    def is_due(self, job_id: int, moment: float) -> bool:
        """Whether the moment has come, or the job was quicker."""
        return monotonic_s() > moment or bool(self.job(job_id)["state"] == "done")

    def subtitle(self, film: Path) -> Path:
        return film.with_name(f"{film.stem}.eng.srt")

    def wait_for_moment(self, job_id: int, film: Path, moment: str) -> bool:
        """Whether it came; a job may have ended before."""
        temp = temp_beside(self.subtitle(film))
        deadline = monotonic_s() + PATIENCE_S
        while monotonic_s() < deadline:
            if moment == WRITING:
                for _ in range(LOOKS):
                    if temp.exists():
                        return True
            found = self.job(job_id)
            if found["state"] == "running" and moment in (BEGUN, found["stage"]):
                return True
            if found["state"] not in {"queued", "running"}:
                return False
        raise AssertionError(f"{moment} did not come")

    def strike(self, film: Path, moment: str, kill: Callable[[], None]) -> list[int]:
        """Have the film transcribed and kill at this moment; again where it was missed."""
        asked: list[int] = []
        while len(asked) < ASKED_AT_MOST:
            asked.append(self.ask(film))
            if self.wait_for_moment(asked[-1], film, moment):
                kill()
                self.wait_all(asked)
                return asked
        raise AssertionError(f"{moment} was never met")

    def kill_worker(self) -> None:
        workers = self.client.get("/api/v2/workers").json()["items"]
        for worker in workers:
            if worker["lane"] == "speech" and worker["pid"] is not None:
                with suppress(ProcessLookupError):
                    os.kill(worker["pid"], 9)

    def kill_server(self) -> None:
        """At one blow; whatever it had started must go with it."""
        children = psutil.Process(self.server.process.pid).children(recursive=True)
        self.server.process.kill()
        self.server.process.wait()
        wait_until(lambda: not any(map(is_alive, children)))
        self.close()
        self.start()

    def wait_all(self, ids: list[int]) -> None:
        def ended() -> bool:
            return all(self.job(one)["state"] not in {"queued", "running"} for one in ids)

        wait_until(ended, PATIENCE_S)

    def names(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "films").iterdir())


@pytest.fixture
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    made = Scene(tmp_path, request.param)
    made.start()
    yield made
    made.close()


def check(scene: Scene, ids: list[int]) -> None:
    """Every job is done, every subtitle whole and known as ours, and nothing else is there."""
    assert [scene.job(one)["state"] for one in ids] == ["done"] * len(ids)
    expected = [path.name for film in scene.films for path in (film, scene.subtitle(film))]
    assert scene.names() == sorted(expected)
    scene.server.stop()
    database = open_database(f"sqlite:///{scene.config / 'mediant.db'}")
    with database.read() as connection:
        rows = {row.path: row for row in connection.execute(select(written_subtitle))}
        jobs = connection.execute(select(job.c.id).where(job.c.kind == "transcribe")).all()
    database.close()
    assert len(jobs) == len(ids)
    for film in scene.films:
        data = scene.subtitle(film).read_bytes()
        row = rows.pop(str(scene.subtitle(film)))
        assert (row.state, row.sha256) == ("written", hashlib.sha256(data).hexdigest())
        cues = read_cues(data)
        text = " ".join(cue.sentence for cue in cues).lower()
        assert "dashwood" in text  # the same text again and again counts as a loop, and is cut
        assert cues[-1].end_ms > 20_000
    assert not rows


@pytest.mark.slow
@pytest.mark.parametrize("scene", [3], indirect=True)
def test_killed_workers_lose_no_job_and_leave_nothing_half_written(scene):
    ids = []
    for film, moment in zip(scene.films, MOMENTS, strict=True):
        ids += scene.strike(film, moment, scene.kill_worker)
    check(scene, ids)


@pytest.mark.slow
@pytest.mark.parametrize("scene", [3], indirect=True)
def test_a_killed_server_loses_no_job_and_leaves_nothing_half_written(scene):
    ids = []
    for film, moment in zip(scene.films, MOMENTS, strict=True):
        ids += scene.strike(film, moment, scene.kill_server)
    check(scene, ids)


@pytest.mark.slow
@pytest.mark.parametrize("scene", [12], indirect=True)
def test_many_kills_at_random_moments(scene):
    ids = [scene.ask(film) for film in scene.films]
    for number, job_id in enumerate(ids):
        wait_until(partial(scene.has_begun, job_id), PATIENCE_S)
        moment = monotonic_s() + scene.chance.uniform(0.0, 6.0)
        wait_until(partial(scene.is_due, job_id, moment), PATIENCE_S)
        if number % 3 == 0:
            scene.kill_server()
        else:
            scene.kill_worker()
    scene.wait_all(ids)
    check(scene, ids)


@pytest.mark.slow
@pytest.mark.parametrize("scene", [1], indirect=True)
def test_a_cancel_while_it_listens_leaves_nothing(scene):
    (film,) = scene.films
    long = scene.make_film(1, LONG * REPEATS)
    job_id = scene.ask(long)
    assert scene.wait_for_moment(job_id, long, "transcribing")
    scene.call("POST", f"/jobs/{job_id}/cancel")
    wait_until(lambda: scene.job(job_id)["state"] == "cancelled")
    assert scene.names() == [film.name, long.name]
    after = scene.ask(film)
    scene.wait_all([after])
    assert scene.job(after)["state"] == "done"
    assert scene.names() == sorted([film.name, scene.subtitle(film).name, long.name])
