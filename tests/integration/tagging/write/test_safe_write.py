"""What a write keeps, and when it refuses: links, owner, mode, times, disks, other writers."""

import os
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.integration.tagging.write.music import TAGS, WRITABLE, sha256, write

from mediant.errors import Invalid, WriteError
from mediant.kernel.paths import temp_beside
from mediant.tagging.write import (
    discard_leftover,
    prepare_write,
    read_own,
    supported_container,
    undo_write,
)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")


def prepare(path, tags=TAGS, **options):
    return prepare_write(path, tags, namespace="nom", keep_mtime=True, **options)


def check_refused(path, code, remedy):
    """Refused with that code and a remedy; the file as before, nothing beside it."""
    before = sha256(path)
    with pytest.raises(WriteError) as caught:
        prepare(path)
    assert caught.value.code == code
    assert caught.value.asset == str(path)
    assert remedy in str(caught.value)
    assert sha256(path) == before
    assert not temp_beside(path).exists()


@pytest.fixture
def mounted(tmp_path):
    """`mounted(*options)`: a small disk of its own; skips where mounting is not permitted."""
    made: list[Path] = []

    def mount(*options):
        folder = tmp_path / f"disk{len(made)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("mounting is not permitted here")
        made.append(folder)
        return folder

    yield mount
    for folder in made:
        subprocess.run(["umount", str(folder)], check=True)


# --- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", WRITABLE)
def test_mode_and_modification_time_are_kept(song, suffix):
    path = song(suffix)
    path.chmod(0o640)
    os.utime(path, ns=(10**18 + 1, 10**18 + 123456789))
    with prepare(path) as prepared:
        written = prepared.apply()
    found = path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert found.st_mtime_ns == 10**18 + 123456789
    assert (written.size, written.mtime_ns, written.inode) == (
        found.st_size,
        found.st_mtime_ns,
        found.st_ino,
    )


def test_the_modification_time_moves_when_asked(song):
    path = song("mp3")
    os.utime(path, ns=(1, 1))
    write(path, TAGS, keep_mtime=False)
    assert path.stat().st_mtime_ns > 10**18


def test_extended_attributes_are_kept(song):
    path = song("mp3")
    try:
        os.setxattr(path, "user.rating", b"5")
    except OSError:
        pytest.skip("this disk keeps no extended attributes")
    write(path, TAGS)
    assert os.getxattr(path, "user.rating") == b"5"


@needs_root
def test_owner_group_and_special_bits_are_kept(song):
    path = song("mp3")
    os.chown(path, 12345, 23456)
    path.chmod(0o6755)
    write(path, TAGS)
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o6755)


def test_a_symbolic_link_stays_and_its_target_is_written(song, tmp_path):
    path = song("mp3")
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.mp3"
    link.symlink_to(path)
    write(link, TAGS)
    assert link.is_symlink()
    assert read_own(path, "nom") == read_own(link, "nom") == TAGS
    assert list(link.parent.iterdir()) == [link]


def test_hard_links_are_refused_unless_they_may_break(song, tmp_path):
    path = song("mp3")
    other = tmp_path / "torrent.mp3"
    other.hardlink_to(path)
    before = sha256(other)
    check_refused(path, "hard_linked", "tagging.break_hard_links")
    write(path, TAGS, break_links=True)
    assert read_own(path, "nom") == TAGS
    assert sha256(other) == before
    assert other.stat().st_nlink == 1


# --- when it is refused ---------------------------------------------------------------------------


@needs_root
def test_a_read_only_mount(song, mounted):
    folder = mounted("size=8m")
    path = folder / "song.mp3"
    path.write_bytes(song("mp3").read_bytes())
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    check_refused(path, "read_only", "read-write")


@needs_root
def test_a_full_disk(song, mounted):
    path = song("wav")
    folder = mounted(f"size={path.stat().st_size + 100_000}")
    small = folder / "song.wav"
    small.write_bytes(path.read_bytes())
    check_refused(small, "no_space", "Free as much space")


def test_a_limit_on_file_size_counts_as_no_space(song):
    path = song("wav")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, limits[1]))
    try:
        check_refused(path, "no_space", "Free as much space")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@needs_root
