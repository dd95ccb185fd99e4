"""The script of the guide, as it stands there, run by real shells with a real curl."""

import os
import shutil
from pathlib import Path

import pytest
from tests.integration.lidarr.conftest import Place

from mediant.testing.lidarr import FakeLidarr, Script, join_paths

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "lidarr-tag.sh"
SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script in a folder of its own, like Lidarr's `/config/scripts`."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    return Path(shutil.copy(GUIDE, folder))


def run(place: Place, script: Path, event: str, **variables: str) -> Script:
    return place.lidarr().run_script(script, event, **variables)


@pytest.fixture(autouse=True)
def environ(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the script reads from Lidarr's own environment."""
    monkeypatch.setenv("MEDIANT_URL", place.server.url)
    monkeypatch.setenv("MEDIANT_KEY", place.server.key)


def test_it_passes_lidarrs_test_without_a_server(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIANT_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("MEDIANT_KEY")
    assert FakeLidarr("", "/music/Artist").run_script(script, "Test").code == 0


def test_an_import_is_tagged_when_the_script_ends(place: Place, script: Path) -> None:
    paths = [str(place.media.song(f"Artist/0{n}.mp3", seconds=10)) for n in (1, 2)]
    done = run(place, script, "AlbumDownload", AddedTrackPaths=join_paths(paths))
    assert done == Script(0, "".join(f"Tagged: {path}\n" for path in paths), "")
    assert [place.track(Path(path))["state"] for path in paths] == ["tagged", "tagged"]


@pytest.mark.parametrize(
    "name",
    [
        'a "quoted" name.mp3',
        "back\\slash \\n and $HOME `id` 'x' *.mp3",
        "ünïcødé 音楽 🎵.mp3",
        "tab\there\nand a line.mp3",
        "-rf @x ; & %s | bar.mp3",
    ],
)
def test_a_name_may_hold_anything(place: Place, script: Path, name: str) -> None:
    song = place.media.song("plain.mp3", seconds=10).rename(place.music / name)
    done = run(place, script, "TrackRetag", TrackFile_Path=str(song))
    assert done.code == 0, done
    assert place.track(song)["state"] == "tagged"


@pytest.mark.parametrize("shell", SHELLS)
def test_it_runs_in_small_shells(place: Place, script: Path, shell: str) -> None:
    text = script.read_text().replace("#!/bin/sh", f"#!/usr/bin/env {shell}", 1)
    script.write_text(text)
    song = place.media.song('Artist/"1" \\ ü.mp3', seconds=10)
    assert run(place, script, "TrackRetag", TrackFile_Path=str(song)).code == 0
    assert place.track(song)["state"] == "tagged"


def test_one_file_that_fails_stops_no_other_and_is_told(place: Place, script: Path) -> None:
    bad = place.media.corrupt("Artist/bad.mp3")
    good = place.media.song("Artist/good.mp3", seconds=10)
    absent = place.music / "absent.mp3"
    paths = join_paths(map(str, (absent, bad, good)))
    done = run(place, script, "AlbumDownload", AddedTrackPaths=paths)
    assert done.code == 1
    assert done.out == f"Tagged: {good}\n"
    complaints = done.err.splitlines()
    assert [line.split(": ")[1] for line in complaints] == [str(absent), str(bad)]


def test_events_without_a_file_are_nothing_to_do(place: Place, script: Path) -> None:
    for event in ("Grab", "ArtistDeleted", "HealthIssue"):
        done = run(place, script, event)
        assert (done.code, done.err) == (0, "")
        assert event in done.out


def test_the_key_may_lie_in_a_file(
    place: Place, script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    song = str(place.media.song("1.mp3", seconds=10))
    monkeypatch.delenv("MEDIANT_KEY")
    assert run(place, script, "TrackRetag", TrackFile_Path=song).code == 2
    (script.parent / "mediant.key").write_text(f"{place.server.key}\n")
    assert run(place, script, "TrackRetag", TrackFile_Path=song).code == 0
    (script.parent / "mediant.key").rename(tmp_path / "secret")
    monkeypatch.setenv("MEDIANT_KEY_FILE", str(tmp_path / "secret"))
    assert run(place, script, "TrackRetag", TrackFile_Path=song).code == 0


def test_a_wrong_key_and_a_lost_server_are_told(
    place: Place, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = str(place.media.song("1.mp3", seconds=10))
    monkeypatch.setenv("MEDIANT_KEY", "a-wrong-key")
    refused = run(place, script, "TrackRetag", TrackFile_Path=song)
    assert (refused.code, refused.out) == (3, "")
    assert "not accepted" in refused.err
    monkeypatch.setenv("MEDIANT_URL", "http://127.0.0.1:9")
    lost = run(place, script, "TrackRetag", TrackFile_Path=song)
    assert (lost.code, lost.out) == (3, "")
    assert "127.0.0.1" in lost.err


def test_the_key_is_on_no_command_line(
    place: Place, script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    curl = tmp_path / "curl"
    curl.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/seen\nexec {shutil.which("curl")} "$@"\n'
    )
    curl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    song = str(place.media.song("1.mp3", seconds=10))
    assert run(place, script, "TrackRetag", TrackFile_Path=song).code == 0
    seen = (tmp_path / "seen").read_text()
    assert "/api/v1/tag" in seen
    assert place.server.key not in seen


def test_a_file_without_anything_to_listen_to_is_no_failure(place: Place, script: Path) -> None:
    short = place.media.song("Artist/intro.mp3", seconds=1)
    silent = place.media.silence("Artist/pause.flac")
    paths = join_paths(map(str, (short, silent)))
    done = run(place, script, "AlbumDownload", AddedTrackPaths=paths)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split(": ")[1] for line in lines] == [str(short), str(silent)]
    assert all(line.startswith("Skipped, there is nothing to listen to: ") for line in lines)
    assert [place.track(path)["state"] for path in (short, silent)] == ["skipped", "skipped"]
