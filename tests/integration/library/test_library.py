"""Libraries, their files, statistics and path maps."""

import os

import pytest
from sqlalchemy import insert

from mediant.errors import Forbidden, Invalid, MediaError, NotFound, Refused
from mediant.kernel.clock import now_s
from mediant.library import FileEntry
from mediant.store.schema_library import media


def test_a_library_is_kept_changed_and_removed(house, root, files):
    files.put(root, "a.mp3")
    entry = house.library.add_library("Music", f"{root}/.", watch_mode="poll", write_mode="full")
    assert entry.root_path == root
    assert entry.scan_state == "never"
    assert house.library.list_libraries() == [entry]
    house.scan(entry.id)
    changed = house.library.change_library(entry.id, name="Songs", is_enabled=False)
    assert (changed.name, changed.is_enabled, changed.write_mode) == ("Songs", False, "full")
    assert house.library.list_libraries(enabled_only=True) == []
    with pytest.raises(Refused):
        house.library.scan(entry.id)
    house.library.remove_library(entry.id)
    assert house.library.list_files() == []
    with pytest.raises(NotFound):
        house.library.get_library(entry.id)
    assert (root / "a.mp3").exists()


def test_events_tell_of_each_change(house, root):
    with house.library._bus.subscribe(["library.*"]) as heard:
        entry = house.library.add_library("Music", root)
        house.library.change_library(entry.id, name="Songs")
        house.library.remove_library(entry.id)
        seen = [heard.get(1.0) for _ in range(3)]
    assert [event.payload["change"] for event in seen] == ["added", "changed", "removed"]
    assert all(event.id for event in seen)


@pytest.mark.parametrize(
    "fields", [{"name": " "}, {"watch_mode": "x"}, {"write_mode": "all"}, {"id": 3}]
)
def test_bad_fields_are_refused(house, root, fields):
    entry = house.library.add_library("Music", root)
    with pytest.raises(Invalid):
        house.library.change_library(entry.id, **fields)
    assert house.library.get_library(entry.id) == entry


def test_libraries_do_not_overlap(house, root, tmp_path):
    entry = house.library.add_library("Music", root)
    (root / "sub").mkdir()
    for path in (root, root / "sub", tmp_path):
        with pytest.raises(Invalid):
            house.library.add_library("Other", path)
    house.library.change_library(entry.id, root_path=root / "sub")


def test_another_root_keeps_the_rows(house, root, files):
    files.put(root, "a.mp3")
    entry = house.library.add_library("Music", root)
    house.scan(entry.id)
    rows = house.rows(entry.id)
    root.rename(root.parent / "elsewhere")
    house.library.change_library(entry.id, root_path=root.parent / "elsewhere")
    assert house.scan(entry.id)["missing"] == 0
    assert house.rows(entry.id) == rows


def test_registering_looks_at_the_file_now(house, root, files):
    files.put(root, "a/x.mp3")
    music = house.library.add_library("Music", root).id
    entry = house.library.register(root / "a/../a/x.mp3")
    assert (entry.library_id, entry.path, entry.state) == (music, root / "a/x.mp3", "present")
    assert house.library.find_file(root / "a/x.mp3") == entry == house.library.get_file(entry.id)
    (root / "a/x.mp3").write_bytes(b"more")
    again = house.library.register(root / "a/x.mp3")
    assert (again.id, again.size) == (entry.id, 4)
    assert house.scan(music)["changed"] == 0


def test_registering_what_cannot_be(house, root, tmp_path, files):
    files.put(root, "text.txt", "folder.mp3/x.mp3")
    files.put(tmp_path, "outside.mp3")
    (root / "link.mp3").symlink_to(tmp_path / "outside.mp3")
    house.library.add_library("Music", root)
    for path in (
        tmp_path / "outside.mp3",
        root / "../outside.mp3",
        root / "link.mp3",
        "/etc/x.mp3",
    ):
        with pytest.raises(Forbidden):
            house.library.register(path)
        with pytest.raises(Forbidden):
            house.library.list_audio(path)
    with pytest.raises(MediaError, match="not there") as missing:
        house.library.register(root / "gone.mp3")
    assert missing.value.code == "missing"
    for path in ("text.txt", "folder.mp3", os.fsdecode(b"\xff.mp3")):
        with pytest.raises(Invalid):
            house.library.register(root / path)


