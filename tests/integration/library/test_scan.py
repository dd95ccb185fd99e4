"""Scans of real trees: afterwards the database says what the disk says, and nothing is lost."""

import os
import random
import shutil

import pytest

from mediant.errors import Cancelled, Invalid, Refused
from mediant.library.walk import list_folder
from mediant.settings.model import LibrarySettings


def test_a_first_scan_finds_all_and_hands_all_out(house, music, root, files):
    files.put(root, "a/x.mp3", "b.mp3", "c/d/e.mp3", "cover.jpg")
    summary = house.scan(music)
    assert house.present(music) == files.on_disk(root)
    assert summary == {
        "library_id": music,
        "seen": 3,
        "added": 3,
        "changed": 0,
        "missing": 0,
        "returned": 0,
        "moved": 0,
        "ignored": 0,
        "skipped": 0,
        "unread": 0,
        "unread_paths": [],
        "unsettled": 0,
        "queued": 0,
    }
    assert house.fresh_asked() == sorted(row_id for row_id, _ in house.rows(music).values())
    entry = house.library.get_library(music)
    assert entry.scan_state == "done"
    assert entry.scanned_at is not None
    assert house.events[-1].topic == "scan.finished"
    assert house.events[-1].payload["added"] == 3


def test_a_rescan_of_the_same_tree_changes_nothing(house, music, root, files):
    files.put(root, *(f"{n}.mp3" for n in range(50)))
    house.scan(music)
    house.fresh_asked()
    before = house.rows(music)
    summary = house.scan(music)
    assert (summary["seen"], summary["added"], summary["changed"]) == (50, 0, 0)
    assert house.rows(music) == before
    assert house.fresh_asked() == []


def test_an_edit_in_place_with_the_same_size_is_seen(house, music, root, files):
    files.put(root, "a.mp3", "b.mp3")
    house.scan(music)
    house.fresh_asked()
    (root / "a.mp3").write_bytes(b"A.mp3")
    os.utime(root / "a.mp3", ns=(1, 1))
    summary = house.scan(music)
    assert summary["changed"] == 1
    assert house.present(music) == files.on_disk(root)
    assert house.fresh_asked() == [house.rows(music)["a.mp3"][0]]


def test_a_deleted_file_is_missing_and_kept_and_comes_back(house, music, root, files):
    files.put(root, "a.mp3", "b.mp3")
    house.scan(music)
    row_id = house.rows(music)["a.mp3"][0]
    stat = (root / "a.mp3").stat()
    (root / "a.mp3").rename(root.parent / "a.mp3")
    assert house.scan(music)["missing"] == 1
    assert house.rows(music)["a.mp3"] == (row_id, "missing")
    assert house.library.get_file(row_id).missing_since is not None
    (root.parent / "a.mp3").rename(root / "a.mp3")
    house.fresh_asked()
    assert house.scan(music)["returned"] == 1
    assert house.rows(music)["a.mp3"] == (row_id, "present")
    assert house.library.get_file(row_id).missing_since is None
    assert (root / "a.mp3").stat().st_mtime_ns == stat.st_mtime_ns
    assert house.fresh_asked() == [row_id]


def test_names_of_all_sorts(house, music, root, files):
    files.put(
        root,
        "caf\u00e9.mp3",
        "cafe\u0301.mp3",
        "two\nlines.mp3",
        "\U0001f3b5/\x01.mp3",
        "a'b\"%_.mp3",
    )
    (root / os.fsdecode(b"bad\xff.mp3")).write_bytes(b"")
    summary = house.scan(music)
    assert (summary["seen"], summary["skipped"]) == (5, 1)
    assert any("bad\\xff.mp3" in line for line in house.lines)
    assert len(house.present(music)) == 5
    assert house.scan(music)["changed"] == 0
    assert house.library.find_file(root / os.fsdecode(b"bad\xff.mp3")) is None
    assert house.library.find_file(root / "caf\u00e9.mp3") != house.library.find_file(
        root / "cafe\u0301.mp3"
    )


