"""Two wishes to tag one file."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.tagging.wish import merge_wishes

wishes = st.fixed_dictionaries(
    {
        "file_id": st.just(1),
        "path": st.just("/music/song.mp3"),
        "force": st.booleans(),
        "write_mode": st.sampled_from([None, "none", "minimal", "full"]),
        "seen": st.sampled_from(["100:1", "100:2"]),
    }
)


@given(wishes, wishes)
def test_neither_wish_is_weakened(old: dict[str, object], new: dict[str, object]) -> None:
    merged = merge_wishes(old, new)
    assert merged["force"] == (old["force"] or new["force"])
    assert merged["seen"] == new["seen"]
    assert merge_wishes(merged, new) == merged
    assert merge_wishes(old, old) == old


@pytest.mark.parametrize(("old", "new"), list(product(["none", None, "minimal", "full"], repeat=2)))
def test_the_stronger_write_mode_wins(old: str | None, new: str | None) -> None:
    order = ["none", None, "minimal", "full"]
    merged = merge_wishes({"write_mode": old}, {"write_mode": new})
    assert order.index(merged["write_mode"]) == max(order.index(old), order.index(new))
