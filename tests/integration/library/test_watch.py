"""Watching real folders, by events and by polling."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise

import pytest

from mediant.errors import Refused
from mediant.jobs.job import JobState
from mediant.settings.model import LibrarySettings
from mediant.testing.waiting import PATIENCE_S, wait_until


def wait_scanning(house, is_so):
    """Until something is so, running the scans that were asked for meanwhile."""

    def look():
        run_scans(house)
        return is_so()

    wait_until(look)


def run_scans(house):
    """Those that wait now; a poll may ask for the next one meanwhile."""
    for waiting in reversed(house.queue.list_jobs(states=[JobState.QUEUED], limit=1000)):
        with suppress(Refused):  # the root is away
            house.run(waiting.id)


def scanned(house):
    return [dict(event.payload) for event in house.events if event.topic == "scan.finished"]


def watched(house, root, mode="event"):
    entry = house.library.add_library("Music", root, watch_mode=mode)
    house.library.start()
    wait_scanning(house, lambda: scanned(house))
    return entry.id


def test_files_of_the_time_before_are_found_at_the_start(house, root, files):
    files.put(root, "a.mp3")
    music = watched(house, root)
    assert house.present(music) == files.on_disk(root)


def test_added_changed_renamed_and_deleted_files_are_followed(house, root, files):
    files.put(root, "a.mp3", "old/b.mp3", "c.mp3")
    music = watched(house, root)
    kept = house.rows(music)["old/b.mp3"]
    files.put(root, "new/deep/d.mp3")
    (root / "a.mp3").write_bytes(b"another content")
    (root / "old").rename(root / "Vol. 1")
    (root / "c.mp3").unlink()
    wait_scanning(house, lambda: house.present(music) == files.on_disk(root))
    assert house.rows(music)["Vol. 1/b.mp3"] == kept
    assert house.rows(music)["c.mp3"][1] == "missing"
    assert all("path" not in event for event in scanned(house))


def test_hidden_and_foreign_files_wake_nobody(house, root, files):
    files.put(root, "a.mp3")
    music = watched(house, root)
    files.put(root, ".a.mp3.mediant~", "cover.jpg", ".git/x.mp3")
    files.put(root, "b.mp3")
    wait_scanning(house, lambda: "b.mp3" in house.present(music))
    assert all(
        job.payload.get("paths") in (None, ["b.mp3"]) for job in house.queue.list_jobs(kind="scan")
    )


def test_a_root_that_goes_and_comes_back_is_watched_again(house, root, files, caplog):
    files.put(root, "a.mp3")
    music = watched(house, root)
    root.rename(root.parent / "away")
    wait_until(lambda: f"{root} is away" in caplog.text)
    assert house.rows(music)["a.mp3"][1] == "present"
    files.put(root.parent / "away", "b.mp3")
    (root.parent / "away").rename(root)
    wait_scanning(house, lambda: house.present(music) == files.on_disk(root))
    files.put(root, "c.mp3")
    wait_scanning(house, lambda: house.present(music) == files.on_disk(root))
    assert len(house.present(music)) == 3


def test_a_change_while_it_is_looked_for_is_looked_for_again(house, root, files):
    """What runs may have looked at the very file before."""
    music = watched(house, root)
    runs = house.library.scan(music, paths=["b.mp3"]).job_id
    set_running = "UPDATE job SET state='running', worker='io-1', attempt=1"
    with house.database.write() as tx:
        tx.exec_driver_sql(f"{set_running} WHERE id={runs}")
    files.put(root, "b.mp3")
    asked_again = f"SELECT again FROM job WHERE id={runs}"

    def is_followed():
        with house.database.read() as connection:
            return connection.exec_driver_sql(asked_again).scalar()

    wait_until(is_followed)


def test_polling_finds_changes(house, root, files):
    files.put(root, "a.mp3")
    music = watched(house, root, "poll")
    files.put(root, "b.mp3")
    wait_scanning(house, lambda: house.present(music) == files.on_disk(root))


def test_watching_follows_the_library_s_fields(house, root, files):
    files.put(root, "a.mp3")
    music = house.library.add_library("Music", root).id
    house.library.start()
    house.library.change_library(music, watch_mode="event")
    wait_scanning(house, lambda: "a.mp3" in house.present(music))
    house.library.stop()
    house.library.stop()


class TestSettings:
    """A long settle time."""

    @pytest.fixture
    def settings(self):
        return LibrarySettings(settle_s=1.0)

    def test_a_file_does_not_become_part_of_the_library_before_it_rested(self, house, root, files):
        files.put(root, "a.mp3")
        music = watched(house, root)
        begin = time.monotonic()
        files.put(root, "b.mp3")
        wait_scanning(house, lambda: "b.mp3" in house.present(music))
        assert time.monotonic() - begin >= 1.0

    def test_a_file_that_is_written_slowly_is_taken_once_when_it_is_whole(self, house, root, files):
        files.put(root, "first.mp3")
        music = watched(house, root)
        house.fresh_asked()
        write = (
            "import sys, time\n"
            "with open(sys.argv[1], 'wb', buffering=0) as file:\n"
            "    for _ in range(20):\n"
            "        before = time.monotonic()\n"
            "        file.write(b'x' * 1000)\n"
            "        print(before, time.monotonic())\n"
            "        time.sleep(0.08)\n"
        )
        command = [sys.executable, "-c", write, str(root / "slow.mp3")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            wait_scanning(house, lambda: "slow.mp3" in house.rows(music))
            lines = writer.communicate(timeout=PATIENCE_S)[0].splitlines()
            assert writer.returncode == 0
        wait_scanning(house, lambda: house.present(music) == files.on_disk(root))
        assert house.library.find_file(root / "slow.mp3").size == 20_000
        writes = [tuple(map(float, line.split())) for line in lines]
        # A busy machine may let the writer rest as long as a file that is whole.
        rests = sum(after - before >= 1.0 for (before, _), (_, after) in pairwise(writes))
        assert 1 <= len(house.fresh_asked()) <= 1 + rests


class TestYoungFiles:
    """No file rests long enough while the test lasts, unless its time says so."""

    @pytest.fixture
    def settings(self):
        return LibrarySettings(settle_s=3600.0, poll_s=0.3)

    def test_polling_leaves_files_alone_that_are_still_young(self, house, root, files):
        files.put(root, "a.mp3")
        music = watched(house, root, "poll")
        files.put(root, "b.mp3")
        wait_scanning(house, lambda: any(event["unsettled"] for event in scanned(house)))
        assert "b.mp3" not in house.present(music)
        os.utime(root / "b.mp3", (1.0, 1.0))
        wait_scanning(house, lambda: "b.mp3" in house.present(music))
