"""MP3, WAV and AIFF with the tags and chunks that real collections have."""

import random
import struct
from pathlib import Path
from typing import Any

import pytest
from mutagen.apev2 import APEv2
from mutagen.id3 import APIC, COMM, ID3, PRIV, TIT2, TXXX
from mutagen.mp3 import MP3
from tests.integration.tagging.write.music import TAGS, samples_of, sha256, tags_by_mutagen, write

from mediant.tagging.write import prepare_write, read_own, supported_container
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.testing.media import MediaFactory

COVER = random.Random(7).randbytes(5_000_000)


def bare(path: Path) -> bytes:
    """The MPEG frames alone."""
    ID3(path).delete(path)
    return path.read_bytes()


def length_of(path: Path) -> float:
    info: Any = MP3(path).info
    return float(info.length)


def tag_2_2(frames: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(name + len(data).to_bytes(3, "big") + data for name, data in frames)
    body += bytes(100)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x02\0\0" + size + body


@pytest.mark.parametrize("version", [3, 4])
def test_a_large_cover_and_odd_frames_stay_bit_for_bit(song, undo, version):
    path = song("mp3")
    tags = ID3(path)
    tags.add(APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=COVER))
    tags.add(COMM(encoding=1, lang="eng", desc="c", text="a comment ✓"))
    tags.add(PRIV(owner="somebody", data=bytes(range(256))))
    tags.add(TXXX(encoding=3, desc="MusicBrainz Album Id", text=["abc"]))
    tags.save(path, v2_version=version)
    before, foreign, samples = path.read_bytes(), tags_by_mutagen(path), samples_of(path)
    frames = before[10 : before.index(COVER) + len(COVER)]
    done = write(path, TAGS)
    assert path.read_bytes()[10:].startswith(frames)
    assert path.read_bytes()[3] == version
    assert len(done.undo) < 200
    assert tags_by_mutagen(path).items() >= foreign.items()
    assert samples_of(path) == samples
    joined = tags_by_mutagen(path)["TXXX:nom:mood-strict"]
    assert joined == ("happy\0relaxed" if version == 4 else "happy; relaxed")
    assert undo(path, done) == "exact"
    assert path.read_bytes() == before


def test_version_2_2_stays_2_2(song, undo):
    path = song("mp3")
    frames = [(b"TT2", b"\0Old"), (b"PIC", b"\0JPG\x03\0" + COVER[:3000]), (b"TXX", b"\0a\0b")]
    before = tag_2_2(frames) + bare(path)
    path.write_bytes(before)
    samples = samples_of(path)
    done = write(path, TAGS)
    data = path.read_bytes()
    assert data[3] == 2
    assert data[10:].startswith(before[10 : before.index(b"TXX") + 10])
    assert read_own(path, "nom") == TAGS
    assert ID3(path)["TXXX:nom:mood-loose"].text == ["happy; party; relaxed"]
    assert ID3(path)["TXXX:a"].text == ["b"]
    assert samples_of(path) == samples
    assert undo(path, done) == "exact"


def test_without_a_tag_and_back(song):
    path = song("mp3")
    before = bare(path)
    write(path, TAGS)
    assert ID3(path).version == (2, 4, 0)
    write(path, {})
    assert path.read_bytes() == before


def test_tags_at_the_end_are_not_touched(song, undo):
    path = song("mp3")
    tags = ID3(path)
    tags.save(path, v1=2)
    ape = APEv2()
    ape["Title"] = "in APE"
    ape["Picture"] = "x" * 3000
    ape.save(path)
    before = path.read_bytes()
    end = before[before.index(b"APETAGEX") :]
    assert b"TAG" in end[-128:] or b"TAG" in before[-128:]
    done = write(path, TAGS)
    assert path.read_bytes().endswith(end)
    assert APEv2(path)["Title"] == "in APE"
    assert read_own(path, "nom") == TAGS
    assert undo(path, done) == "exact"
    assert path.read_bytes() == before


def test_padding_is_used_before_the_file_grows(song):
    path = song("mp3")
    write(path, {"a": ["1"]})
    size = path.stat().st_size
    write(path, {"a": ["12345"], "b": ["2"]})
    assert path.stat().st_size == size


def test_the_length_that_a_player_shows_is_the_same(song):
    path = song("mp3")
    length = length_of(path)
    write(path, {"a": ["x" * 100_000]})
    assert length_of(path) == pytest.approx(length, abs=1e-6)


def test_foreign_edits_keep_our_tags(song):
    path = song("mp3")
    write(path, TAGS)
    tags = ID3(path)
    tags.setall("TIT2", [TIT2(encoding=3, text=["Other"])])
    tags.save(path, v2_version=3)
    assert read_own(path, "nom").keys() == TAGS.keys()


# --- WAV and AIFF -------------------------------------------------------------------------------


def chunk(name: bytes, data: bytes, order: str = "<") -> bytes:
    return name + struct.pack(order + "I", len(data)) + data + bytes(len(data) % 2)


