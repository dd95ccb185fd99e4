"""FLAC and Ogg: blocks, pages, covers, chains."""

import base64
import random
import struct
import subprocess

import av
import mutagen
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3, TIT2
from mutagen.oggvorbis import OggVorbis
from tests.integration.tagging.write.music import TAGS, samples_of, tags_by_mutagen, write

from mediant.tagging.write import prepare_write, read_own, supported_container
from mediant.tagging.write.ogg_page import pages, seal
from mediant.tagging.write.refusals import UnsupportedContainer
from mediant.tagging.write.source import Source
from mediant.testing.media import MediaFactory

LONG = {"k": ["v" * 200_000]}
COVER = random.Random(5).randbytes(300_000)


def picture() -> Picture:
    made = Picture()
    made.type, made.mime, made.data = 3, "image/jpeg", COVER
    return made


def check_all_writes(path, undo, limit=1000):
    """Grow, grow much, shrink, remove; each with the same music, each undone to the byte."""
    samples, foreign = samples_of(path), tags_by_mutagen(path)
    for tags in (TAGS, LONG, {"a": ["1"]}, {}):
        before = path.read_bytes()
        done = write(path, tags)
        after = path.read_bytes()
        assert read_own(path, "nom") == tags
        assert samples_of(path) == samples
        assert tags_by_mutagen(path).items() >= foreign.items()
        assert len(done.undo) < limit
        assert undo(path, done) == "exact"
        assert path.read_bytes() == before
        path.write_bytes(after)
    assert tags_by_mutagen(path) == foreign


# --- FLAC ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", [0, 1, 300, 100_000])
def test_flac_with_a_cover_and_any_padding(song, undo, padding):
    path = song("flac")
    file = FLAC(path)
    file.add_picture(picture())
    file.save(padding=lambda info: padding)
    check_all_writes(path, undo)
    assert FLAC(path).pictures[0].data == COVER


def test_flac_padding_is_used_before_the_file_grows(song):
    path = song("flac")
    FLAC(path).save(padding=lambda info: 5000)
    size = path.stat().st_size
    write(path, TAGS)
    assert path.stat().st_size == size


def test_flac_without_a_comment_block(song, undo):
    path = song("flac")
    data = path.read_bytes()
    frames = data.index(b"\xff\xf8")
    info = data[4:42]
    path.write_bytes(b"fLaC" + bytes([0x80]) + info[1:] + data[frames:])
    samples, before = samples_of(path), path.read_bytes()
    done = write(path, TAGS)
    assert [block.code for block in FLAC(path).metadata_blocks] == [0, 4]
    assert read_own(path, "nom") == TAGS
    assert samples_of(path) == samples
    assert undo(path, done) == "exact"
    assert path.read_bytes() == before


def test_flac_behind_an_id3_tag(song, undo):
    path = song("flac")
    tag = ID3()
    tag.add(TIT2(encoding=3, text=["in ID3"]))
    tag.save(path)
    before = path.read_bytes()
    assert before[:3] == b"ID3"
    assert supported_container(path) == "flac"
    done = write(path, TAGS)
    assert path.read_bytes().startswith(before[: before.index(b"fLaC")])
    assert read_own(path, "nom") == TAGS
    assert undo(path, done) == "exact"


def test_vendor_order_and_odd_comments_stay(song):
    path = song("flac")
    data = path.read_bytes()
    odd = [b"TITLE=a", b"title=b", b"no equals sign", b"X=\xff\xfe", b"=empty", b"ARTIST="]
    block = struct.pack("<I", 4) + b"vend" + struct.pack("<I", len(odd))
    block += b"".join(struct.pack("<I", len(one)) + one for one in odd)
    header = bytes([4]) + len(block).to_bytes(3, "big")
    path.write_bytes(data[:42] + header + block + data[42:].replace(b"\x04", b"\x04", 0))
    write(path, {"a": ["1"]})
    assert block[8 + 4 :] in path.read_bytes()
    assert struct.pack("<I", 4) + b"vend" + struct.pack("<I", len(odd) + 1) in path.read_bytes()


# --- Ogg ----------------------------------------------------------------------------------------


