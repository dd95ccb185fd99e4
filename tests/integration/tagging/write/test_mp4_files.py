"""MP4: every arrangement of index, audio and free space."""

import shutil
from pathlib import Path
from typing import Any

import av
import pytest
from mutagen.mp4 import MP4, MP4Cover
from tests.integration.tagging.write.music import TAGS, samples_of, tags_by_mutagen, write

from mediant.tagging.write import prepare_write, read_own, supported_container
from mediant.tagging.write.mp4_atoms import make_atom
from mediant.tagging.write.refusals import UnsupportedContainer

LONG = {"k": ["v" * 40_000]}


def top_level(data: bytes) -> list[bytes]:
    names, at = [], 0
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        size = int.from_bytes(data[at : at + 4], "big")
        at += size if size > 1 else int.from_bytes(data[at + 8 : at + 16], "big")
    assert at == len(data)
    return names


def tags_of(path: Path) -> Any:
    return MP4(path).tags


def remuxed(source, target, flags):
    """The same packets, in another arrangement."""
    with (
        av.open(str(source)) as old,
        av.open(str(target), "w", "mp4", {"movflags": flags} if flags else {}) as new,
    ):
        stream = new.add_stream_from_template(old.streams.audio[0])
        new.metadata.update(old.metadata)
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return target


def check_all_writes(path, undo):
    """Grow, grow much, shrink, remove; each with the same music, each undone to the byte."""
    samples, foreign = samples_of(path), tags_by_mutagen(path)
    for tags in (TAGS, LONG, {"a": ["1"]}, {}):
        before = path.read_bytes()
        done = write(path, tags)
        after = path.read_bytes()
        assert read_own(path, "nom") == tags
        assert samples_of(path) == samples
        assert tags_by_mutagen(path).items() >= foreign.items()
        assert len(done.undo) < 1000
        assert undo(path, done) == "exact"
        assert path.read_bytes() == before
        path.write_bytes(after)
    assert tags_by_mutagen(path) == foreign


def test_audio_before_the_index(song, undo):
    path = song("m4a")
    assert top_level(path.read_bytes())[-2:] == [b"mdat", b"moov"]
    check_all_writes(path, undo)


def test_index_before_the_audio(song, tmp_path, undo):
    path = remuxed(song("m4a"), tmp_path / "fast.m4a", "faststart")
    names = top_level(path.read_bytes())
    assert names.index(b"moov") < names.index(b"mdat")
    check_all_writes(path, undo)


def test_a_second_write_behind_the_index_moves_nothing(song, tmp_path):
    path = remuxed(song("m4a"), tmp_path / "fast.m4a", "faststart")
    write(path, TAGS)
    size = path.stat().st_size
    write(path, {**TAGS, "extra": ["y" * 500]})
    assert path.stat().st_size == size
    write(path, {})
    assert path.stat().st_size == size


def test_free_space_behind_the_index_is_used(song, tmp_path, undo):
    path = remuxed(song("m4a"), tmp_path / "fast.m4a", "faststart")
    plain = path.read_bytes()
    moov_end = plain.index(b"moov") - 4
    moov_end += int.from_bytes(plain[moov_end : moov_end + 4], "big")
    with_space = tmp_path / "space.m4a"
    write(path, {"x": ["1"]})  # a file whose offsets fit a free atom is made by moving the audio
    moved = path.read_bytes()
    by = len(moved) - len(plain)
    assert by > 0
    offset = plain.index(b"stco") + 12
    first = int.from_bytes(plain[offset : offset + 4], "big")
    assert int.from_bytes(moved[moved.index(b"stco") + 12 :][:4], "big") == first + by
    space = make_atom(b"free", bytes(4096))
    count = int.from_bytes(plain[offset - 4 : offset], "big")
    entries = [
        int.from_bytes(plain[offset + 4 * n : offset + 4 * n + 4], "big") for n in range(count)
    ]
    table = b"".join((entry + len(space)).to_bytes(4, "big") for entry in entries)
    data = plain[:offset] + table + plain[offset + 4 * count :]
    with_space.write_bytes(data[:moov_end] + space + data[moov_end:])
    size = with_space.stat().st_size
    samples = samples_of(with_space)
    write(with_space, TAGS)
    assert with_space.stat().st_size == size
    assert samples_of(with_space) == samples
    write(with_space, {})
    check_all_writes(with_space, undo)


