"""Watching real folders of videos."""

import os
import time
from itertools import count

import pytest

from mediant.errors import Forbidden, Invalid, Refused
from mediant.jobs.job import NewJob
from mediant.kernel.clock import now_s
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.scanning.watch import VideoWatch
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import wait_until

SETTLE_S = 0.2
PIECES, PIECE_S = 20, 0.05


@pytest.fixture
def made(tmp_path):
    """Videos are made elsewhere, so that they come into the library in the way that is tested."""
    return VideoFactory(tmp_path / "elsewhere")


@pytest.fixture
def watched(house, media):
    """A scanner that watches its library, whose first look is over."""
    house.rules.create({"name": "all", "target_language": "spa"})
    house.set(library_paths=[str(media)], watch_settle_s=SETTLE_S, watch_poll_s=0.3)
    house.scanner.start()
    assert house.scanner.start_watch() == [str(media)]
    wait_until(lambda: house.queue.list_jobs(kind="scan_videos"))
    house.run_waiting()
    return house


def queued(house, name):
    house.run_waiting()
    return name in house.wanted()


def log_of(house):
    jobs = house.queue.list_jobs(limit=1000)
    return [line.text for job in jobs for line in house.queue.list_log(job.id)]


def test_a_file_that_is_moved_into_place_is_taken(watched, media, made):
    made.video("Moved.mkv", [Sound("eng")]).rename(media / "Moved.mkv")
    wait_until(lambda: queued(watched, "Moved.mkv"))
    assert not any("cannot be read" in text for text in log_of(watched))


