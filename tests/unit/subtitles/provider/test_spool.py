"""Sound on disk: by its content, for as long as somebody needs it."""

import hashlib
import os
import threading
from pathlib import Path

import pytest

from mediant.subtitles.provider.spool import PART, Spool, SpoolFull

SOUND = b"some sound" * 1000
NAME = hashlib.sha256(SOUND).hexdigest()


@pytest.fixture
def needed() -> set[str]:
    return set()


@pytest.fixture
def spool(tmp_path: Path, needed: set[str]) -> Spool:
    return Spool(tmp_path / "spool", lambda: needed)


def _send(spool: Spool, sound: bytes = SOUND):
    with spool.open() as upload:
        for start in range(0, len(sound), 777):
            upload.write(sound[start : start + 777])
        return upload.finish()


def _names(spool: Spool) -> list[str]:
    return sorted(path.name for path in spool.folder.iterdir())


def test_it_bears_its_checksum(spool):
    audio = _send(spool)
    assert (audio.name, audio.size) == (NAME, len(SOUND))
    assert audio.path.read_bytes() == SOUND
    assert audio.path.stat().st_mode & 0o077 == 0
    assert spool.folder.stat().st_mode & 0o077 == 0


def test_the_same_sound_lies_there_once_until_the_last_one_lets_go(spool):
    first, second = _send(spool), _send(spool)
    assert _names(spool) == [NAME]
    spool.release(first.name)
    assert _names(spool) == [NAME]
    spool.release(second.name)
    assert _names(spool) == []


def test_what_a_job_needs_stays(spool, needed):
    needed.add(NAME)
    spool.release(_send(spool).name)
    assert _names(spool) == [NAME]
    needed.clear()
    assert spool.tidy() == 1
    assert _names(spool) == []


def test_what_was_not_finished_goes(spool):
    with spool.open() as upload:
        upload.write(SOUND)
        assert [path.suffix for path in spool.folder.iterdir()] == [PART]
    assert _names(spool) == []


def test_a_new_server_removes_what_a_killed_one_left(spool, needed):
    for name in (f"abc{PART}", NAME, "f" * 64):
        spool.folder.mkdir(exist_ok=True)
        (spool.folder / name).write_bytes(SOUND)
    needed.add(NAME)
    assert Spool(spool.folder, lambda: needed).clear_leftovers() == 2
    assert _names(spool) == [NAME]


def test_tidying_spares_what_is_being_sent(spool):
    with spool.open() as upload:
        upload.write(SOUND)
        spool.tidy()
        audio = upload.finish()
    assert audio.path.exists()


def test_what_has_no_room_is_refused_before_it_is_sent(spool):
    with pytest.raises(SpoolFull):
        spool.open(1 << 62)
    assert _names(spool) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told_and_nothing_stays(spool):
    with spool.open() as upload:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, upload._file.fileno())
        os.close(full)
        with pytest.raises(SpoolFull):
            upload.write(SOUND)
    assert _names(spool) == []


def test_many_at_once(spool):
    sounds = [bytes([number]) * 50_000 for number in range(4)] * 4
    audios = []

    def send(sound):
        audios.append(_send(spool, sound))

    threads = [threading.Thread(target=send, args=[sound]) for sound in sounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_names(spool)) == 4
    for audio in audios:
        assert audio.path.exists()
        spool.release(audio.name)
    assert _names(spool) == []