@pytest.mark.parametrize("flags", ["", "faststart"])
def test_without_any_tags_before(song, tmp_path, undo, flags):
    path = remuxed(song("m4a"), tmp_path / "bare.m4a", flags)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"udta", b"xxxx"))  # an atom that nobody knows stays where it is
    samples = samples_of(path)
    done = write(path, TAGS)
    assert read_own(path, "nom") == TAGS
    assert tags_of(path)["----:com.apple.iTunes:nom:mood_happy"] == [b"0.8123"]
    assert b"xxxx" in path.read_bytes()
    assert samples_of(path) == samples
    assert undo(path, done) == "exact"
    assert path.read_bytes() == data.replace(b"udta", b"xxxx")


def test_long_sizes_and_long_offsets(song, tmp_path, undo):
    path = remuxed(song("m4a"), tmp_path / "long.m4a", "faststart")
    data = path.read_bytes()
    at = data.index(b"mdat") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    long = (1).to_bytes(4, "big") + b"mdat" + (size + 8).to_bytes(8, "big") + data[at + 8 :]
    offset = data.index(b"stco") + 12
    count = int.from_bytes(data[offset - 4 : offset], "big")
    entries = [
        int.from_bytes(data[offset + 4 * n : offset + 4 * n + 4], "big") for n in range(count)
    ]
    table = b"".join((entry + 8).to_bytes(4, "big") for entry in entries)
    path.write_bytes(data[:offset] + table + data[offset + 4 * count : at] + long)
    samples = samples_of(path)
    check_all_writes(path, undo)
    assert samples_of(path) == samples


def test_covers_and_tags_of_others_stay(song, undo):
    path = song("m4a")
    file = MP4(path)
    tags: Any = file.tags
    tags["covr"] = [MP4Cover(bytes(range(256)) * 2000)]
    tags["----:com.apple.iTunes:MusicBrainz Artist Id"] = [b"abc"]
    tags["----:org.other:nom:mood_happy"] = [b"not ours"]
    tags["trkn"] = [(3, 12)]
    file.save()
    check_all_writes(path, undo)
    assert tags_of(path)["----:org.other:nom:mood_happy"] == [b"not ours"]


def test_free_space_of_other_programs_inside_the_tags_is_used(song, tmp_path, undo):
    path = remuxed(song("m4a"), tmp_path / "fast.m4a", "faststart")
    file = MP4(path)
    file.save(padding=lambda info: 6000)
    size = path.stat().st_size
    write(path, TAGS)
    assert path.stat().st_size == size
    write(path, {})
    check_all_writes(path, undo)


def test_fragmented_files_are_refused(song, tmp_path):
    path = remuxed(song("m4a"), tmp_path / "live.m4a", "frag_keyframe+empty_moov")
    before = path.read_bytes()
    with pytest.raises(UnsupportedContainer):
        prepare_write(path, TAGS, namespace="nom", keep_mtime=True)
    assert supported_container(path) is None
    assert path.read_bytes() == before


def test_a_cut_file_is_refused(song, tmp_path):
    path = song("m4a")
    cut = tmp_path / "cut.m4a"
    shutil.copy(path, cut)
    with cut.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    assert supported_container(cut) is None


def test_absurd_nesting_is_no_trouble(song):
    path = song("m4a")
    nested = b""
    for _ in range(3000):
        nested = make_atom(b"trak", nested)
    at = path.read_bytes().index(b"moov") - 4
    path.write_bytes(path.read_bytes()[:at] + make_atom(b"moov", nested))
    write(path, TAGS)
    assert read_own(path, "nom") == TAGS