def test_an_unreadable_folder_keeps_its_rows(house, music, root, files):
    files.put(root, "a/x.mp3", "b/x.mp3", "b/sub/y.mp3", "c/x.mp3")
    house.scan(music)
    (root / "c/x.mp3").unlink()

    def fail_at_b(path):
        if path.endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return list_folder(path)

    summary = house.scan(music, lister=fail_at_b)
    assert (summary["unread"], summary["missing"]) == (1, 1)
    assert summary["unread_paths"] == ["b (Permission denied)"]
    states = {path: state for path, (_, state) in house.rows(music).items()}
    assert states == {
        "a/x.mp3": "present",
        "b/x.mp3": "present",
        "b/sub/y.mp3": "present",
        "c/x.mp3": "missing",
    }
    assert any("'b/'" in line and "Permission denied" in line for line in house.lines)


@pytest.mark.parametrize("way", ["gone", "empty", "a file", "only hidden"])
def test_an_unmounted_root_fails_the_scan_and_changes_nothing(house, music, root, files, way):
    files.put(root, *(f"{n}.mp3" for n in range(5)))
    house.scan(music)
    before = house.rows(music)
    root.rename(root.parent / "away")
    if way == "a file":
        root.write_bytes(b"")
    elif way != "gone":
        root.mkdir()
    if way == "only hidden":
        (root / ".unmounted").touch()
    with pytest.raises(Refused, match="Nothing was changed"):
        house.scan(music)
    assert house.rows(music) == before
    entry = house.library.get_library(music)
    assert entry.scan_state == "failed"
    assert str(root) in entry.scan_error
    with pytest.raises(Refused):
        house.scan(music, paths=[root / "1.mp3"])
    assert house.rows(music) == before
    if way != "only hidden":
        with pytest.raises(Refused):
            house.library.purge_missing(music)


def test_a_root_that_goes_away_during_the_scan_loses_nothing(house, music, root, files):
    files.put(root, *(f"{n}/{m}.mp3" for n in range(5) for m in range(5)))
    house.scan(music)
    before = house.rows(music)

    def unmount_at_3(path):
        if path.endswith("/3"):
            root.rename(root.parent / "away")
            root.mkdir()
        return list_folder(path)

    with pytest.raises(Refused, match="Another file system"):
        house.scan(music, lister=unmount_at_3)
    assert house.rows(music) == before
    root.rmdir()
    (root.parent / "away").rename(root)
    assert house.scan(music)["missing"] == 0


def test_scanning_some_paths_judges_only_them(house, music, root, files):
    files.put(root, "a/x.mp3", "a.mp3", "a0.mp3", "b/x.mp3", "c/x.mp3")
    house.scan(music)
    shutil.rmtree(root / "a")
    (root / "b/x.mp3").unlink()
    (root / "a.mp3").unlink()
    files.put(root, "c/y.mp3", "d.mp3")
    summary = house.scan(music, paths=[root / "a", "c", root / "c/deep/er", root / "d.mp3"])
    states = {path: state for path, (_, state) in house.rows(music).items()}
    assert states == {
        "a/x.mp3": "missing",
        "a.mp3": "present",
        "a0.mp3": "present",
        "b/x.mp3": "present",
        "c/x.mp3": "present",
        "c/y.mp3": "present",
        "d.mp3": "present",
    }
    assert (summary["missing"], summary["added"]) == (1, 2)


def test_paths_outside_the_root_are_refused(house, music, root, tmp_path):
    (root / "link").symlink_to("/etc")
    for path in (tmp_path, "..", "/etc", root / "link/hostname", root / "../x.mp3"):
        with pytest.raises(Invalid):
            house.library.scan(music, paths=[path])


def test_a_file_that_becomes_a_folder_and_back(house, music, root, files):
    files.put(root, "x.mp3", "y.mp3")
    house.scan(music)
    (root / "x.mp3").unlink()
    files.put(root, "x.mp3/a.mp3")
    house.scan(music, paths=["x.mp3"])
    states = {path: state for path, (_, state) in house.rows(music).items()}
    assert states == {"x.mp3": "missing", "x.mp3/a.mp3": "present", "y.mp3": "present"}