def wav(*chunks: bytes, trailing: bytes = b"") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body + trailing


FORMAT = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))
SOUND = chunk(b"data", bytes(range(256)) * 20 + b"\1")


def chunk_names(data: bytes, order: str = "<") -> list[bytes]:
    names, at = [], 12
    (size,) = struct.unpack_from(order + "I", data, 4)
    while at < 8 + size:
        names.append(data[at : at + 4])
        (length,) = struct.unpack_from(order + "I", data, at + 4)
        at += 8 + length + length % 2
    assert at == 8 + size
    return names


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (wav(FORMAT, SOUND), [b"fmt ", b"data", b"id3 "]),
        (wav(FORMAT, chunk(b"LIST", b"INFOx"), SOUND), [b"fmt ", b"LIST", b"data", b"id3 "]),
        (wav(FORMAT, SOUND, trailing=b"rubbish"), [b"fmt ", b"data", b"id3 "]),
        (wav(FORMAT, SOUND)[:-1], [b"fmt ", b"data", b"id3 "]),
    ],
    ids=["plain", "odd chunk", "rubbish behind", "pad byte missing"],
)
def test_chunks_of_wav(tmp_path, undo, data, names):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    samples = samples_of(path)
    done = write(path, TAGS)
    new = path.read_bytes()
    assert chunk_names(new) == names
    assert new.endswith(data[8 + struct.unpack_from("<I", data, 4)[0] :])
    assert samples_of(path) == samples
    write(path, {"a": ["y" * 3001]})
    assert read_own(path, "nom") == {"a": ["y" * 3001]}
    assert chunk_names(path.read_bytes()) == names
    write(path, {})
    assert chunk_names(path.read_bytes()) == names[:-1]
    path.write_bytes(new)
    assert undo(path, done) == "exact"
    assert path.read_bytes() == data


def test_a_tag_before_the_sound_is_replaced_in_its_place(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(FORMAT, SOUND))
    write(path, TAGS)
    data = path.read_bytes()
    tag = data[data.index(b"id3 ") :]
    path.write_bytes(wav(FORMAT, tag, SOUND))
    samples = samples_of(path)
    write(path, {"a": ["z" * 9999]})
    assert chunk_names(path.read_bytes()) == [b"fmt ", b"id3 ", b"data"]
    assert samples_of(path) == samples


def test_aiff_keeps_its_own_text_chunks(song):
    path = song("aiff")
    data = path.read_bytes()
    extra = chunk(b"NAME", b"Old name", ">")
    size = struct.unpack_from(">I", data, 4)[0] + len(extra)
    path.write_bytes(data[:4] + struct.pack(">I", size) + data[8:] + extra)
    names = chunk_names(path.read_bytes(), ">")
    samples = samples_of(path)
    write(path, TAGS)
    assert chunk_names(path.read_bytes(), ">") == names
    assert extra in path.read_bytes()
    assert samples_of(path) == samples


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"RF64" + wav(FORMAT, SOUND)[4:], "unsupported_container"),
        (b"RIFF\xff\xff\xff\xff" + wav(FORMAT, SOUND)[8:], "unsupported_container"),
        (b"RIFF\0\0\0\0" + wav(FORMAT, SOUND)[8:], "unsupported_container"),
        (wav(FORMAT, SOUND[:4] + b"\xff\xff\0\0" + SOUND[8:]), "damaged_container"),
        (wav(FORMAT, chunk(b"id3 ", b"nothing"), SOUND), "damaged_container"),
    ],
    ids=["rf64", "streamed", "no size", "chunk too long", "empty id3"],
)
def test_what_cannot_be_right_is_refused_and_left_alone(tmp_path, data, code):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises((UnsupportedContainer, DamagedContainer)) as caught:
        prepare_write(path, TAGS, namespace="nom", keep_mtime=True)
    assert caught.value.code == code
    assert caught.value.asset == str(path)
    assert supported_container(path) is None
    assert path.read_bytes() == data


@pytest.mark.parametrize("suffix", ["wma", "mka", "wv", "tta", "ac3", "webm", "mp2"])
def test_other_containers_are_refused(tmp_path, suffix):
    path = MediaFactory(tmp_path).tone(f"a.{suffix}", 1.0)
    before = sha256(path)
    for call in (
        lambda: prepare_write(path, TAGS, namespace="nom", keep_mtime=True),
        lambda: read_own(path, "nom"),
    ):
        with pytest.raises(UnsupportedContainer) as caught:
            call()
        assert caught.value.code == "unsupported_container"
    assert supported_container(path) is None
    assert sha256(path) == before


@pytest.mark.parametrize("content", [b"", b"ID3", b"\xff\xf1" * 600, b"not music" * 999])
def test_what_is_no_music_is_refused(tmp_path, content):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    assert supported_container(path) is None


def test_silence_behind_a_header_without_a_length_is_not_taken_for_chunks(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(FORMAT, b"data\0\0\0\0" + bytes(3_000_000)))
    assert supported_container(path) is None
