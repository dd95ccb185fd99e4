"""What a command waits for is said on stderr; what can never start is refused."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server
from mediant.testing.waiting import PATIENCE_S, wait_until

TOO_MUCH_MB = "1073741824"


@contextmanager
def started(shell: Shell, log: Path, *arguments: object) -> Iterator["subprocess.Popen[bytes]"]:
    """A command whose stderr goes into a file that a test reads while it runs."""
    with log.open("wb") as err:
        process = subprocess.Popen(
            shell._command(arguments),
            env=shell._environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_pause_is_told_and_ends(tmp_path: Path, environ: dict[str, str]) -> None:
    media = MediaFactory(tmp_path / "music")
    media.song("one.mp3", seconds=1)
    log = tmp_path / "err"
    with running_server(tmp_path / "config", environ) as server:
        shell = Shell(server.config_dir, environ)
        shell.well("libraries", "add", media.folder)
        shell.well("jobs", "pause", "lane:io")
        with started(shell, log, "scan") as scan:
            line = "waiting: jobs of the lane io are paused (mediant jobs resume lane:io)"
            wait_until(lambda: line in log.read_text())
            (job,) = shell.well("jobs", "--state", "queued", "--json").json()["items"]
            assert "are paused" in shell.well("jobs", "show", job["id"]).out
            shell.well("jobs", "resume", "lane:io")
            assert scan.wait(PATIENCE_S) == 0
            # Said once, however often it was asked for meanwhile.
            assert log.read_text().count("waiting:") == 1


@pytest.mark.slow
def test_a_pause_that_nobody_could_end_is_refused(shell: Shell, media: MediaFactory) -> None:
    media.song("one.mp3", seconds=1)
    shell.well("libraries", "add", media.folder)
    shell.well("jobs", "pause")
    done = shell("scan")
    assert done.code == 4
    assert "all jobs are paused" in done.complaint()
    assert "mediant jobs resume" in done.complaint()
    shell.well("jobs", "resume")
    assert "waiting" not in shell.well("scan").err


@pytest.mark.slow
def test_a_lane_without_workers_is_refused(
    tmp_path: Path, environ: dict[str, str], media: MediaFactory
) -> None:
    media.song("one.mp3", seconds=1)
    shell = Shell(tmp_path / "config", environ | {"MEDIANT_JOBS__IO_WORKERS": "0"})
    shell.well("libraries", "add", media.folder)
    done = shell("scan")
    assert (done.code, done.out) == (4, "")
    assert "jobs.io_workers" in done.complaint()


def test_too_little_space_is_told(
    tmp_path: Path, environ: dict[str, str], media: MediaFactory
) -> None:
    song = media.song("one.mp3", seconds=1)
    shell = Shell(tmp_path / "config", environ | {"MEDIANT_JOBS__FREE_SPACE_MB": TOO_MUCH_MB})
    log = tmp_path / "err"
    with started(shell, log, "tag", song) as tag:
        wait_until(lambda: "waiting: only " in log.read_text())
        assert f"free at {shell.config_dir}, 1024.0 TB needed" in log.read_text()
        tag.send_signal(signal.SIGINT)
        assert tag.wait(PATIENCE_S) == 130


@pytest.mark.slow
def test_a_server_tells_what_it_waits_for_and_counts_this_start(
    tmp_path: Path, environ: dict[str, str], media: MediaFactory
) -> None:
    """Three starts on one library: too little space, then work, then nothing to do."""
    for n in range(3):
        media.song(f"{n}.ogg", seconds=10)
    media.text("bad.flac")
    command = ["serve", "--port", "0", "--media", media.folder, "--progress"]
    full = Shell(tmp_path / "config", environ | {"MEDIANT_JOBS__FREE_SPACE_MB": TOO_MUCH_MB})
    shell, log = Shell(tmp_path / "config", environ), tmp_path / "err"
    with started(full, log, *command):
        wait_until(lambda: "waiting: only " in log.read_text())
        assert "jobs.free_space_mb" in log.read_text()
    with started(shell, log, *command) as server:
        wait_until(lambda: "All done" in log.read_text())
        text = "All done: 3 done, 1 failed (mediant jobs --state failed)."
        assert text in log.read_text()
        shell.well("tag", "--force", media.folder / "0.ogg")
        wait_until(lambda: "All done: 1 done." in log.read_text())
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE_S) == 0
    with started(shell, log, *command):
        wait_until(lambda: "All done" in log.read_text())
        text = "All done: nothing new to tag; 1 failed earlier (mediant jobs --state failed)."
        assert text in log.read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_an_unreadable_folder_is_named(shell: Shell, media: MediaFactory) -> None:
    media.song("one.mp3", seconds=1)
    media.song("closed/two.mp3", seconds=1)
    closed = media.folder / "closed"
    shell.well("libraries", "add", media.folder)
    closed.chmod(0)
    try:
        done = shell("scan")
    finally:
        closed.chmod(0o755)
    assert done.code == 1
    assert "Not read, left as it is: closed (Permission denied)" in done.err