def test_an_immutable_file(song):
    path = song("mp3")
    if subprocess.run(["chattr", "+i", str(path)], check=False, capture_output=True).returncode:
        pytest.skip("this disk knows no immutable files")
    try:
        check_refused(path, "not_permitted", "write permission")
    finally:
        subprocess.run(["chattr", "-i", str(path)], check=True)


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o666), (0o777, 0o444)])
def test_a_user_without_permission(song, tmp_path, folder_mode, file_mode):
    """In a process of a user who is neither root nor the owner."""
    path = song("mp3")
    before = sha256(path)
    path.chmod(file_mode)
    tmp_path.chmod(folder_mode)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from mediant.errors import WriteError\n"
        "from mediant.tagging.write import prepare_write\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: prepare_write(Path(sys.argv[1]), {'a': ['1']}, namespace='nom', keep_mtime=True)\n"
        "except WriteError as error: print(error.code)\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    tmp_path.chmod(0o755)
    assert (ended.stdout, ended.stderr) == ("not_permitted\n", "")
    assert sha256(path) == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_and_a_folder(tmp_path):
    for path, code in ((tmp_path / "none.mp3", "vanished"), (tmp_path, "write_failed")):
        with pytest.raises(WriteError) as caught:
            prepare(path)
        assert caught.value.code == code
    with pytest.raises(FileNotFoundError):
        supported_container(tmp_path / "none.mp3")


@pytest.mark.parametrize("tags", [{"Bad Key": ["1"]}, {"mood_strict": ["1"]}, {"a": ["x\0y"]}])
def test_tags_that_cannot_be_stored(song, tags):
    path = song("mp3")
    with pytest.raises(Invalid):
        prepare(path, tags)


# --- others at the same file ----------------------------------------------------------------------


def append(path):
    with path.open("ab") as file:
        file.write(b"x")


def replace(path):
    other = path.with_suffix(".other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


@pytest.mark.parametrize("change", [append, replace, Path.unlink])
def test_a_file_changed_between_prepare_and_apply_is_left_alone(song, change):
    path = song("mp3")
    prepared = prepare(path)
    change(path)
    now = sha256(path) if path.exists() else None
    with pytest.raises(WriteError) as caught:
        prepared.apply()
    assert caught.value.code == ("vanished" if now is None else "file_changed")
    assert (sha256(path) if path.exists() else None) == now
    assert not temp_beside(path).exists()


def test_two_writers_at_once(song):
    path = song("mp3")
    with prepare(path) as first:
        with pytest.raises(WriteError) as caught:
            prepare(path, {"other": ["1"]})
        assert caught.value.code == "write_under_way"
        assert not discard_leftover(path)
        first.apply()
    assert read_own(path, "nom") == TAGS


def test_many_threads_write_one_file_and_it_holds_one_of_their_tags(song):
    path = song("flac")
    refused = []

    def work(number):
        for turn in range(10):
            try:
                with prepare(path, {"k": [f"{number} {turn}"]}) as prepared:
                    prepared.apply()
            except WriteError as error:
                refused.append(error.code)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(refused) <= {"write_under_way", "file_changed", "vanished"}
    assert len(read_own(path, "nom")["k"]) == 1
    assert list(path.parent.iterdir()) == [path]


def test_a_leftover_is_removed_or_written_over(song):
    path = song("mp3")
    temp_beside(path).write_bytes(b"half")
    assert discard_leftover(path)
    assert not discard_leftover(path)
    temp_beside(path).write_bytes(b"half")
    write(path, TAGS)
    assert read_own(path, "nom") == TAGS
    assert list(path.parent.iterdir()) == [path]


def test_the_longest_name_is_written_too(song):
    path = song("mp3")
    path = path.rename(path.with_name("ä" * 125 + "x.mp3"))
    temp_beside(path).write_bytes(b"half")
    assert discard_leftover(path)
    write(path, TAGS)
    assert read_own(path, "nom") == TAGS
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_undo_record_changes_nothing(song):
    path = song("mp3")
    done = write(path, TAGS)
    before = sha256(path)
    for undo in (b"garbage", done.undo[:-9]):
        with pytest.raises(Invalid):
            undo_write(
                path,
                undo=undo,
                before_hash=done.before_hash,
                after_hash=done.after_hash,
                own_before=done.own_before,
                namespace="nom",
                keep_mtime=True,
            )
    assert sha256(path) == before
    assert list(path.parent.iterdir()) == [path]
