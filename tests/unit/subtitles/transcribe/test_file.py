"""A subtitle file is whole or not there, and never somebody else's."""

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from mediant.errors import Cancelled, WriteError
from mediant.kernel.paths import temp_beside
from mediant.subtitles.transcribe.file import (
    Authorship,
    SubtitleExists,
    check_free,
    discard_leftover,
    read_sum,
    write_subtitle,
)

DATA = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n\n"


class Told:
    def __init__(self, refuse: bool = False) -> None:
        self.intents: list[Any] = []
        self.refuse = refuse

    def __call__(self, path, digest, replaced):
        assert not path.exists() or read_sum(path) == replaced
        self.intents.append((path.name, digest, replaced))
        if self.refuse:
            raise Cancelled


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "Film.mkv"
    path.write_bytes(b"film")
    path.chmod(0o754)
    return path


@pytest.fixture
def target(media: Path) -> Path:
    return media.with_name("Film.eng.srt")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_told_before_and_takes_the_mode_of_the_media(media, target):
    told = Told()
    assert write_subtitle(target, DATA, media, Authorship((), told)) == sha(DATA)
    assert target.read_bytes() == DATA
    assert told.intents == [("Film.eng.srt", sha(DATA), None)]
    assert target.stat().st_mode & 0o777 == 0o644
    assert (target.stat().st_uid, target.stat().st_gid) == (os.getuid(), os.getgid())
    assert names(media.parent) == ["Film.eng.srt", "Film.mkv"]


def test_a_read_only_film_gives_a_subtitle_that_its_owner_can_change(media, target):
    media.chmod(0o444)
    write_subtitle(target, DATA, media, Authorship((), Told()))
    assert target.stat().st_mode & 0o777 == 0o644


def test_our_own_file_is_replaced_and_its_checksum_told(media, target):
    target.write_bytes(b"older")
    told = Told()
    write_subtitle(target, DATA, media, Authorship([sha(b"older")], told))
    assert told.intents == [("Film.eng.srt", sha(DATA), sha(b"older"))]
    assert target.read_bytes() == DATA


def test_a_file_of_others_stays_unless_it_may_go(media, target):
    target.write_bytes(b"theirs")
    told = Told()
    with pytest.raises(SubtitleExists, match="Subtitle exists"):
        write_subtitle(target, DATA, media, Authorship([sha(b"ours")], told))
    assert (target.read_bytes(), told.intents) == (b"theirs", [])
    with pytest.raises(SubtitleExists):
        check_free(target, Authorship((), told))
    write_subtitle(target, DATA, media, Authorship((), told, overwrites=True))
    assert target.read_bytes() == DATA


def test_a_folder_of_that_name_is_somebody_elses(media, target):
    target.mkdir()
    with pytest.raises(SubtitleExists):
        write_subtitle(target, DATA, media, Authorship((), Told(), overwrites=True))


def test_a_pipe_of_that_name_is_not_waited_for(media, target):
    os.mkfifo(target)
    with pytest.raises(SubtitleExists, match="no file"):
        check_free(target, Authorship((), Told(), overwrites=True))
    assert read_sum(target) is None
    os.mkfifo(temp_beside(target))
    assert discard_leftover(target)


def test_a_link_that_leads_nowhere_stays(media, target):
    """Its disk may be away only for now."""
    target.symlink_to("/mnt/away/Film.eng.srt")
    with pytest.raises(SubtitleExists, match="leads nowhere"):
        write_subtitle(target, DATA, media, Authorship((), Told()))
    assert target.is_symlink()
    assert names(media.parent) == ["Film.eng.srt", "Film.mkv"]


def test_who_is_cancelled_leaves_nothing(media, target):
    with pytest.raises(Cancelled):
        write_subtitle(target, DATA, media, Authorship((), Told(refuse=True)))
    assert names(media.parent) == ["Film.mkv"]


def test_a_file_that_comes_meanwhile_is_not_overwritten(media, target):
    def comes(path, _digest, _replaced):
        path.write_bytes(b"theirs")

    with pytest.raises(SubtitleExists):
        write_subtitle(target, DATA, media, Authorship((), comes))
    assert target.read_bytes() == b"theirs"
    assert names(media.parent) == ["Film.eng.srt", "Film.mkv"]


def test_a_folder_that_takes_no_file_is_said(media, tmp_path):
    target = tmp_path / "gone" / "Film.eng.srt"
    with pytest.raises(WriteError, match="could not be written"):
        write_subtitle(target, DATA, media, Authorship((), Told()))


def test_what_an_interrupted_attempt_left_is_removed(media, target):
    temp_beside(target).write_bytes(DATA[:10])
    assert discard_leftover(target)
    assert not discard_leftover(target)
    temp_beside(target).write_bytes(DATA[:10])
    write_subtitle(target, DATA, media, Authorship((), Told()))
    assert names(media.parent) == ["Film.eng.srt", "Film.mkv"]


def test_what_another_process_is_writing_stays(media, target):
    temp = temp_beside(target)
    with temp.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not discard_leftover(target)
        with pytest.raises(WriteError):
            write_subtitle(target, DATA, media, Authorship((), Told()))
    assert temp.exists()
    assert not target.exists()
