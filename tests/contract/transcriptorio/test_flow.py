"""One real run through everything: set up, scan, transcribe and translate, read the subtitles."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from tests.contract.house import server_environ
from tests.contract.shapes import differences, read_rows
from tests.contract.speech import NEEDS_SPEECH, SPEECH
from tests.contract.transcriptorio.cinema import put_setting

from mediant.subtitles.formats import read_cues
from mediant.testing.server import RunningServer, running_server
from mediant.testing.speech import Clip, join, read_english, read_prompts, word_error_rate
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import wait_until

PATIENCE_S = 300.0
POLL_S = 0.05
LONG = 24
"""Copies of the English clips in the long talk: ten minutes."""

(LISTED_EXAMPLE,) = [
    {**row["responses"][0]["body"]["jobs"][0], "vram_used_mb": None}
    for row in read_rows("transcriptorio")
    if (row["method"], row["path"]) == ("GET", "/api/jobs")
]

pytestmark = NEEDS_SPEECH


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that nobody has used."""
    with running_server(tmp_path / "config", server_environ()) as running:
        yield running


@pytest.fixture
def owner(server: RunningServer) -> Iterator[httpx2.Client]:
    """Somebody with the admin's key."""
    with server.client() as client:
        yield client


@pytest.fixture
def films(tmp_path: Path) -> VideoFactory:
    """Makes the videos."""
    return VideoFactory(tmp_path / "films")


def _spoken(clips: Sequence[Clip], language: str) -> tuple[Sound, str]:
    """The clips as an audio track, and what is said."""
    said, text = join(clips)
    return Sound(language, said.astype(np.float32) / 32768.0), text


def _jobs(client: httpx2.Client) -> list[dict[str, Any]]:
    return list(client.get("/api/jobs").raise_for_status().json()["jobs"])


def _job(client: httpx2.Client, job_id: str) -> dict[str, Any]:
    return dict(client.get(f"/api/jobs/{job_id}").raise_for_status().json())


def _read(path: str) -> str:
    cues = read_cues(Path(path).read_bytes(), "eng")
    return " ".join(line for cue in cues for line in cue.lines)


def _watch(client: httpx2.Client) -> list[dict[str, Any]]:
    """What the workers tell of themselves until all is done."""
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE_S
    while any(job["status"] in {"queued", "processing"} for job in _jobs(client)):
        seen += client.get("/api/workers").raise_for_status().json()
        assert time.monotonic() < deadline
        time.sleep(POLL_S)
    return seen


def test_from_the_setup_to_the_subtitles(films: VideoFactory, owner: httpx2.Client) -> None:
    said, text = _spoken(read_english(SPEECH), "eng")
    prompts, _ = _spoken(read_prompts(SPEECH, "es", 4), "spa")
    english = films.video("Talks/Sense.mkv", [said])
    spanish = films.video("Talks/Avisos.mkv", [prompts])
    done = films.video("Talks/Done.mkv", [said])
    films.external(done, "en")
    _set_up(owner, films.folder)

    found = owner.post("/api/scanner/scan").raise_for_status().json()
    assert (found["scanned_files"], found["matched_files"], found["jobs_created"]) == (3, 3, 2)
    seen = _watch(owner)

    jobs = {job["file_path"]: job for job in _jobs(owner)}
    assert set(jobs) == {str(english), str(spanish)}
    for job in jobs.values():
        _check_done(job)
    assert jobs[str(spanish)]["source_lang"] == "spa"
    assert word_error_rate(text, _read(jobs[str(english)]["output_path"]), "en") <= 0.1
    assert not done.with_suffix(".eng.srt").exists()
    _check_worker(owner, seen, {job["id"] for job in jobs.values()})

    again = owner.post("/api/scanner/scan").raise_for_status().json()
    assert (again["scanned_files"], again["jobs_created"]) == (3, 0)
    cleared = owner.post("/api/jobs/queue/clear").raise_for_status()
    assert cleared.json() == {"message": "Cleared 2 completed jobs"}
    assert owner.get("/api/jobs/stats").json()["total_jobs"] == 0


def _set_up(owner: httpx2.Client, folder: Path) -> None:
    """One rule for one folder, and one worker with a small model."""
    body = {
        "library_paths": [str(folder)],
        "scan_rules": [{"name": "All", "target_language": "eng", "quality_preset": "balanced"}],
        "worker_config": {"count": 1, "type": "cpu"},
        "scanner_config": {"interval_minutes": 360},
    }
    owner.post("/api/setup/standalone", json=body).raise_for_status()
    put_setting(owner, "whisper_model", "base")


