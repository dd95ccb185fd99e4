"""Missing files are forgotten when it was asked for, and only those."""

from mediant.library.walk import list_folder


def test_missing_files_are_forgotten_only_when_it_was_asked_for(house, music, root, files):
    files.put(root, "a.mp3", "b.mp3", "c.mp3")
    house.scan(music)
    (root / "a.mp3").unlink()
    assert "removed" not in house.scan(music)
    (root / "b.mp3").unlink()
    assert house.scan(music, clean_missing=True)["removed"] == 2
    assert set(house.rows(music)) == {"c.mp3"}


def test_missing_files_are_forgotten_only_where_the_scan_walked(house, music, root, files):
    files.put(root, "a/x.mp3", "b/y.mp3", "b.mp3", "c.mp3")
    house.scan(music)
    for name in ("a/x.mp3", "b/y.mp3", "b.mp3"):
        (root / name).unlink()
    house.scan(music)
    assert house.scan(music, paths=[root / "b"], clean_missing=True)["removed"] == 1
    assert set(house.rows(music)) == {"a/x.mp3", "b.mp3", "c.mp3"}


def test_what_could_not_be_read_is_not_forgotten(house, music, root, files):
    files.put(root, "shut/x.mp3", "b.mp3", "c.mp3")
    house.scan(music)
    (root / "shut/x.mp3").unlink()
    house.scan(music)
    (root / "b.mp3").unlink()

    def lister(path):
        if path.endswith("/shut"):
            raise PermissionError(13, "Permission denied")
        return list_folder(path)

    assert house.scan(music, lister=lister, clean_missing=True)["removed"] == 1
    assert set(house.rows(music)) == {"shut/x.mp3", "c.mp3"}
