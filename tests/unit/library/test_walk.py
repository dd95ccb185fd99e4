"""Walking real folders."""

import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediant.library.diff import Found, Span, span_of_folder
from mediant.library.walk import Rules, Skipped, Unread, Walk, found, list_folder, signed


def put(root, *paths):
    for path in paths:
        target = root / os.fsdecode(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(os.fsencode(path))


def walk(root, ignore=(), lister=list_folder):
    return list(Walk(str(root), Rules(ignore), lister).folder())


def paths(steps):
    return [step.path for step in steps if isinstance(step, Found)]


def test_files_come_in_the_byte_order_of_their_whole_paths(tmp_path):
    names = [
        "a/z.mp3",
        "a.mp3",
        "a b/x.mp3",
        "a0.mp3",
        "A.mp3",
        "é.mp3",
        "\U0001f3b5.mp3",
        "\ufb01.mp3",
    ]
    put(tmp_path, *names)
    assert paths(walk(tmp_path)) == sorted(names, key=str.encode)


def test_hidden_and_foreign_files_are_passed_over(tmp_path):
    put(tmp_path, "a.MP3", ".b.mp3", ".hidden/c.mp3", "d.mp3.tmp", "e.mp3~", "cover.jpg", "f")
    put(tmp_path, ".g.mp3.mediant~", "@eaDir/h.mp3", "#recycle/i.mp3", "lost+found/j.mp3")
    assert paths(walk(tmp_path)) == ["a.MP3"]


def test_ignored_globs_are_passed_over_with_all_below_them(tmp_path):
    put(tmp_path, "Audiobooks/x/a.mp3", "Music/a.mp3", "Music/b.wav", "Music/Audiobooks.mp3")
    listed = []

    def note(path):
        listed.append(path)
        return list_folder(path)

    steps = walk(tmp_path, ["*/Audiobooks/*", "*.wav"], note)
    assert paths(steps) == ["Music/Audiobooks.mp3", "Music/a.mp3"]
    assert listed == [str(tmp_path), str(tmp_path / "Music")]


def test_a_glob_for_files_does_not_hide_folders(tmp_path):
    put(tmp_path, "x.wav/a.mp3", "foo/abc.mp3")
    assert paths(walk(tmp_path, ["*.wav", "*[!3]"])) == ["foo/abc.mp3", "x.wav/a.mp3"]


def test_links_are_not_followed_and_loops_end(tmp_path):
    put(tmp_path, "music/a.mp3", "elsewhere/b.mp3")
    root = tmp_path / "music"
    (root / "loop").symlink_to(root)
    (root / "other").symlink_to(tmp_path / "elsewhere")
    (root / "link.mp3").symlink_to(tmp_path / "elsewhere/b.mp3")
    (root / "self").symlink_to(root / "self")
    (root / "dead.mp3").symlink_to(root / "nowhere.mp3")
    (root / "text").symlink_to("/etc/hostname")
    steps = walk(root)
    assert paths(steps) == ["a.mp3"]
    assert sorted(step.path for step in steps if isinstance(step, Skipped)) == [
        "dead.mp3",
        "link.mp3",
        "loop",
        "other",
    ]


def test_names_that_are_not_utf8_are_named_and_skipped(tmp_path):
    put(
        tmp_path, b"bad\xff.mp3", b"folder\xfe/x.mp3", "good.mp3", "sub/" + os.fsdecode(b"\xe9.mp3")
    )
    steps = walk(tmp_path)
    assert paths(steps) == ["good.mp3"]
    skipped = {step.path for step in steps if isinstance(step, Skipped)}
    assert skipped == {"bad\\xff.mp3", "folder\\xfe", "sub/\\xe9.mp3"}


def test_names_are_kept_as_they_are_composed_or_not_and_with_newlines(tmp_path):
    names = ["caf\u00e9.mp3", "cafe\u0301.mp3", "two\nlines.mp3", " .mp3 x.mp3", "a\x01.mp3"]
    put(tmp_path, *names)
    assert paths(walk(tmp_path)) == sorted(names)


def test_only_regular_files_are_files(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "folder.mp3").mkdir()
    put(tmp_path, "folder.mp3/a.mp3")
    os.mkfifo(tmp_path / "pipe.txt")
    os.mknod(tmp_path / "socket.mp3", stat.S_IFSOCK | 0o600)
    steps = walk(tmp_path)
    assert paths(steps) == ["folder.mp3/a.mp3"]
    skipped = sorted(step for step in steps if isinstance(step, Skipped))
    assert skipped == [Skipped("kind", "pipe.mp3"), Skipped("kind", "socket.mp3")]


def test_a_folder_that_cannot_be_read_is_one_unread_span(tmp_path):
    put(tmp_path, "a/x.mp3", "b/x.mp3", "c/x.mp3")

    def fail_at_b(path):
        if path.endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return list_folder(path)

    steps = walk(tmp_path, lister=fail_at_b)
    assert paths(steps) == ["a/x.mp3", "c/x.mp3"]
    assert steps[1] == Unread(span_of_folder("b"), "Permission denied")


def test_a_folder_that_becomes_a_file_during_the_walk_is_unread(tmp_path):
    put(tmp_path, "a/x.mp3", "b/x.mp3")
    steps = Walk(str(tmp_path), Rules()).folder()
    first = next(steps)
    (tmp_path / "b/x.mp3").unlink()
    (tmp_path / "b").rmdir()
    (tmp_path / "b").write_bytes(b"")
    rest = list(steps)
    assert paths([first]) == ["a/x.mp3"]
    assert [type(step) for step in rest] == [Unread]


def test_a_target_is_looked_at_as_file_and_as_folder(tmp_path):
    put(tmp_path, "a/x.mp3", "b.mp3", ".hidden/x.mp3")
    walk = Walk(str(tmp_path), Rules())

    def look(target):
        return [(span, paths(steps)) for span, steps in walk.target(target)]

    assert look("a") == [(Span("a", "a\x01"), []), (Span("a/", "a0"), ["a/x.mp3"])]
    assert look("b.mp3")[0] == (Span("b.mp3", "b.mp3\x01"), ["b.mp3"])
    assert [files for _, files in look("gone/deep")] == [[], []]
    assert [files for _, files in look(".hidden")] == [[], []]
    assert [files for _, files in look(".hidden/x.mp3")] == [[], []]


@pytest.mark.parametrize(
    ("inode", "stored"), [(5, 5), (2**63 - 1, 2**63 - 1), (2**63, -(2**63)), (2**64 - 1, -1)]
)
def test_inodes_are_signed(inode, stored):
    assert signed(inode) == stored


def test_found_takes_what_the_file_system_says(tmp_path):
    put(tmp_path, "a.mp3")
    stat = (tmp_path / "a.mp3").stat()
    assert found("a.mp3", stat) == ("a.mp3", 5, stat.st_mtime_ns, signed(stat.st_ino))


tree = st.lists(
    st.lists(st.text("ab .0é", min_size=1, max_size=3), min_size=1, max_size=4), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(tree)
def test_any_tree_is_walked_whole_and_in_order(tmp_path_factory, tree):
    root = tmp_path_factory.mktemp("tree")
    wanted = set()
    for parts in tree:
        parts = [part.strip(".") or "x" for part in parts]
        path = "/".join(parts) + ".mp3"
        put(root, path)
        wanted.add(path)
    assert paths(walk(root)) == sorted(wanted, key=str.encode)
