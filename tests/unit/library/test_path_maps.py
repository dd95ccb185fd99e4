"""One folder, two names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.library.path_maps import PathMap, check_map, to_ours, to_theirs

part = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=6
)
part = part.filter(lambda name: name not in (".", ".."))
posix = st.lists(part, max_size=4).map(lambda parts: "/" + "/".join(parts))
maps = st.lists(st.tuples(posix, posix), max_size=4, unique_by=lambda pair: pair[0])


def make(pairs):
    return [PathMap(number, *check_map(*pair)) for number, pair in enumerate(pairs)]


def test_the_longest_folder_wins():
    table = make([("/music", "/media"), ("/music/flac", "/nas/flac")])
    assert str(to_ours(table, "/music/flac/a.flac")) == "/nas/flac/a.flac"
    assert str(to_ours(table, "/music/mp3/a.mp3")) == "/media/mp3/a.mp3"


def test_only_whole_names_match():
    table = make([("/music", "/media")])
    assert str(to_ours(table, "/musical/a.mp3")) == "/musical/a.mp3"
    assert str(to_ours(table, "/music")) == "/media"


def test_windows_paths_are_understood_whatever_their_case_and_slashes():
    table = make([("D:\\Music\\", "/media/music")])
    assert str(to_ours(table, "d:/music/A/b.flac")) == "/media/music/A/b.flac"
    assert str(to_theirs(table, "/media/music/A/b.flac")) == "D:\\Music\\A\\b.flac"
    with pytest.raises(Invalid):
        to_ours(table, "E:\\b.flac")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("music", "/m"),
        ("/m", "music"),
        ("", "/m"),
        ("/a/../b", "/m"),
        ("/m", "/a/.."),
        ("/m", "D:\\m"),
    ],
)
def test_maps_that_make_no_sense_are_refused(theirs, ours):
    with pytest.raises(Invalid):
        check_map(theirs, ours)


def test_a_path_cannot_climb_out_of_its_folder():
    with pytest.raises(Invalid):
        to_ours(make([("/music", "/media")]), "/music/../etc/passwd")


@given(maps, posix)
def test_what_no_map_covers_stays_as_it_is(pairs, path):
    table = make(pairs)
    parts = [tuple(pair[0].strip("/").split("/")) for pair in pairs]
    mine = tuple(path.strip("/").split("/"))
    if not any(mine[: len(one)] == one or one == ("",) for one in parts):
        assert str(to_ours(table, path)) == path


@given(posix, posix, st.lists(part, max_size=3))
def test_there_and_back_is_the_same_path(theirs, ours, rest):
    table = make([(theirs, ours)])
    path = str(to_ours(table, "/".join([theirs.rstrip("/"), *rest]) or "/"))
    assert str(to_ours(table, str(to_theirs(table, path)))) == path


@pytest.mark.parametrize("path", ["/music/\ud800.mp3", "/music/a\0b"])
def test_a_name_that_no_database_can_hold_is_refused(path):
    with pytest.raises(Invalid) as refused:
        to_ours([], path)
    assert str(refused.value).encode()