def test_single_files_without_a_library_and_with_one_later(house, root, tmp_path, files):
    files.put(root, "a/x.mp3", "a/y.mp3")
    files.put(tmp_path, "other.mp3")
    loose = house.library.register(root / "a/x.mp3")
    other = house.library.register(tmp_path / "other.mp3")
    assert loose.path == root / "a/x.mp3"
    assert house.library.find_file(root / "a/x.mp3") == loose
    assert house.library.list_libraries() == []
    with pytest.raises(NotFound):
        house.library.scan(loose.library_id)
    with pytest.raises(NotFound):
        house.library.remove_library(loose.library_id)
    music = house.library.add_library("Music", root).id
    assert house.rows(music) == {"a/x.mp3": (loose.id, "present")}
    assert house.scan(music)["added"] == 1
    assert house.library.get_file(other.id).path == tmp_path / "other.mp3"
    with pytest.raises(Forbidden):
        house.library.register(tmp_path / "other.mp3")


def test_audio_below_a_path_is_listed_by_the_rules_of_a_scan(house, root, files):
    files.put(root, "b.mp3", "a/x.flac", "a/.hidden.mp3", "a/cover.jpg")
    assert list(house.library.list_audio(root)) == [root / "a/x.flac", root / "b.mp3"]
    assert list(house.library.list_audio(root / "b.mp3")) == [root / "b.mp3"]
    with pytest.raises(MediaError):
        house.library.list_audio(root / "gone")


def test_files_come_in_pages(house, root, files):
    files.put(root, *(f"{n:03d}.mp3" for n in range(25)), "100% Über_x.mp3")
    music = house.library.add_library("Music", root).id
    house.scan(music)
    seen: list[FileEntry] = []
    while page := house.library.list_files(music, after_id=seen[-1].id if seen else 0, limit=10):
        seen += page
    assert [entry.relative_path for entry in seen] == sorted(house.rows(music))
    assert len(house.library.list_files(text="% ")) == 1
    assert len(house.library.list_files(text="R_X.MP")) == 1
    assert len(house.library.list_files(text="00_")) == 0
    (root / "003.mp3").unlink()
    house.scan(music)
    assert [entry.relative_path for entry in house.library.list_files(state="missing")] == [
        "003.mp3"
    ]


def test_statistics_are_of_what_is_there(house, root, files):
    files.put(root, *(f"{n}.mp3" for n in range(5)), content=b"12345")
    music = house.library.add_library("Music", root).id
    assert house.library.statistics().files == 0
    house.scan(music)
    ids = [row_id for _, (row_id, _) in sorted(house.rows(music).items())]
    tags = [
        ("A", None, "One"),
        ("A", None, "Two"),
        ("B", "A", "Two"),
        ("C", None, None),
        ("D", None, "One"),
    ]
    with house.database.write() as tx:
        for row_id, (artist, album_artist, album) in zip(ids, tags, strict=True):
            values = {"artist": artist, "album_artist": album_artist, "album": album}
            tx.execute(
                insert(media).values(file_id=row_id, duration_s=10.5, probed_at=now_s(), **values)
            )
    (root / "4.mp3").unlink()
    house.scan(music)
    figures = house.library.statistics(music)
    assert (figures.files, figures.missing, figures.size_bytes) == (4, 1, 20)
    assert (figures.artists, figures.albums, figures.duration_s) == (3, 2, 42.0)


def test_missing_files_are_forgotten_only_when_asked(house, root, files):
    files.put(root, "a.mp3", "b.mp3", "c.mp3")
    music = house.library.add_library("Music", root).id
    house.scan(music)
    (root / "a.mp3").unlink()
    house.scan(music)
    assert len(house.rows(music)) == 3
    assert house.library.purge_missing(music) == 1
    assert set(house.rows(music)) == {"b.mp3", "c.mp3"}


def test_path_maps_are_kept(house):
    longer = house.library.add_path_map("/music/flac/", "/nas/flac")
    house.library.add_path_map("/music", "/media")
    with pytest.raises(Invalid):
        house.library.add_path_map("/music/", "/elsewhere")
    assert [one.theirs for one in house.library.list_path_maps()] == ["/music", "/music/flac"]
    assert str(house.library.to_ours("/music/flac/a.flac")) == "/nas/flac/a.flac"
    assert house.library.to_theirs("/media/b.mp3") == "/music/b.mp3"
    house.library.remove_path_map(longer.id)
    with pytest.raises(NotFound):
        house.library.remove_path_map(longer.id)
    assert str(house.library.to_ours("/music/flac/a.flac")) == "/media/flac/a.flac"