def _check_done(job: dict[str, Any]) -> None:
    """A job that made its file, in the form of the example."""
    assert job["status"] == "completed", job
    assert list(differences(LISTED_EXAMPLE, job, frozenset())) == []
    assert (job["progress"], job["current_stage"]) == (100.0, "finalizing")
    assert job["output_path"] == str(Path(job["file_path"]).with_suffix(".eng.srt"))
    assert (job["worker_id"], job["device_used"]) == ("worker-cpu-0", "cpu")
    assert job["retry_count"] == 0
    assert "base" in job["model_used"]
    assert job["segments_count"] > 0
    assert 0 < job["processing_time_seconds"] < PATIENCE_S
    assert job["created_at"] <= job["started_at"] <= job["completed_at"]


def _check_worker(owner: httpx2.Client, seen: list[dict[str, Any]], job_ids: set[str]) -> None:
    """What was told of the worker while it worked, and is told of it now."""
    busy = [one for one in seen if one["status"] == "busy" and one["current_job_id"]]
    assert {one["current_job_id"] for one in busy} <= job_ids
    assert all(0 <= one["current_job_progress"] <= 100 for one in busy)
    stats = owner.get("/api/workers/stats").json()
    assert (stats["total_jobs_completed"], stats["total_jobs_failed"]) == (2, 0)


def _begin(owner: httpx2.Client, path: Path) -> str:
    """A job that is being worked at."""
    put_setting(owner, "whisper_model", "base")
    wish = {"file_path": str(path), "target_lang": "eng", "quality_preset": "balanced"}
    job_id = str(owner.post("/api/jobs", json=wish).raise_for_status().json()["id"])
    wait_until(lambda: _job(owner, job_id)["current_stage"] == "transcribing", PATIENCE_S)
    return job_id


def _long(films: VideoFactory) -> Path:
    said, _ = _spoken(read_english(SPEECH) * LONG, "eng")
    return films.video("Long.mkv", [said])


@pytest.mark.slow
def test_a_worker_that_leaves_gives_its_job_back(films: VideoFactory, owner: httpx2.Client) -> None:
    path = _long(films)
    job_id = _begin(owner, path)
    wait_until(lambda: _job(owner, job_id)["eta_seconds"] is not None, PATIENCE_S)
    (worker,) = owner.get("/api/workers").json()
    assert 0 < worker["current_job_progress"] < 100
    assert (worker["status"], worker["current_job_id"]) == ("busy", job_id)
    assert isinstance(worker["current_job_eta"], int)
    assert worker["current_job_eta"] > 0

    answer = owner.delete("/api/workers/worker-cpu-0", params={"timeout": 1})
    assert answer.json() == {"message": "Worker worker-cpu-0 removed successfully"}
    wait_until(lambda: owner.get("/api/workers").json() == [])
    wait_until(lambda: _job(owner, job_id)["status"] == "queued")
    assert _job(owner, job_id)["progress"] == 0.0

    owner.post("/api/workers/pool/start", params={"cpu_workers": 1}).raise_for_status()
    wait_until(lambda: _job(owner, job_id)["current_stage"] == "transcribing", PATIENCE_S)
    assert _job(owner, job_id)["retry_count"] == 1
    answer = owner.post(f"/api/jobs/{job_id}/cancel")
    assert answer.json() == {"message": f"Job {job_id} cancelled successfully"}
    job = _job(owner, job_id)
    assert (job["status"], job["output_path"]) == ("cancelled", None)
    assert [one.name for one in path.parent.iterdir()] == ["Long.mkv"]


@pytest.mark.slow
def test_the_pool_stops_at_once(films: VideoFactory, owner: httpx2.Client) -> None:
    """Not one worker after the other."""
    paths = [_long(films), films.folder / "Twin.mkv"]
    paths[1].write_bytes(paths[0].read_bytes())
    owner.post("/api/workers/pool/start", params={"cpu_workers": 2}).raise_for_status()
    jobs = [_begin(owner, path) for path in paths]
    assert owner.get("/api/workers/stats").json()["busy_workers"] == 2

    began = time.monotonic()
    owner.post("/api/workers/pool/stop", params={"timeout": 8}).raise_for_status()
    took_s = time.monotonic() - began
    assert took_s < 2 * 8
    assert owner.get("/api/workers/stats").json()["is_running"] is False
    wait_until(lambda: all(_job(owner, one)["status"] == "queued" for one in jobs))
