"""kill -9 at random moments while tags are written: the file is always the old or the new one."""

import hashlib
import os
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from mediant.kernel.paths import temp_beside
from mediant.tagging.write import discard_leftover, prepare_write, read_own, undo_write
from mediant.testing.media import MediaFactory
from mediant.testing.waiting import wait_until

KILLS = 60
LOOP = """
import sys
from pathlib import Path
from mediant.tagging.write import prepare_write
path, record = Path(sys.argv[1]), Path(sys.argv[2])
turn = int(sys.argv[3])
print("ready", flush=True)
while True:
    turn += 1
    tags = {"k": [str(turn)], "long": ["v" * (turn % 7) * 9000 + "."]}
    with prepare_write(path, tags, namespace="nom", keep_mtime=True) as prepared:
        with record.open("a") as file:  # as the database would: before the file is touched
            print(file=file)  # ends a line that a kill cut short
            print(turn, prepared.before_hash.hex(), prepared.after_hash.hex(),
                  prepared.undo.hex(), "whole", file=file)
        prepared.apply()
"""


def start(path: Path, record: Path, turn: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LOOP, str(path), str(record), str(turn)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill_after(process: subprocess.Popen[str], seconds: float) -> None:
    """Let it write for a while, then kill it; it must not have ended by itself."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    kill(process)


def kill_amid(process: subprocess.Popen[str], path: Path) -> None:
    """Kill it while its temporary file lies beside the file."""
    temp = temp_beside(path)

    def is_met() -> bool:
        if not temp.exists():
            return False
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        is_caught = temp.exists()
        if not is_caught:  # it was quicker
            process.send_signal(signal.SIGCONT)
        return is_caught

    wait_until(is_met)
    kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert process.stdout is not None
    process.stdout.close()


def rows_of(record: Path) -> list[list[str]]:
    """The whole lines: turn, hash before, hash after, undo."""
    lines = [line.split() for line in record.read_text().splitlines()]
    return [line for line in lines if line[-1:] == ["whole"]]


def turn_of(record: Path) -> int:
    """The last that was noted; 0 before the first."""
    rows = rows_of(record)
    return int(rows[-1][0]) if rows else 0


def has_passed(record: Path, turn: int) -> bool:
    return turn_of(record) > turn


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "ogg"])
def test_killed_at_any_moment_the_file_is_old_or_new(tmp_path, suffix):
    path = MediaFactory(tmp_path / "music").song(f"song.{suffix}", 20.0, title="Title")
    record = tmp_path / "record"
    record.touch()
    original = digest(path)
    chance = random.Random(suffix)
    known, leftovers, turn = {original}, 0, 0
    for number in range(KILLS // 3):
        process = start(path, record, turn)
        if number % 4:
            kill_after(process, chance.uniform(0.005, 0.06))
        else:
            wait_until(partial(has_passed, record, turn))
            kill_amid(process, path)
        rows = rows_of(record)
        known |= {row[2] for row in rows}
        turn = turn_of(record)
        assert digest(path) in known
        leftovers += discard_leftover(path)
        assert list(path.parent.iterdir()) == [path]
    assert leftovers > 0
    assert turn > 0
    take_all_back(path, rows, original)


def take_all_back(path, rows, original):
    """Every write that was applied is undone by its record, back to the first byte."""
    while digest(path) != original:
        now = digest(path)
        row = next(row for row in reversed(rows) if row[2] == now)
        outcome = undo_write(
            path,
            undo=bytes.fromhex(row[3]),
            before_hash=bytes.fromhex(row[1]),
            after_hash=bytes.fromhex(row[2]),
            own_before={},
            namespace="nom",
            keep_mtime=True,
        )
        assert outcome == "exact"
    assert read_own(path, "nom") == {}


def test_the_next_write_after_a_kill_needs_no_clean_up(tmp_path):
    path = MediaFactory(tmp_path / "music").song("song.flac", 20.0)
    kill_amid(start(path, tmp_path / "record", 0), path)
    assert temp_beside(path).exists()
    prepared = prepare_write(path, {"a": ["1"]}, namespace="nom", keep_mtime=True)
    assert prepared is not None
    prepared.apply()
    assert read_own(path, "nom") == {"a": ["1"]}
    assert list(path.parent.iterdir()) == [path]
