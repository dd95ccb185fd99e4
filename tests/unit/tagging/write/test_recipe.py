"""Recipes: what they make, and that their inverse makes the old bytes again."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.tagging.write.recipe import (
    Copy,
    Put,
    Shift,
    cut,
    edit,
    follow,
    invert,
    join,
    length_of,
    pack,
    unpack,
)
from mediant.tagging.write.source import Source, same_bytes

DATA = st.binary(max_size=300)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("recipes") / "bytes"


def make(path, data, steps):
    """What `steps` make of `data`."""
    path.write_bytes(data)
    with Source(path) as source:
        return b"".join(follow(steps, source))


def undo_of(path, data, steps):
    path.write_bytes(data)
    with Source(path) as source:
        return pack(invert(steps, source))


@st.composite
def recipes(draw):
    """Any bytes, and any steps over them: in any order, overlapping, repeated, left out."""
    data = draw(DATA)
    steps = []
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, len(data) - start))
        steps.append(draw(st.sampled_from([Copy(start, length), Put(data[:7]), Put(b"new")])))
    return data, steps


@given(recipes())
def test_the_inverse_of_any_recipe_restores_the_old_bytes(place, case):
    data, steps = case
    new = make(place, data, steps)
    assert len(new) == length_of(steps)
    undo = undo_of(place, data, steps)
    assert make(place, new, unpack(undo)) == data


@given(DATA, DATA)
def test_any_two_byte_strings_round_trip(place, old, new):
    steps = [Put(new)]
    assert make(place, make(place, old, steps), unpack(undo_of(place, old, steps))) == old


@given(recipes(), st.data())
def test_a_cut_is_a_slice(place, case, choice):
    data, steps = case
    whole = make(place, data, steps)
    start = choice.draw(st.integers(0, len(whole)))
    end = choice.draw(st.integers(start, len(whole)))
    assert make(place, data, cut(steps, start, end)) == whole[start:end]


@given(recipes())
def test_joining_changes_no_byte(place, case):
    data, steps = case
    assert make(place, data, join(steps)) == make(place, data, steps)


@given(st.lists(st.integers(0, 2**32 - 1 - 1000), max_size=50), st.integers(0, 1000))
def test_shifted_tables_come_back(place, numbers, by):
    data = b"".join(number.to_bytes(4, "big") for number in numbers)
    steps = [Put(b"head"), Shift(0, len(data), 4, by)]
    new = make(place, data, steps)
    assert new[4:] == b"".join((number + by).to_bytes(4, "big") for number in numbers)
    assert make(place, new, unpack(undo_of(place, data, steps))) == data


def test_edit_replaces_ranges_in_any_order(place):
    steps = edit(10, [(8, 9, [Put(b"H")]), (0, 0, [Put(b"<")]), (2, 5, [])])
    assert make(place, b"0123456789", steps) == b"<01567H9"


def test_the_undo_of_a_small_change_in_a_large_file_is_small(place):
    data = random.Random(1).randbytes(5_000_000)
    steps = edit(len(data), [(100, 120, [Put(b"x" * 3000)])])
    assert len(undo_of(place, data, steps)) < 100


@pytest.mark.parametrize("data", [b"", b"MDR1", b"MDR1garbage", b"XXXX" + pack([])[4:]])
def test_a_damaged_undo_record_is_refused(data):
    with pytest.raises(Invalid):
        unpack(data)


@given(DATA, st.lists(st.integers(0, 300)), st.lists(st.integers(0, 300)))
def test_the_same_bytes_cut_in_any_way_are_the_same(data, here, there):
    def pieces(cuts):
        bounds = [0, *sorted(min(at, len(data)) for at in cuts), len(data)]
        return [data[a:b] for a, b in pairwise(bounds)]

    assert same_bytes(pieces(here), pieces(there))
    assert not same_bytes(pieces(here), [*pieces(there), b"x"])
    assert not same_bytes([b"x", *pieces(here)], pieces(there))
    if data:
        changed = bytes([data[0] ^ 1]) + data[1:]
        assert not same_bytes(pieces(here), [changed])
