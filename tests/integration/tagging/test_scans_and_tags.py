"""Scans and tags: our own writes are no changes, and moved files keep what is known of them."""

import shutil

from mediant.library.walk import list_folder
from mediant.tagging.write import read_own


def test_a_scan_that_saw_the_file_before_our_write_does_not_undo_the_row(house, media):
    path = media.song("a/song.flac")
    (media.folder / "z").mkdir()
    music = house.library.add_library("Music", media.folder).id
    house.scan(music)

    def write_meanwhile(folder):
        listed = list_folder(folder)
        if folder.endswith("/z"):  # the other folder was looked at already
            assert house.tag(path, write_mode="full")["write"] == "written"
        return listed

    assert house.scan(music, write_meanwhile)["changed"] == 0
    assert house.matches_disk(path)
    assert not house.tagging.show(path).is_outdated
    assert house.scan(music)["changed"] == 0
    assert house.tagging.tag_library(music) == 0


def test_an_undo_during_a_scan_does_not_undo_the_row(house, media):
    path = media.song("a/song.mp3")
    (media.folder / "z").mkdir()
    music = house.library.add_library("Music", media.folder).id
    house.tag(path, write_mode="full")

    def undo_meanwhile(folder):
        listed = list_folder(folder)
        if folder.endswith("/z"):  # the other folder was looked at already
            assert house.undo(path)["outcome"] == "exact"
        return listed

    assert house.scan(music, undo_meanwhile)["changed"] == 0
    assert house.matches_disk(path)


def test_a_copied_renamed_and_deleted_file_keeps_its_track(house, media):
    """Folder, name, inode and time change; only size and content stay."""
    path = media.song("album/song.flac")
    media.song("album/stays.flac")
    music = house.library.add_library("Music", media.folder).id
    house.scan(music)
    house.tag(path, write_mode="full")
    entry = house.library.find_file(path)
    target = media.folder / "elsewhere" / "another name.flac"
    target.parent.mkdir()
    shutil.copyfile(path, target)
    path.unlink()
    house.scan(music)
    assert house.library.find_file(path) is None
    moved = house.library.find_file(target)
    assert moved.id == entry.id
    assert moved.inode != entry.inode
    assert house.matches_disk(target)
    report = house.tagging.show(target)
    assert report.state == "tagged"
    assert not report.is_outdated
    assert read_own(target, "nom").keys() == report.tags.keys()
    assert house.tag(target)["skipped"] is True
    assert house.undo(target)["outcome"] == "exact"
