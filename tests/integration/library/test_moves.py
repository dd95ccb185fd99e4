"""Files that move, within a library or to another: their rows and what is known of them stay."""

import os
import shutil

from sqlalchemy import insert, select, update

from mediant.kernel.clock import now_s
from mediant.library.fingerprint import read_fingerprint
from mediant.store.schema_library import file
from mediant.store.schema_tagging import track


def test_a_renamed_folder_keeps_rows_and_tags(house, music, root, files):
    files.put(root, "old/a.mp3", "old/b.mp3", "z/c.mp3", "a/d.mp3")
    house.scan(music)
    before = house.rows(music)
    (root / "old").rename(root / "A new one")
    (root / "a").rename(root / "zz")
    summary = house.scan(music)
    after = house.rows(music)
    assert (summary["moved"], summary["added"], summary["missing"]) == (3, 0, 0)
    assert after["A new one/a.mp3"] == before["old/a.mp3"]
    assert after["A new one/b.mp3"] == before["old/b.mp3"]
    assert after["zz/d.mp3"] == before["a/d.mp3"]
    assert set(after) == set(files.on_disk(root))


def test_a_move_between_libraries_keeps_the_row(house, root, tmp_path, files):
    other = tmp_path / "other"
    other.mkdir()
    first = house.library.add_library("First", root).id
    second = house.library.add_library("Second", other).id
    files.put(root, "a.mp3", "stays.mp3")
    house.scan(first)
    row_id = house.rows(first)["a.mp3"][0]
    (root / "a.mp3").rename(other / "b.mp3")
    house.scan(first)
    assert house.scan(second)["moved"] == 1
    assert house.rows(second) == {"b.mp3": (row_id, "present")}
    assert set(house.rows(first)) == {"stays.mp3"}
    assert house.library.get_file(row_id).path == other / "b.mp3"


def store_as_tagged(house, entry):
    """What the tagging of a file leaves behind: its fingerprint and which content was analysed."""
    with house.database.write() as tx:
        fingerprint = read_fingerprint(entry.path)
        tx.execute(update(file).where(file.c.id == entry.id).values(fingerprint=fingerprint))
        values = {"size": entry.size, "mtime_ns": entry.mtime_ns, "analysed_at": now_s()}
        tx.execute(insert(track).values(file_id=entry.id, state="tagged", **values))


def test_a_copy_to_another_disk_is_known_by_its_content(house, music, root, files):
    """Inode and time change; size and content do not."""
    data = os.urandom(300_000)
    files.put(root, "a/x.mp3", "stays.mp3", content=data)
    house.scan(music)
    entry = house.library.find_file(root / "a/x.mp3")
    store_as_tagged(house, entry)
    house.fresh_asked()
    files.put(root, "b/y.mp3", content=data)
    files.put(root, "b/other.mp3", content=os.urandom(300_000))
    (root / "a/x.mp3").unlink()
    house.scan(music)
    rows = house.rows(music)
    assert rows["b/y.mp3"] == (entry.id, "present")
    assert set(rows) == {"b/y.mp3", "b/other.mp3", "stays.mp3"}
    assert house.fresh_asked() == sorted([entry.id, rows["b/other.mp3"][0]])
    moved = house.library.get_file(entry.id)
    with house.database.read() as connection:
        stamp = connection.execute(select(track.c.size, track.c.mtime_ns)).one()
    assert tuple(stamp) == (moved.size, moved.mtime_ns), "it counts as analysed"


def test_a_new_file_is_not_handed_out_before_it_is_known_to_be_no_move(house, music, root, files):
    data = os.urandom(1000)
    files.put(root, "a.mp3", "stays.mp3", content=data)
    house.scan(music)
    store_as_tagged(house, house.library.find_file(root / "a.mp3"))
    house.fresh_asked()
    (root / "a.mp3").unlink()
    files.put(root, "b.mp3", content=data)
    os.utime(root / "b.mp3", (1.0, 1.0))  # it may have got the inode, and the very time
    house.run(house.library.scan(music).job_id)
    assert house.fresh_asked() == []
    assert house.rows(music)["b.mp3"][1] == "new"
    house.run_waiting()
    assert set(house.rows(music)) == {"b.mp3", "stays.mp3"}


def test_a_duplicate_is_no_move(house, music, root, files):
    files.put(root, "a.mp3")
    house.scan(music)
    row_id = house.rows(music)["a.mp3"][0]
    shutil.copy2(root / "a.mp3", root / "copy.mp3")
    (root / "hard.mp3").hardlink_to(root / "a.mp3")
    assert house.scan(music)["added"] == 2
    rows = house.rows(music)
    assert rows["a.mp3"] == (row_id, "present")
    assert len({row_id for row_id, _ in rows.values()}) == 3
    assert {state for _, state in rows.values()} == {"present"}


def test_more_new_files_than_are_checked_at_once(house, music, root, files):
    files.put(root, "first.mp3", *(f"old/{n:05d}.mp3" for n in range(6_000)))
    house.scan(music)
    before = house.rows(music)
    house.fresh_asked()
    (root / "old").rename(root / "new")
    house.scan(music)
    after = house.rows(music)
    assert len(after) == 6_001
    assert all(after[f"new/{n:05d}.mp3"] == before[f"old/{n:05d}.mp3"] for n in range(6_000))
