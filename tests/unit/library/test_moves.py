"""Pairing missing rows with new files."""

from hypothesis import given
from hypothesis import strategies as st

from mediant.library.moves import Candidate, content_key, pair_moves, stat_key


def row(number, path, size=1, mtime_ns=1, inode=1, fingerprint=None):
    return Candidate(number, path, size, mtime_ns, inode, fingerprint, 0.0)


def test_a_rename_keeps_inode_size_and_time():
    moves = pair_moves([row(9, "b/x.mp3")], [row(1, "a/x.mp3")], stat_key)
    assert [(move.old.id, move.new.id) for move in moves] == [(1, 9)]


def test_one_difference_is_no_rename():
    new = [row(9, "x.mp3")]
    for other in (row(1, "x.mp3", size=2), row(1, "x.mp3", mtime_ns=2), row(1, "x.mp3", inode=2)):
        assert not pair_moves(new, [other], stat_key)


def test_unread_contents_never_match():
    assert not pair_moves([row(9, "x.mp3")], [row(1, "x.mp3")], content_key)


def test_equal_contents_are_told_apart_by_their_names():
    missing = [row(1, "a/one.mp3", fingerprint=b"f"), row(2, "a/two.mp3", fingerprint=b"f")]
    new = [row(8, "b/two.mp3", fingerprint=b"f"), row(9, "b/one.mp3", fingerprint=b"f")]
    moves = pair_moves(new, missing, content_key)
    assert {(move.old.id, move.new.id) for move in moves} == {(1, 9), (2, 8)}


rows = st.lists(
    st.tuples(st.sampled_from(["x", "y"]), st.integers(0, 2), st.sampled_from([None, b"f", b"g"])),
    max_size=8,
)


@given(rows, rows)
def test_every_row_is_used_once_and_none_that_fits_is_left(missing, new):
    olds = [
        row(n, name, size, fingerprint=print_) for n, (name, size, print_) in enumerate(missing)
    ]
    news = [
        row(100 + n, name, size, fingerprint=print_) for n, (name, size, print_) in enumerate(new)
    ]
    moves = pair_moves(news, olds, content_key)
    assert (
        len({move.old.id for move in moves}) == len({move.new.id for move in moves}) == len(moves)
    )
    assert all(content_key(move.old) == content_key(move.new) is not None for move in moves)
    left_old = {content_key(one) for one in olds} - {None}
    used_old = {move.old.id for move in moves}
    used_new = {move.new.id for move in moves}
    for key in left_old:
        free_old = [one for one in olds if content_key(one) == key and one.id not in used_old]
        free_new = [one for one in news if content_key(one) == key and one.id not in used_new]
        assert not (free_old and free_new)
