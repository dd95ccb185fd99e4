"""Packing a track's tags for counting."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mediant.tagging.digest import MOST, digest_tags

KEYS = st.text("abcz_-", min_size=1, max_size=6)
DECIMALS = st.builds("{:.{}f}".format, st.floats(-20, 9000), st.integers(0, 5))
VALUES = st.lists(DECIMALS | st.text(max_size=5), max_size=3).map(tuple)
TAGS = st.dictionaries(KEYS, VALUES, max_size=8)


def test_plain_decimals_are_packed_and_the_rest_is_named() -> None:
    tags = {"genre": ("Rock", "Pop"), "energy": ("0.1234",), "bpm": ("128.0",), "none": ()}
    digest = digest_tags(tags)
    assert digest.form.decimals == (("bpm", 1), ("energy", 4))
    assert digest.form.others == ("genre",)
    assert digest.numbers == f"{1280:04x}{1234:04x}"


def test_what_is_not_a_plain_decimal_keeps_its_spelling_elsewhere() -> None:
    odd = ("1", "-0.5", "01.5", ".5", "1.", "1e5", "0.12345", "nan", "6553.6", "١.٥", "1.5\n")
    for value in odd:
        assert digest_tags({"k": (value,)}).form.others == ("k",), value
    assert digest_tags({"k": ("6553.5",)}).numbers == "ffff"
    assert digest_tags({"k": ("0.1", "0.2")}).form.others == ("k",)


@given(TAGS)
def test_every_packed_number_can_be_spelled_again(tags: dict[str, tuple[str, ...]]) -> None:
    digest = digest_tags(tags)
    codes = [int(code, 16) for code in re.findall("....", digest.numbers)]
    assert len(codes) == len(digest.form.decimals)
    for (key, digits), code in zip(digest.form.decimals, codes, strict=True):
        whole, part = divmod(code, 10**digits)
        assert {*tags[key]} == {f"{whole}.{part:0{digits}}"}
        assert code <= MOST
    named = {*digest.form.others, *(key for key, _digits in digest.form.decimals)}
    assert named == {key for key, values in tags.items() if values}


@given(TAGS, TAGS)
def test_forms_have_one_number_each(
    one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]
) -> None:
    first, second = digest_tags(one).form, digest_tags(other).form
    assert (first == second) == (first.id == second.id)
    assert 0 <= first.id < 1 << 56
