"""What `tag`, `scan` and `libraries remove` say of files, and how they end."""

import hashlib
import os
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

pytestmark = pytest.mark.slow


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_dry_run_shows_what_the_mode_in_force_would_write(shell, media):
    song = media.song("song.mp3", seconds=10)
    before = digest(song)
    plain = shell.well("tag", song, "--dry-run")
    assert "nothing would be written. The write mode is `none`." in plain.err
    assert "tag to write" not in plain.out
    (minimal,) = shell.well(
        "tag", song, "--write", "--mode", "minimal", "--dry-run", "--json"
    ).json()
    assert minimal["plan"]["mode"] == "minimal"
    assert set(minimal["plan"]["tags"]) == {"mood-loose", "mood-regular", "mood-strict"}
    assert digest(song) == before
    (done,) = shell.well("tag", song, "--write", "--mode", "minimal", "--json").json()
    assert done["result"]["tags_written"] == 3
    assert (
        "holds these tags already"
        in shell.well("tag", song, "--write", "--mode", "minimal", "--dry-run").err
    )
    alone = shell("tag", song, "--mode", "minimal")
    assert (alone.code, alone.out) == (2, "")
    assert "--write" in alone.complaint()


def test_a_short_file_is_skipped_and_a_known_one_known(shell, media):
    short, song = media.song("short.wav", seconds=1), media.song("song.ogg", seconds=10)
    done = shell.well("tag", short)
    assert done.out.splitlines()[1].split()[:2] == ["short.wav", "skipped"]
    assert done.err.startswith("Skipped: ")
    assert "It lasts 1 s; the limit is 7 s. [too_short]" in done.err
    listed = shell.well("jobs")
    assert "skipped" in listed.out
    assert "0 failed" in listed.err
    assert "1 skipped" in listed.err
    shell.well("tag", song)
    assert shell.well("tag", song).out.splitlines()[1].split()[:2] == ["song.ogg", "known"]
    told = shell.well("jobs", "clean", "--hours", "0", "--dry-run").err
    assert "3 jobs would be removed" in told
    assert len(shell.well("jobs", "--json").json()["items"]) == 3


def test_what_is_no_sound_file_is_told_alike_by_the_dry_run(shell, media):
    junk, empty = media.corrupt("junk.mp3"), media.folder / "empty.ogg"
    empty.write_bytes(b"")
    shell("tag", media.folder)
    for path, code in ((junk, "corrupt"), (empty, "empty")):
        for more in ([], ["--dry-run"]):
            done = shell("tag", "remove", path, *more)
            assert (done.code, done.out) == (1, "")
            assert done.complaint().startswith(f"mediant: {path}: ")
            assert done.complaint().endswith(f"[{code}]")


def test_a_library_is_not_removed_while_its_writes_can_be_undone(shell, media):
    song = media.song("song.flac", seconds=10)
    before = digest(song)
    shell.well("libraries", "add", media.folder, "--name", "Music")
    shell.well("tag", song, "--write")
    held = shell.well("libraries", "remove", "Music", "--dry-run", "--json").json()
    assert (held["files"], held["tracks"], held["undoable"]) == (1, 1, 1)
    for more in ([], ["--yes"]):
        refused = shell("libraries", "remove", "Music", *more)
        assert refused.code == 4
        assert f"mediant tag undo {media.folder}" in refused.complaint()
    assert len(shell.well("libraries", "--json").json()) == 1
    (undoable,) = shell.well("tag", "undo", "--dry-run", "--json", song).json()
    assert [write["state"] for write in undoable["writes"]] == ["applied"]
    shell.well("tag", "undo", song)
    assert digest(song) == before
    for more in ([], ["--dry-run"]):
        again = shell("tag", "undo", song, *more)
        assert (again.code, again.out) == (3, "")
        assert "is undone already, since 2" in again.complaint()
    assert "undone" not in shell.well("tag", "undo", "--dry-run", media.folder).out
    shell.well("tag", song, "--write")
    asked = shell("libraries", "remove", "Music", "--forget-undo", stdin="n\n")
    assert asked.code == 4
    assert "how the tags in 1 file can be undone" in asked.err
    shell.well("libraries", "remove", "Music", "--forget-undo", "--yes")
    assert shell.well("libraries", "--json").json() == []


def test_unknown_files_below_a_folder_are_counted(shell, media):
    song = media.song("song.flac", seconds=10)
    shell.well("libraries", "add", media.folder)
    shell.well("tag", song, "--write")
    media.song("copy.flac", seconds=10)
    done = shell("tag", "remove", media.folder)
    assert done.code == 1
    assert "1 audio file below the folder is not known yet" in done.err
    assert f"{song}: our tags are removed" in done.err
    quiet = Shell(shell.config_dir, {**shell.environ, "MEDIANT_LIBRARY__IGNORE": "*/copy.*"})
    assert quiet("tag", "remove", media.folder).code == 0


def test_a_path_outside_all_libraries_names_the_remedy(shell, media, tmp_path):
    song = media.song("song.flac", seconds=10)
    (tmp_path / "other").mkdir()
    shell.well("libraries", "add", tmp_path / "other")
    done = shell("tag", song)
    assert (done.code, done.out) == (4, "")
    assert "mediant libraries add FOLDER" in done.complaint()
    assert "mediant scan" in shell("show", song).complaint()
    whole = shell("libraries", "add", "/")
    assert (whole.code, whole.out) == (2, "")
    assert whole.complaint() == "mediant: /: The whole file system cannot be a library."


def test_ignored_files_are_not_missing(shell, media):
    media.song("books/a.mp3", seconds=10)
    media.song("b.mp3", seconds=10)
    environ = {**shell.environ, "MEDIANT_LIBRARY__AUTO_TAG": "false"}
    all_of_it = Shell(shell.config_dir, environ)
    part = Shell(shell.config_dir, {**environ, "MEDIANT_LIBRARY__IGNORE": "*/books/*"})
    all_of_it.well("libraries", "add", media.folder)
    all_of_it.well("scan")
    (job,) = part.well("scan", "--json").json()
    assert (job["result"]["ignored"], job["result"]["missing"]) == (1, 0)
    (job,) = all_of_it.well("scan", "--json").json()
    assert (job["result"]["returned"], job["result"]["added"]) == (1, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_is_named(shell, media):
    closed = media.song("closed/a.mp3", seconds=10).parent
    shell.well("libraries", "add", media.folder)
    closed.chmod(0)
    try:
        done = shell("scan")
    finally:
        closed.chmod(0o755)
    assert done.code == 1
    assert "unread" in done.out
    assert "closed" in done.err
