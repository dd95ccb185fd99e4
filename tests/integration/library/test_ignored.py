"""Files that globs of the settings leave out of a library."""

import pytest

from mediant.errors import Refused
from mediant.settings.model import LibrarySettings


@pytest.fixture
def settings():
    return LibrarySettings(ignore=["*/Audiobooks/*"])


def test_what_is_ignored_is_not_scanned_whole_or_in_part(house, music, root, files):
    files.put(root, "Audiobooks/a.mp3", "b.mp3")
    house.scan(music)
    house.scan(music, paths=["Audiobooks", "Audiobooks/a.mp3"])
    assert set(house.rows(music)) == {"b.mp3"}


def test_what_is_ignored_by_now_is_not_missing(house, music, root, files):
    files.put(root, "Audiobooks/a.mp3", "Audiobooks/x/b.mp3", "c.mp3", "d.mp3")
    for name in ("Audiobooks/a.mp3", "Audiobooks/x/b.mp3", "c.mp3", "d.mp3"):
        house.library.register(root / name)  # as by a scan before the glob was set
    (root / "c.mp3").unlink()
    summary = house.scan(music)
    assert (summary["ignored"], summary["missing"], summary["seen"]) == (2, 1, 1)
    states = {path: state for path, (_, state) in house.rows(music).items()}
    assert states == {
        "Audiobooks/a.mp3": "ignored",
        "Audiobooks/x/b.mp3": "ignored",
        "c.mp3": "missing",
        "d.mp3": "present",
    }
    figures = house.library.statistics(music)
    assert (figures.files, figures.missing) == (1, 1)
    assert house.scan(music)["ignored"] == 0, "told once"
    assert house.library.purge_missing(music) == 1, "an ignored file is not forgotten"
    assert set(house.rows(music)) == {"Audiobooks/a.mp3", "Audiobooks/x/b.mp3", "d.mp3"}


def test_a_root_of_which_all_is_ignored_is_not_taken_for_empty(house, music, root, files):
    files.put(root, "Audiobooks/a.mp3")
    house.library.register(root / "Audiobooks/a.mp3")
    assert house.scan(music)["ignored"] == 1
    (root / "Audiobooks/a.mp3").unlink()
    files.put(root, "b.mp3")
    house.library.register(root / "b.mp3")
    (root / "b.mp3").unlink()
    with pytest.raises(Refused, match="Nothing was changed"):
        house.scan(music)


def test_files_return_when_they_are_ignored_no_longer(house, music, root, files, settings):
    files.put(root, "Audiobooks/a.mp3", "Audiobooks/b.mp3", "Audiobooks/c.mp3", "d.mp3")
    ids = {path.name: house.library.register(path).id for path in sorted(root.rglob("*.mp3"))}
    assert house.scan(music)["ignored"] == 3
    settings.ignore.clear()
    files.put(root, "Audiobooks/b.mp3", content=b"longer than before")
    (root / "Audiobooks/c.mp3").unlink()
    summary = house.scan(music)
    assert (summary["returned"], summary["changed"], summary["missing"]) == (1, 1, 1)
    assert {path.rpartition("/")[2]: row for path, row in house.rows(music).items()} == {
        "a.mp3": (ids["a.mp3"], "present"),
        "b.mp3": (ids["b.mp3"], "present"),
        "c.mp3": (ids["c.mp3"], "missing"),
        "d.mp3": (ids["d.mp3"], "present"),
    }
