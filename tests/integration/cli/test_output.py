"""How tables leave the command: whole in a pipe, folded on a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.cli.unread import list_unread
from mediant.testing.media import MediaFactory
from mediant.testing.waiting import PATIENCE_S

NARROW = 40
NO_ROOM = "COLUMNS"


@pytest.fixture
def long_named(shell: Shell, tmp_path: Path) -> Path:
    """A library whose path is longer than any terminal is wide."""
    media = MediaFactory(tmp_path / ("a long name " * 8).strip() / ("b" * 90))
    media.song("one.mp3", seconds=1)
    shell.well("libraries", "add", media.folder)
    return media.folder


def test_a_piped_table_has_a_line_a_row(shell: Shell, long_named: Path) -> None:
    piped = Shell(shell.config_dir, {**shell.environ, NO_ROOM: ""})
    head, row = piped.well("libraries").out.splitlines()
    assert str(long_named) in row
    assert head.index("folder") == row.index(str(long_named))
    assert not any(line != line.rstrip() for line in (head, row))


def test_a_table_fits_its_terminal(shell: Shell, long_named: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, NARROW, 0, 0))
    environ = {**shell._environ(), "TERM": "xterm", "NO_COLOR": "1"}
    del environ[NO_ROOM]
    done = subprocess.Popen(
        shell._command(("libraries",)), env=environ, stdin=theirs, stdout=theirs
    )
    os.close(theirs)
    text = b""
    while True:
        try:
            text += os.read(ours, 1 << 16)
        except OSError:
            break
    os.close(ours)
    assert done.wait(PATIENCE_S) == 0
    lines = text.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert len(lines) > 3
    assert max(len(line) for line in lines) <= NARROW
    assert str(long_named) not in text.decode()


def test_what_a_scan_could_not_read_is_named() -> None:
    result = {"unread": 7, "unread_paths": [f"{n} (Permission denied)" for n in range(5)]}
    lines = list_unread(result, 3)
    assert lines[0] == "Not read, left as it is: 0 (Permission denied)"
    assert lines[-1] == "Not read, left as they are: 2 more (mediant jobs show 3)"
    assert len(lines) == 6
    # Two spans of one name are one thing to look after.
    assert len(list_unread({"unread": 2, "unread_paths": ["x (gone)"]}, 3)) == 1
    assert list_unread({"unread": 0}, 3) == []
