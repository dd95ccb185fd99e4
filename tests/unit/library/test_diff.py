"""Comparing what is known with what was found."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mediant.library.diff import (
    AWAY,
    Found,
    Known,
    Span,
    after,
    compare,
    span_of_file,
    span_of_folder,
)

names = st.text(st.sampled_from("ab./ \x01é0\U0001f3b5"), min_size=1, max_size=5)
files = st.dictionaries(names, st.tuples(*[st.integers(0, 2)] * 3), max_size=12)
states = st.sampled_from(["present", "missing", "ignored", "new"])


def found(disk):
    return [Found(path, *stat) for path, stat in sorted(disk.items())]


def apply(rows, difference):
    """The rows after the difference was written, as {path: (stat, is there)}."""
    by_id = {row.id: [row.path, row[2:5], row.state not in AWAY] for row in rows}
    for row_id, file in difference.changed:
        by_id[row_id][1:] = [file[1:], True]
    for row_id in difference.returned:
        by_id[row_id][2] = True
    for row_id in difference.gone:
        by_id[row_id][2] = False
    table = {path: (stat, there) for path, stat, there in by_id.values()}
    return table | {file.path: (file[1:], True) for file in difference.added}


def known(table, state_of, changed_at=0.0):
    return [
        Known(number, path, size, mtime_ns, inode, state_of[number % len(state_of)], changed_at)
        for number, (path, (size, mtime_ns, inode)) in enumerate(sorted(table.items()))
    ]


@given(files, files, st.lists(states, min_size=1, max_size=5), st.sets(names))
def test_what_is_not_looked_for_is_never_gone(table, disk, state_of, taken):
    rows = known(table, state_of)
    seen = {path: stat for path, stat in disk.items() if path in taken}
    difference = compare(rows, found(seen), is_taken=taken.__contains__)
    paths = {row.id: row.path for row in rows}
    assert {paths[row_id] for row_id in difference.gone} <= taken
    assert not {paths[row_id] for row_id in difference.ignored} & taken
    told = {*difference.gone, *difference.ignored}
    silent = {row.id for row in rows if row.state == "missing"}
    silent |= {row.id for row in rows if row.state == "ignored" and row.path not in taken}
    assert told == {row.id for row in rows if row.path not in seen} - silent


@given(files, files, st.lists(states, min_size=1, max_size=5))
def test_afterwards_the_rows_that_are_there_are_the_files_of_the_disk(table, disk, state_of):
    rows = known(table, state_of)
    result = apply(rows, compare(rows, found(disk)))
    assert {path: stat for path, (stat, there) in result.items() if there} == disk
    assert set(result) == set(table) | set(disk), "no row is ever lost"


@given(files, files, st.lists(states, min_size=1, max_size=5), st.lists(names, max_size=4))
def test_spans_judge_every_row_once_however_they_are_cut(table, disk, state_of, cuts):
    rows = known(table, state_of)
    whole = apply(rows, compare(rows, found(disk)))
    borders = ["", *sorted({after(cut) for cut in cuts}), None]
    parts: dict[str, tuple[tuple[int, int, int], bool]] = {}
    for span in itertools.starmap(Span, itertools.pairwise(borders)):
        some = [row for row in rows if span.holds(row.path)]
        here = [file for file in found(disk) if span.holds(file.path)]
        part = apply(some, compare(some, here))
        assert not parts.keys() & part.keys()
        parts |= part
    assert parts == whole


@given(files, names)
def test_untouched_rows_stay_as_they_are(table, folder):
    rows = known(table, ["present"])
    span = span_of_folder(folder.strip("/") or "a")
    result = compare(rows, [], [span])
    assert {row.path for row in rows if row.id not in result.gone} == {
        path for path in table if span.holds(path)
    }


def test_an_unchanged_file_is_the_same():
    rows = known({"a.mp3": (1, 2, 3)}, ["present"])
    assert compare(rows, [Found("a.mp3", 1, 2, 3)]).same == [0]


def test_an_edit_in_place_is_a_change_though_the_size_is_the_same():
    rows = known({"a.mp3": (1, 2, 3)}, ["present"])
    edited = Found("a.mp3", 1, 9, 3)
    assert compare(rows, [edited]).changed == [(0, edited)]


def test_another_inode_alone_is_a_change():
    rows = known({"a.mp3": (1, 2, 3)}, ["present"])
    assert compare(rows, [Found("a.mp3", 1, 2, 4)]).changed


def test_a_row_that_was_written_after_the_walk_began_is_not_judged_by_it():
    rows = known({"a.mp3": (1, 2, 3), "b.mp3": (1, 2, 3)}, ["present"], changed_at=100.0)
    result = compare(rows, [Found("b.mp3", 7, 7, 7)], since=99.0)
    assert not result.gone
    assert not result.changed


@given(names)
def test_nothing_lies_between_a_path_and_the_one_after_it(path):
    assert span_of_file(path).holds(path)
    assert not span_of_file(path).holds(path + "\x01")
    assert not span_of_file(path).holds(path + "a")
    assert after(path) > path


def test_a_folder_span_holds_what_lies_below_it_and_no_neighbour():
    span = span_of_folder("a")
    assert span.holds("a/b")
    assert span.holds("a/\U0010ffff")
    assert not any(span.holds(path) for path in ("a", "a.mp3", "a b/c", "a0", "b"))
    assert span_of_folder("").holds("anything")
