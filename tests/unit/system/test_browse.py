"""Folders are shown where they may be seen, and nowhere else."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mediant.errors import Forbidden, Invalid, NotFound
from mediant.system.browse import browse, list_common

NOBODY = 65534


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """`media` holds folders, files and links; `secret` lies beside it."""
    for name in ("media/Zebra", "media/anime", "media/.hidden", "media/Beta/deep", "secret/keys"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "media/film.mkv").write_bytes(b"x")
    (tmp_path / "media/out").symlink_to(tmp_path / "secret")
    (tmp_path / "media/in").symlink_to(tmp_path / "media/Beta")
    (tmp_path / "media/broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "media/loop").symlink_to(tmp_path / "media/loop")
    return tmp_path


def test_folders_are_listed_by_name_without_files(tree: Path) -> None:
    found = browse(str(tree / "media"), ["/"])
    assert [one.name for one in found.folders] == [".hidden", "anime", "Beta", "in", "out", "Zebra"]
    assert [one.name for one in found.folders if one.is_hidden] == [".hidden"]
    assert found.path == str(tree / "media")
    assert found.parent == str(tree)
    assert all(one.path == f"{found.path}/{one.name}" for one in found.folders)


def test_nobody_goes_above_a_root(tree: Path) -> None:
    roots = [str(tree / "media")]
    assert browse(roots[0], roots).parent is None
    assert browse(f"{roots[0]}/Beta/deep", roots).parent == f"{roots[0]}/Beta"
    assert browse("/", ["/"]).parent is None


@pytest.mark.parametrize("path", ["secret", "media/..", "media/../secret", "media/out", "nowhere"])
def test_nothing_outside_the_roots_is_shown(tree: Path, path: str) -> None:
    with pytest.raises(Forbidden):
        browse(f"{tree}/{path}", [str(tree / "media")])


def test_a_link_that_leads_out_is_marked(tree: Path) -> None:
    found = browse(str(tree / "media"), [str(tree / "media")])
    readable = {one.name: one.is_readable for one in found.folders}
    assert readable["out"] is False
    assert readable["in"] is True


def test_a_root_may_be_a_link(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "media")
    found = browse(str(tree / "link" / "Beta"), [str(tree / "link")])
    assert [one.name for one in found.folders] == ["deep"]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("media/film.mkv", Invalid),
        ("media/none", NotFound),
        ("media/broken", NotFound),
        ("media/loop", NotFound),
    ],
)
def test_what_is_no_folder_is_told(tree: Path, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        browse(f"{tree}/{path}", ["/"])


@pytest.mark.parametrize("path", ["", "media", "./media", "/media\0x"])
def test_a_path_must_be_absolute(path: str) -> None:
    with pytest.raises(Invalid):
        browse(path, ["/"])


def test_a_name_that_is_no_text_is_left_out(tree: Path) -> None:
    os.mkdir(os.fsencode(tree / "media") + b"/caf\xe9")  # noqa: PTH102 (the name is bytes)
    assert "caf" not in "".join(one.name for one in browse(str(tree / "media"), ["/"]).folders)


_AS_NOBODY = """
import os, sys
from mediant.errors import Forbidden
from mediant.system.browse import browse
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
print({{one.name: one.is_readable for one in browse({folder!r}, ["/"]).folders}})
try:
    browse({folder!r} + "/closed", ["/"])
except Forbidden as denied:
    print(denied.text)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
def test_a_folder_that_cannot_be_read_is_forbidden() -> None:
    # Not below `tmp_path`: the folders above it are closed to others.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "open").mkdir(mode=0o755)
        Path(folder, "closed").mkdir(mode=0o700)
        command = [sys.executable, "-c", _AS_NOBODY.format(nobody=NOBODY, folder=folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen, refusal = done.stdout.splitlines()
    assert seen == "{'closed': False, 'open': True}"
    assert refusal == "The folder cannot be read."


def test_common_folders_exist_and_are_allowed(tree: Path) -> None:
    everything = {one.path for one in list_common(["/"])}
    assert "/" in everything
    assert all(Path(one).is_dir() for one in everything)
    assert [one.path for one in list_common([str(tree / "media")])] == [str(tree / "media")]
