"""A lock tells a file that is in use from one that was left behind."""

from mediant.kernel.file_lock import try_lock


def test_a_lock_lasts_until_the_file_is_closed(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as first, path.open("rb") as second:
        assert try_lock(first.fileno())
        assert not try_lock(second.fileno())
        first.close()
        assert try_lock(second.fileno())