def test_a_cancelled_scan_leaves_what_is_true_and_the_next_one_ends_it(house, music, root, files):
    files.put(root, "first.mp3")
    house.scan(music)
    house.fresh_asked()
    files.put(root, *(f"{n:05d}.mp3" for n in range(4_500)))
    with pytest.raises(Cancelled):
        house.scan(music, cancel_after=1)
    rows = house.rows(music)
    assert len(rows) == 2_001
    assert house.fresh_asked() == []
    assert house.library.get_library(music).scan_state == "done", "as the scan before left it"
    house.scan(music)
    assert house.present(music) == files.on_disk(root)
    assert len(house.fresh_asked()) == 4_500


def test_forcing_hands_unchanged_files_out(house, music, root, files):
    files.put(root, "a.mp3", "b.mp3")
    house.scan(music)
    house.fresh_asked()
    house.scan(music, force=True)
    assert len(house.fresh_asked()) == 2


def test_a_row_that_was_written_during_the_scan_is_not_undone(house, music, root, files):
    """A file that is registered after its folder was listed must not become missing."""
    files.put(root, "a.mp3", "z/b.mp3")
    house.scan(music)

    def register_meanwhile(path):
        listed = list_folder(path)
        if path == str(root):
            files.put(root, "late.mp3")
            house.library.register(root / "late.mp3")
        return listed

    assert house.scan(music, lister=register_meanwhile)["missing"] == 0
    assert house.rows(music)["late.mp3"][1] == "present"


def test_a_page_of_rows_is_smaller_than_what_vanished(house, music, root, files):
    files.put(root, "a.mp3", "z.mp3", *(f"m/{n:05d}.mp3" for n in range(11_000)))
    house.scan(music)
    shutil.rmtree(root / "m")
    files.put(root, "m/05000.mp3")
    assert house.scan(music)["missing"] == 10_999
    assert house.present(music) == files.on_disk(root)


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_changes_the_database_equals_the_disk(house, music, root, files, seed):
    dice = random.Random(seed)
    folders = [f"{chr(97 + n)}{m}" for n in range(8) for m in range(5)]
    files.put(root, *(f"{dice.choice(folders)}/{n}.mp3" for n in range(2_000)))
    for _ in range(6):
        paths = sorted(files.on_disk(root))
        for path in dice.sample(paths, 200):
            change_one(root, root / path, dice, folders)
        source = root / dice.choice(folders)
        if source.is_dir():
            source.rename(root / f"{dice.choice(folders)} {dice.random()}")
        changed = [folder for folder in folders if dice.random() < 0.2]
        if dice.random() < 0.5:
            house.scan(music, paths=changed)
        house.scan(music)
        assert house.present(music) == files.on_disk(root)
        assert {state for _, state in house.rows(music).values()} <= {"present", "missing"}


def change_one(root, path, dice, folders):
    way = dice.randrange(4)
    if way == 0:
        path.unlink()
    elif way == 1:
        path.write_bytes(dice.randbytes(20))
    elif way == 2:
        target = root / dice.choice(folders) / f"{dice.randrange(3_000)}.mp3"
        target.parent.mkdir(exist_ok=True)
        path.rename(target)
    else:
        target = path.with_name(f"copy of {path.name}")
        shutil.copy2(path, target)


class TestWithoutTagging:
    """A server that only keeps the list of files."""

    @pytest.fixture
    def settings(self):
        return LibrarySettings(auto_tag=False)

    def test_nothing_is_handed_out(self, house, music, root, files):
        files.put(root, "a.mp3")
        house.scan(music)
        files.put(root, "b.mp3")
        house.scan(music)
        assert house.present(music) == files.on_disk(root)
        assert house.fresh_asked() == []


def test_files_that_lie_directly_in_a_folder(house, music, root, files):
    files.put(root, "a.mp3", "b/c.mp3", "b/d/e.mp3", "b/f.txt")
    house.scan(music)
    (root / "b/c.mp3").unlink()
    files.put(root, "b/new.ogg")
    assert house.library.list_direct(music) == [root / "a.mp3"]
    assert house.library.list_direct(music, [root / "b"]) == [root / "b/c.mp3", root / "b/new.ogg"]
    assert house.library.list_direct(music, ["b/d/e.mp3"]) == [root / "b/d/e.mp3"]
