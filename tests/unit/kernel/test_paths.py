"""The temporary name beside a file, and paths that lead nowhere."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import MediaError
from mediant.kernel.paths import LONGEST_NAME, LONGEST_PATH, real, temp_beside

names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


@given(names.filter(lambda name: name not in {".", ".."}).map(lambda name: name * 20))
def test_it_fits_is_hidden_and_always_the_same(name: str) -> None:
    path = Path("/music", os.fsdecode(os.fsencode(name)[:LONGEST_NAME]))
    temp = temp_beside(path)
    assert temp == temp_beside(path)
    assert temp.parent == path.parent
    assert temp.name.startswith(".")
    assert temp.name.endswith(".mediant~")
    assert len(os.fsencode(temp.name)) <= LONGEST_NAME


def test_long_names_do_not_share_one() -> None:
    one, two = (Path("/music", "x" * 250 + end) for end in ("1.mp3", "2.mp3"))
    assert temp_beside(one) != temp_beside(two)
    assert temp_beside(Path("/music/a.mp3")).name == ".a.mp3.mediant~"


def test_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (
        tmp_path / "loop" / "song.mp3",
        tmp_path / ("x" * (LONGEST_NAME + 1)),
        tmp_path / ("ü" * LONGEST_NAME),
        Path("/" + "x/" * (LONGEST_PATH // 2 + 1)),
        "~nobody-of-this-name/music",
        "/music/\0",
        "/music/\ud800",
    ):
        with pytest.raises(MediaError) as caught:
            real(path)
        assert caught.value.code == "missing"
    name = "x" * LONGEST_NAME
    assert real(tmp_path / name) == tmp_path.resolve() / name