def write_slowly(data, path, is_asked_for):
    """Whether a scan was asked for before the last piece came, and for how long (s) at most
    nothing came."""
    begun = time.monotonic()
    early, longest_s = False, 0.0
    with path.open("wb", buffering=0) as file:
        for n in range(PIECES):
            time.sleep(PIECE_S)
            early = is_asked_for()
            last, begun = begun, time.monotonic()
            file.write(data[n * len(data) // PIECES : (n + 1) * len(data) // PIECES])
            longest_s = max(longest_s, time.monotonic() - last)
    return early, longest_s


def test_a_file_that_is_written_slowly_is_taken_whole(watched, media, made):
    data = made.video("Slow.mkv", [Sound("eng")]).read_bytes()
    for n in count():
        path = media / f"{n}.mkv"

        def is_asked_for(path=str(path)):
            scans = watched.queue.list_jobs(kind="scan_videos", limit=1000)
            return any(path in (scan.payload["paths"] or ()) for scan in scans)

        early, longest_s = write_slowly(data, path, is_asked_for)
        if longest_s < SETTLE_S:  # a machine that held the writer up so long made a rest itself
            break
    assert not early
    wait_until(lambda: queued(watched, path.name))
    assert not any("cannot be read" in text for text in log_of(watched) if path.name in text)


def test_a_folder_that_is_moved_in_is_taken_with_all_in_it(watched, media, made):
    made.video("Show/S1/01.mkv", [Sound("eng")])
    (made.folder / "Show").rename(media / "Show")
    wait_until(lambda: queued(watched, "01.mkv"))
    assert all(
        job.payload["origin"] == "watch" for job in watched.queue.list_jobs(kind="scan_videos")
    )
    assert watched.scanner.status().total_scans == 0


def test_what_came_while_nothing_watched_is_found_at_the_start(watched, media, made):
    watched.scanner.stop_watch()
    assert not watched.scanner.status().watcher_running
    made.video("Film.mkv", [Sound("eng")]).rename(media / "Film.mkv")
    watched.scanner.start_watch()
    wait_until(lambda: queued(watched, "Film.mkv"))


def test_subtitles_and_hidden_files_wake_nobody(watched, media, made):
    scans = len(watched.queue.list_jobs(kind="scan_videos"))
    (media / "Film.en.srt").write_text("1")
    made.video("a.mkv").rename(media / ".a.mkv")
    made.video("Last.mkv", [Sound("eng")]).rename(media / "Last.mkv")
    wait_until(lambda: queued(watched, "Last.mkv"))
    later = watched.queue.list_jobs(kind="scan_videos")[: -scans or None]
    assert [job.payload["paths"] for job in later] == [[str(media / "Last.mkv")]]


def test_a_flat_watch_leaves_folders_alone(watched, media, made):
    watched.scanner.start_watch([media], recursive=False)
    made.video("deep/In.mkv", [Sound("eng")])
    (made.folder / "deep").rename(media / "deep")
    made.video("Out.mkv", [Sound("eng")]).rename(media / "Out.mkv")
    wait_until(lambda: queued(watched, "Out.mkv"))
    assert "In.mkv" not in watched.wanted()


def test_the_settings_are_followed_at_once(watched, media, tmp_path):
    scanner = watched.scanner
    for off in (
        {"scanner_enabled": False},
        {"watcher_enabled": False},
        {"operation_mode": ["provider"]},
    ):
        watched.set(**off)
        wait_until(lambda: not scanner.status().watcher_running)
        watched.set(**{key: None if key != "watcher_enabled" else True for key in off})
        wait_until(lambda: scanner.status().watcher_running)
    other = tmp_path / "other"
    other.mkdir()
    watched.set(library_paths=[str(media), str(other)])
    wait_until(lambda: scanner.status().watched_paths == tuple(sorted([str(media), str(other)])))
    watched.set(watched_paths=[str(other)])
    wait_until(lambda: scanner.status().watched_paths == (str(other),))


def test_the_wish_survives_a_restart(watched, media):
    watched.scanner.stop()
    assert not watched.scanner.status().watcher_running
    watched.scanner.start()
    status = watched.scanner.status()
    assert (status.watcher_enabled, status.watched_paths) == (True, (str(media),))


def test_what_cannot_be_watched(house, media, tmp_path):
    with pytest.raises(Invalid, match="library_paths"):
        house.scanner.start_watch()
    house.set(library_paths=[str(media)])
    with pytest.raises(Forbidden):
        house.scanner.start_watch([tmp_path])
    house.set(scanner_enabled=False)
    with pytest.raises(Refused):
        house.scanner.start_watch()
    assert not house.scanner.status().watcher_enabled


def test_where_no_events_come_it_looks_again_and_again(media):
    asked = []
    watch = VideoWatch(
        lambda *wish: asked.append((tuple(wish[0]), *wish[1:])), is_far=lambda _path: True
    )
    wanted = SubtitlesSettings(
        library_paths=[str(media)], watcher_enabled=True, watch_poll_s=0.05, watch_settle_s=0.5
    )
    watch.follow(wanted)
    wait_until(lambda: len(asked) >= 3)
    watch.follow(wanted.model_copy(update={"watch_poll_s": 3600.0, "watch_settle_s": 0.7}))
    first, second = (((str(media),), True, True, settle_s) for settle_s in (0.5, 0.7))
    wait_until(lambda: second in asked)
    watch.stop()
    assert asked == [first] * asked.index(second) + [second]


def test_a_polling_look_takes_only_what_is_not_known_yet(house, media, videos):
    house.rules.create({"name": "all", "target_language": "spa"})
    videos.video("Old.mkv", [Sound("eng")])
    house.scan(media)
    house.end_all()
    videos.video("New.mkv", [Sound("eng")])
    wish = {"paths": [str(media)], "origin": "watch", "only_new": True}
    house.queue.enqueue(NewJob("scan_videos", wish))
    house.run_waiting()
    assert set(house.wanted()) == {"New.mkv"}


def test_young_files_wait_for_the_next_look(house, media, videos):
    house.rules.create({"name": "all", "target_language": "spa"})
    film = videos.video("New.mkv", [Sound("eng")])
    os.utime(film, (now_s() - 60.0,) * 2)
    wish = {"paths": [str(media)], "origin": "watch", "settle_s": 3600.0}
    job_id = house.queue.enqueue(NewJob("scan_videos", wish)).job_id
    house.run_waiting()
    assert house.scanner.read_scan(job_id).scanned == 0
    assert not house.wanted()
