"""Files put in another's place."""

import os
import stat
from pathlib import Path

import pytest

from mediant.kernel.flush import replace


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "told.json"
    for content in (b"one", b"two"):
        replace(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("mode", "umask", "found"), [(0o666, 0o022, 0o644), (0o600, 0, 0o600)])
def test_others_may_read_it_as_far_as_was_wished(
    tmp_path: Path, mode: int, umask: int, found: int
) -> None:
    before = os.umask(umask)
    try:
        replace(tmp_path / "told.json", b"{}", mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "told.json").stat().st_mode) == found


def test_what_cannot_be_replaced_stays_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "told.json").mkdir()
    with pytest.raises(IsADirectoryError):
        replace(tmp_path / "told.json", b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["told.json"]
