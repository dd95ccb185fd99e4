"""Tag, write, show, remove and undo, while no server runs."""

import hashlib
import os
from pathlib import Path

import mutagen
import pytest


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_tag_write_show_undo(shell, media):
    song = media.song("song.flac", seconds=10, title="Title")
    before = digest(song)
    done = shell.well("tag", song, "--write")
    assert "song.flac" in done.out
    assert "nom_mood_loose" in mutagen.File(song)
    assert mutagen.File(song)["title"] == ["Title"]
    shown = shell.well("show", song, "--json").json()
    assert shown["state"] == "tagged"
    assert shown["tags"]["mood-loose"]
    assert [write["state"] for write in shown["writes"]] == ["applied"]
    text = shell.well("show", song, "--scores").out
    assert str(song) in text
    assert "mood_happy" in text
    assert "applied" in shell.well("tag", "undo", "--dry-run", song).out
    assert "byte for byte" in shell.well("tag", "undo", song).err
    assert digest(song) == before
    assert shell("tag", "undo", song).code == 3


def test_dry_run_leaves_the_file_even_in_a_library_that_writes(shell, media):
    song = media.song("song.mp3", seconds=10)
    before = digest(song)
    shell.well("libraries", "add", media.folder, "--write", "full")
    done = shell.well("tag", "--dry-run", song)
    assert "mood-loose" in done.out
    assert digest(song) == before
    shell.well("tag", song)
    assert digest(song) != before


@pytest.mark.slow
def test_a_write_that_fails_is_a_failure(shell, media):
    song = media.song("song.flac", seconds=10)
    other = media.folder / "other name.flac"
    os.link(song, other)
    done = shell("tag", song, "--write")
    assert done.code == 1
    assert "not written" in done.out
    assert "tagging.break_hard_links" in done.complaint()
    assert "tagging.break_hard_links" in shell.well("show", song).out
    other.unlink()
    shell.well("tag", song, "--write")
    assert "tagging.break_hard_links" not in shell.well("show", song).out


@pytest.mark.slow
def test_a_container_without_a_place_for_tags_is_a_note(shell, media):
    song = media.song("song.wma", seconds=10)
    assert "unsupported_container" in shell.well("tag", song, "--write").err


@pytest.mark.slow
def test_our_tags_are_removed_and_come_back(shell, media):
    song = media.song("song.flac", seconds=10, title="Title")
    before = digest(song)
    shell.well("tag", song, "--write")
    written = digest(song)
    assert "mood-loose" in shell.well("tag", "remove", "--dry-run", song).out
    assert digest(song) == written
    assert "removed" in shell.well("tag", "remove", song).err
    assert "nom_mood_loose" not in mutagen.File(song)
    assert mutagen.File(song)["title"] == ["Title"]
    shell.well("tag", "undo", song)
    assert digest(song) == written
    shell.well("tag", "undo", song)
    assert digest(song) == before


@pytest.mark.slow
def test_our_tags_are_removed_below_a_folder(shell, media):
    song = media.song("sub/song.flac", seconds=10)
    other = media.song("sub/plain.flac", seconds=10)
    before = digest(song), digest(other)
    shell.well("libraries", "add", media.folder)
    shell.well("scan")
    shell.well("tag", song, "--write")
    assert shell("tag", "remove", media.folder / "gone.flac", song).code == 3
    assert digest(song) != before[0]
    assert "song.flac" in shell.well("tag", "remove", "--dry-run", media.folder / "sub").out
    told = shell.well("tag", "remove", media.folder / "sub").err
    assert f"{song}: our tags are removed" in told
    assert "without tags of ours, left alone: 1" in told
    jobs = shell.well("jobs", "--json").json()["items"]
    assert [job["kind"] for job in jobs].count("untag") == 1  # none for the file without
    assert "nom_mood_loose" not in mutagen.File(song)
    assert digest(other) == before[1]


@pytest.mark.slow
def test_a_folder_with_good_and_bad_files(shell, media):
    media.song("good.ogg", seconds=10)
    bad = media.text("bad.flac")
    done = shell("tag", media.folder, "--json")
    assert done.code == 1
    results = {Path(job["payload"]["path"]).name: job for job in done.json()}
    assert results["good.ogg"]["state"] == "done"
    assert results["bad.flac"]["state"] == "failed"
    assert str(bad) in results["bad.flac"]["error"]
    table = shell("tag", media.folder, "--force")
    assert table.code == 1
    assert "good.ogg" in table.out
    assert str(bad) in table.complaint()


def test_every_bad_path_is_told_before_anything_begins(shell, media):
    song = media.song("song.flac", seconds=10)
    gone, lost = media.folder / "gone.flac", media.folder / "lost.flac"
    for command in (["tag"], ["tag", "undo"]):
        done = shell(*command, song, gone, lost)
        assert (done.code, done.out) == (3, "")
        assert [str(gone) in done.err, str(lost) in done.err] == [True, True]
        assert len(done.err.splitlines()) == 2
    assert shell.well("jobs", "--json").json()["items"] == []


@pytest.mark.slow
def test_undo_of_a_folder_takes_back_what_was_written_below_it(shell, media):
    song, plain = media.song("song.flac", seconds=10), media.song("plain.flac", seconds=10)
    shell.well("libraries", "add", media.folder)
    before = digest(song)
    shell.well("tag", plain)
    shell.well("tag", song, "--write")
    assert "applied" in shell.well("tag", "undo", "--dry-run", media.folder).out
    done = shell.well("tag", "undo", media.folder)
    assert "byte for byte" in done.err
    assert "left alone: 1" in done.err
    assert digest(song) == before
    mixed = shell("tag", "undo", song, plain)
    assert mixed.code == 1
    assert str(song) in mixed.err
    assert str(plain) in mixed.err
