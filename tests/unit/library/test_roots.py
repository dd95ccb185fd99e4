"""Roots that are there, and roots that only seem to be."""

import pytest

from mediant.errors import Invalid, Refused
from mediant.library.roots import check_root, check_same, new_root, read_stamp


def test_a_root_with_files_is_fine(tmp_path):
    (tmp_path / "a.mp3").touch()
    assert check_root(tmp_path, known=5) == read_stamp(tmp_path)


def test_an_empty_root_is_fine_only_while_nothing_is_known(tmp_path):
    check_root(tmp_path, known=0)
    with pytest.raises(Refused, match=r"although some are known.*Nothing was changed"):
        check_root(tmp_path, known=3)


def test_a_missing_root_is_refused(tmp_path):
    with pytest.raises(Refused, match="Nothing was changed"):
        check_root(tmp_path / "gone", known=0)


def test_a_file_is_no_root(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(Refused, match="not a folder"):
        check_root(tmp_path / "a", known=0)


def test_a_root_that_was_replaced_is_noticed(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    stamp = read_stamp(root)
    check_same(root, stamp)
    root.rename(tmp_path / "old")
    root.mkdir()
    with pytest.raises(Refused, match="Another file system"):
        check_same(root, stamp)


def test_a_new_root_is_resolved(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert new_root(tmp_path / "link", []) == tmp_path / "real"


@pytest.mark.parametrize("path", ["a", "a/b", ".", "nowhere", "/"])
def test_bad_and_overlapping_roots_are_refused(tmp_path, path):
    (tmp_path / "a/b").mkdir(parents=True)
    with pytest.raises(Invalid):
        new_root(tmp_path / path, [("first", tmp_path / "a")])
