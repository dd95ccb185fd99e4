"""Without a music network nothing is listened to, and commands say so."""

from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell
from tests.integration.cli.test_waiting import started

from mediant.testing.media import MediaFactory
from mediant.testing.waiting import wait_until

SENTENCE = "No music model is installed"


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """Commands with an empty models folder."""
    (tmp_path / "models").mkdir()
    return Shell(tmp_path / "config", {"MEDIANT_MODELS_DIR": str(tmp_path / "models")})


def test_a_scan_says_that_music_waits(bare: Shell, media: MediaFactory) -> None:
    media.song("one.ogg", seconds=10)
    bare.well("libraries", "add", media.folder)
    done = bare.well("scan", "--json")
    assert SENTENCE in done.err
    assert "mediant models pull" in done.err
    (scanned,) = done.json()
    assert (scanned["result"]["seen"], scanned["result"]["queued"]) == (1, 0)
    assert SENTENCE in scanned["result"]["hindrance"]
    assert bare.well("jobs", "--kind", "tag", "--json").json()["items"] == []


def test_a_wish_by_name_fails_with_the_remedy(bare: Shell, media: MediaFactory) -> None:
    path = media.song("one.ogg", seconds=10)
    bare.well("libraries", "add", media.folder)
    done = bare("tag", path)
    assert done.code == 1
    assert SENTENCE in done.out + done.err


@pytest.mark.slow
def test_a_server_says_that_music_waits(bare: Shell, media: MediaFactory, tmp_path: Path) -> None:
    media.song("one.ogg", seconds=10)
    log = tmp_path / "err"
    command = ["serve", "--port", "0", "--media", media.folder, "--progress"]
    with started(bare, log, *command):
        wait_until(lambda: "No music can be tagged yet." in log.read_text())
        assert SENTENCE in log.read_text()
        assert "All done" not in log.read_text()
