"""Scans in real worker processes, under a real dispatcher."""

import os
import shutil
import signal
from functools import partial

import pytest

from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.job import JobState
from mediant.jobs.kind import JobKind
from mediant.settings.stored import StoredSettings
from mediant.subtitles.rule_store import RuleStore
from mediant.subtitles.scanning import known
from mediant.subtitles.scanning.scan_jobs import LOOK
from mediant.subtitles.scanning.scanner import Scanner
from mediant.testing.dispatching import build
from mediant.testing.videos import Sound, Text
from mediant.testing.waiting import wait_until

N = 150


@pytest.fixture
def running(database):
    """A dispatcher with two workers of the io lane; speech has none."""
    kinds = {
        name: JobKind(name, "mediant.testing.handlers:noop", lane="speech")
        for name in ("transcribe", "detect_language")
    }
    jobs = build(database, kinds=kinds, workers=0, settings={"io_workers": 2})
    history = EventHistory(database)

    def record(tx, names):
        events = history.append(tx, [Event("settings.changed", {"names": list(names)})])
        return partial(jobs.bus.publish, events)

    stored = StoredSettings(database, None, record)
    scanner = Scanner(database, jobs.queue, stored, jobs.schedules, jobs.bus)
    kinds.update({kind.name: kind for kind in scanner.kinds()})
    RuleStore(database).create(
        {"name": "s", "target_language": "spa", "missing_embedded_subtitle_lang": "spa"}
    )
    jobs.dispatcher.start()
    yield jobs, scanner
    scanner.stop()
    jobs.dispatcher.stop(0.0)
    jobs.bus.close()


def test_a_scan_is_done_when_all_its_files_were_looked_at(running, media, videos):
    jobs, scanner = running
    videos.video("a/Film.mkv", [Sound("eng")])
    videos.video("b/Done.mkv", [Sound("eng")], [Text("spa")])
    videos.video("c/Untold.mkv", [Sound()])
    videos.broken("d/Bad.mkv")
    job = jobs.end_of(scanner.scan([media]).job_id)
    scan = scanner.read_scan(job.id)
    assert (job.state, job.result["paths"]) == ("done", [str(media)])
    assert (scan.scanned, scan.matched, scan.created, scan.skipped) == (4, 2, 2, 0)
    assert scan.finished_at is not None
    queued = jobs.queue.list_jobs(states=[JobState.QUEUED])  # and perhaps a look for what is gone
    assert sorted(one.kind for one in queued if one.lane == "speech") == [
        "detect_language",
        "transcribe",
    ]
    log = " ".join(line.text for line in jobs.queue.list_log(job.id))
    assert "Film.mkv: rule 's' fits" in log
    assert "Bad.mkv cannot be read" in log
    again = jobs.end_of(scanner.scan([media]).job_id)
    scan = scanner.read_scan(again.id)
    assert (scan.scanned, scan.matched, scan.created, scan.skipped) == (4, 2, 0, 2)


def test_what_is_gone_is_forgotten(running, database, media, videos):
    jobs, scanner = running
    kept, gone = (videos.video(f"{name}/Film.mkv", [Sound("eng")]) for name in "ab")
    jobs.end_of(scanner.scan([media]).job_id)
    wait_until(lambda: list_known(database, media) == [str(kept), str(gone)])
    shutil.rmtree(gone.parent)
    jobs.end_of(scanner.scan([media]).job_id)
    wait_until(lambda: list_known(database, media) == [str(kept)])


def list_known(database, folder):
    with database.read() as connection:
        return known.list_below(connection, str(folder), "", 100)


def test_killed_workers_lose_and_double_nothing(running, media, videos):
    jobs, scanner = running
    film = videos.video("0.mkv", [Sound("eng", seconds=0.2)])
    for n in range(1, N):
        shutil.copyfile(film, media / f"{n}.mkv")
    pids = jobs.wait_ready(2)
    jobs.queue.pause(f"kind:{LOOK}")
    job_id = scanner.scan([media]).job_id
    wait_until(lambda: jobs.queue.count_jobs(LOOK)["queued"])
    for pid in pids:  # else they might be done before the blow
        os.kill(pid, signal.SIGSTOP)
    jobs.queue.resume(f"kind:{LOOK}")
    wait_until(lambda: jobs.queue.count_jobs(LOOK)["running"])
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    jobs.end_of(job_id)
    scan = scanner.read_scan(job_id)
    assert (scan.scanned, scan.matched, scan.created) == (N, N, N)
    assert jobs.queue.count_jobs("transcribe")["queued"] == N
    assert scan.finished_at is not None


def test_a_watched_folder_gives_jobs_without_a_hand(running, media, tmp_path, videos):
    jobs, scanner = running
    film = videos.video("Film.mkv", [Sound("eng")]).rename(tmp_path / "Film.mkv")
    stored = scanner._stored
    stored.change({"subtitles.library_paths": [str(media)], "subtitles.watch_settle_s": 0.2})
    scanner.start()
    scanner.start_watch()
    wait_until(lambda: jobs.queue.count_jobs("scan_videos")["done"])
    film.rename(media / "Film.mkv")
    wait_until(lambda: jobs.queue.count_jobs("transcribe")["queued"] == 1)
