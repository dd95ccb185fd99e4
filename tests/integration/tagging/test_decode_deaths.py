"""A decoder that crashes, hangs or grows takes only its child with it."""

import os
import signal
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from mediant.errors import MediaError
from mediant.jobs.sandbox import Sandbox
from mediant.tagging.decode import DecodeLimits, decode
from mediant.testing.media import MediaFactory

LIMITS = DecodeLimits()


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    return MediaFactory(tmp_path / "music")


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    """A file that never answers: a FIFO that nobody writes to."""
    path = tmp_path / "stuck.mp3"
    os.mkfifo(path)
    yield path
    path.unlink()


@contextmanager
def killed_while_it_reads(pipe: Path, pid: int, number: int) -> Iterator[None]:
    """The signal comes as soon as the process has the pipe open."""

    def kill() -> None:
        with pipe.open("wb"):  # waits for the one who reads
            os.kill(pid, number)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    yield
    killer.join(60)


def test_a_crash_is_named_and_the_next_file_decodes(media: MediaFactory, pipe: Path) -> None:
    with Sandbox(memory_bytes=300 << 20, timeout_s=60) as box:
        good = media.tone("good.wav")
        decode(good, box, LIMITS)
        before = box.pid
        with (
            killed_while_it_reads(pipe, before, signal.SIGSEGV),
            pytest.raises(MediaError, match="SIGSEGV") as caught,
        ):
            decode(pipe, box, LIMITS)
        assert (caught.value.code, caught.value.asset) == ("decode_crash", str(pipe))
        assert not psutil.pid_exists(before)
        assert decode(good, box, LIMITS).duration_s == 10


def test_a_file_that_never_answers_is_a_timeout(pipe: Path) -> None:
    with Sandbox(memory_bytes=300 << 20, timeout_s=2.0) as box:
        before = box.pid
        with pytest.raises(MediaError, match="2 s") as caught:
            decode(pipe, box, LIMITS)
        assert (caught.value.code, caught.value.asset) == ("decode_timeout", str(pipe))
        assert "tagging.decode_timeout_s" in str(caught.value)
        assert not psutil.pid_exists(before)
        assert psutil.pid_exists(box.pid)


def test_a_decoder_that_needs_too_much_memory(media: MediaFactory) -> None:
    """A Monkey's Audio header of 76 bytes that makes the decoder ask for gigabytes."""
    frames = 80_000_000
    descriptor = struct.pack("<4sHHIIIIIII16x", b"MAC ", 3990, 0, 52, 24, frames * 4, 0, 1000, 0, 0)
    header = struct.pack("<HHIIIHHI", 2000, 0, 73_728, 1000, frames, 16, 2, 44_100)
    bomb = media.empty("bomb.ape")
    bomb.write_bytes(descriptor + header + bytes(5000))
    good = media.tone("good.wav")
    with Sandbox(memory_bytes=300 << 20, timeout_s=60) as box:
        decode(good, box, LIMITS)
        before = box.pid
        with pytest.raises(MediaError, match="300 MiB") as caught:
            decode(bomb, box, LIMITS)
        assert (caught.value.code, caught.value.asset) == ("decode_memory", str(bomb))
        assert box.pid != before
        assert decode(good, box, LIMITS).duration_s == 10


def test_a_real_crash_inside_the_decoder_process(media: MediaFactory, pipe: Path) -> None:
    """SIGABRT, as from a failed assertion of a C library."""
    with Sandbox(memory_bytes=300 << 20, timeout_s=60) as box:
        decode(media.tone("good.wav"), box, LIMITS)
        with (
            killed_while_it_reads(pipe, box.pid, signal.SIGABRT),
            pytest.raises(MediaError, match="SIGABRT") as caught,
        ):
            decode(pipe, box, LIMITS)
        assert caught.value.code == "decode_crash"