def ogg_pages(path):
    with Source(path) as source:
        return [page for page, data in pages(source, 0, source.size) if seal(data) == data]


def check_sequence(path):
    """Every page has a right checksum, and the numbers run without a gap."""
    found = ogg_pages(path)
    assert found[-1].end == path.stat().st_size
    assert [page.number for page in found] == list(range(len(found)))
    return len(found)


@pytest.mark.parametrize("suffix", ["ogg", "opus"])
def test_few_tags_need_no_new_page(song, suffix):
    path = song(suffix)
    count = check_sequence(path)
    write(path, TAGS)
    assert check_sequence(path) == count


@pytest.mark.parametrize("suffix", ["ogg", "opus"])
def test_ogg_with_a_cover_of_many_pages(song, undo, suffix):
    path = song(suffix)
    file = mutagen.File(path)
    file["metadata_block_picture"] = [base64.b64encode(picture().write()).decode()]
    file.save()
    check_all_writes(path, undo, limit=len(COVER) // 100)
    check_sequence(path)


@pytest.mark.parametrize("suffix", ["ogg", "opus"])
def test_ogg_that_needs_more_pages_and_fewer_again(song, undo, suffix):
    path = song(suffix)
    count = check_sequence(path)
    write(path, LONG)
    more = check_sequence(path)
    assert more > count
    write(path, {})
    assert check_sequence(path) <= more
    check_all_writes(path, undo)
    check_sequence(path)


def test_flac_in_ogg(song, tmp_path, undo):
    path = tmp_path / "flac.oga"
    with av.open(str(song("flac"))) as old, av.open(str(path), "w", "ogg") as new:
        stream = new.add_stream("flac", rate=44100, layout="mono")
        new.metadata["title"] = "Tïtle"
        for frame in old.decode(audio=0):
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))
    assert supported_container(path) == "ogg"
    check_all_writes(path, undo)
    check_sequence(path)


def test_binary_data_behind_the_comments_of_opus_stays(song):
    path = song("opus")
    old = ogg_pages(path)[1]
    data = path.read_bytes()
    body = data[old.body : old.end] + b"\x01binary"
    lacings = bytes([255] * (len(body) // 255) + [len(body) % 255])
    header = data[old.start : old.start + 26] + bytes([len(lacings)]) + lacings
    path.write_bytes(data[: old.start] + seal(header + body) + data[old.end :])
    write(path, TAGS)
    assert b"\x01binary" in path.read_bytes()
    assert read_own(path, "nom") == TAGS
    check_sequence(path)


def test_of_a_chain_only_the_first_stream_is_tagged(song, tmp_path, undo):
    path = song("ogg")
    second = MediaFactory(tmp_path).tone("second.ogg", 1.0).read_bytes()
    before = path.read_bytes() + second
    path.write_bytes(before)
    for tags in (TAGS, LONG):
        done = write(path, tags)
        assert path.read_bytes().endswith(second)
        assert OggVorbis(path).tags is not None
        assert read_own(path, "nom") == tags
        assert undo(path, done) == "exact"
        assert path.read_bytes() == before


def test_streams_side_by_side_are_refused(song):
    path = song("ogg")
    data = path.read_bytes()
    first = ogg_pages(path)[0]
    other = seal(data[:14] + b"\1\2\3\4" + data[18 : first.end])
    path.write_bytes(data[: first.end] + other + data[first.end :])
    with pytest.raises(UnsupportedContainer):
        prepare_write(path, TAGS, namespace="nom", keep_mtime=True)


def test_an_unknown_codec_is_refused(song):
    path = song("ogg")
    data = path.read_bytes().replace(b"\x01vorbis", b"\x80theora", 1)
    first = ogg_pages(path)[0]
    path.write_bytes(seal(data[: first.end]) + data[first.end :])
    assert supported_container(path) is None


def test_the_music_plays_in_another_player(song, tmp_path):
    """FFmpeg with every warning an error finds nothing to complain of."""
    for suffix in ("ogg", "opus", "flac"):
        path = song(suffix)
        write(path, LONG)
        command = ["ffmpeg", "-v", "warning", "-xerror", "-i", str(path), "-f", "null", "-"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")
