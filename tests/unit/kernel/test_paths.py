"""The temporary name beside a file."""

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mediant.kernel.paths import LONGEST_NAME, temp_beside

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
