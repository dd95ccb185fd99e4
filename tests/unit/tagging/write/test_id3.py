"""ID3v2 tags of every version, with all the oddities that real files have."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3

from mediant.tagging.write.id3 import compose, find_tag
from mediant.tagging.write.recipe import follow
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.source import Source

AUDIO = b"\xff\xfb\x90\x64" + bytes(60)
OWN = [("nom:mood-strict", ["happy", "relaxed"]), ("nom:female", ["Wörld ✓"])]


def syncsafe(number):
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(version, name, data, *, plain=False, flags=b"\0\0"):
    if version == 2:
        return name + len(data).to_bytes(3, "big") + data
    size = syncsafe(len(data)) if version == 4 and not plain else len(data).to_bytes(4, "big")
    return name + size + flags + data


def tag(version, body, *, flags=0, footer=False):
    head = bytes([version, 0, flags | 0x10 * footer]) + syncsafe(len(body))
    return b"ID3" + head + body + (b"3DI" + head if footer else b"")


def foreign_frames(version):
    """Title, a picture that is longer than 127 bytes, a comment of another tool."""
    names = (b"TT2", b"PIC", b"TXX") if version == 2 else (b"TIT2", b"PRIV", b"TXXX")
    return [
        frame(version, names[0], b"\0Title"),
        frame(version, names[1], bytes(range(256)) * 3),
        frame(version, names[2], b"\0other\0value"),
    ]


def own_frame(version, name="nom:old", value="1"):
    return frame(version, b"TXX" if version == 2 else b"TXXX", f"\0{name}\0{value}".encode())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("id3") / "file"


def is_ours(entry):
    return bool(entry.name) and entry.name.startswith("nom:")


def rewrite(path, data, new=OWN):
    """The file with our frames replaced by `new`."""
    path.write_bytes(data)
    with Source(path) as source:
        found = find_tag(source, 0)
        ours = [entry for entry in found.frames if is_ours(entry)] if found else []
        steps = compose(found, ours, new)
        rest = source.read(found.end if found else 0, source.size - (found.end if found else 0))
        return b"".join(follow(steps, source)) + rest


def read(path, data):
    path.write_bytes(data)
    with Source(path) as source:
        return find_tag(source, 0)


def texts(path, data):
    return {entry.name: entry.values for entry in read(path, data).frames if entry.name}


@pytest.mark.parametrize("version", [2, 3, 4])
def test_foreign_frames_stay_and_ours_are_replaced_in_the_same_version(place, version):
    foreign = foreign_frames(version)
    body = foreign[0] + own_frame(version) + foreign[1] + foreign[2] + bytes(500)
    new = rewrite(place, tag(version, body) + AUDIO)
    assert len(new) == len(tag(version, body) + AUDIO)  # the padding was enough
    assert new[3] == version
    assert new[10:].startswith(b"".join(foreign))
    assert new.endswith(AUDIO)
    assert texts(place, new) == {
        "other": ("value",),
        "nom:mood-strict": ("happy", "relaxed"),
        "nom:female": ("Wörld ✓",),
    }


@pytest.mark.parametrize("version", [2, 3, 4])
def test_mutagen_reads_what_we_write(place, version):
    place.write_bytes(rewrite(place, tag(version, b"".join(foreign_frames(version))) + AUDIO))
    read_back = ID3(place, translate=False)
    assert read_back.version == (2, version, 0)
    strict = read_back["TXXX:nom:mood-strict"].text
    assert strict == (["happy", "relaxed"] if version == 4 else ["happy; relaxed"])
    assert read_back["TXXX:nom:female"].text == ["Wörld ✓"]
    assert read_back["TXXX:other"].text == ["value"]


@pytest.mark.parametrize("version", [2, 3])
def test_whole_tag_unsynchronisation_is_kept(place, version):
    foreign = foreign_frames(version)
    raw = b"".join(foreign) + own_frame(version)
    stuffed = raw.replace(b"\xff\0", b"\xff\0\0").replace(b"\xff\xff", b"\xff\0\xff")
    new = rewrite(place, tag(version, stuffed + bytes(300), flags=0x80) + AUDIO)
    assert new[5] == 0x80
    assert texts(place, new)["nom:female"] == ("Wörld ✓",)
    assert "nom:old" not in texts(place, new)
    back = ID3(place, translate=False)
    assert back["TXXX:nom:female"].text == ["Wörld ✓"]
    if version == 3:
        assert back.getall("PRIV")[0].data + b"" == (bytes(range(256)) * 3)[1:]


def test_unsynchronised_frames_of_2_4_are_read(place):
    data = b"\x01" + "nom:old\0".encode("utf-16") + "1".encode("utf-16")
    stuffed = data.replace(b"\xff", b"\xff\0")
    old = frame(4, b"TXXX", stuffed, flags=b"\0\x02")
    assert texts(place, tag(4, old, flags=0x80) + AUDIO) == {"nom:old": ("1",)}
    assert texts(place, rewrite(place, tag(4, old, flags=0x80) + AUDIO)).keys() == dict(OWN).keys()


def test_compressed_grouped_and_encrypted_frames(place):
    plain = b"\0nom:old\0packed"
    packed = zlib.compress(plain)
    v3 = frame(3, b"TXXX", struct.pack(">I", len(plain)) + b"\x05" + packed, flags=b"\0\xa0")
    assert texts(place, tag(3, v3) + AUDIO) == {"nom:old": ("packed",)}
    v4 = frame(4, b"TXXX", b"\x05" + syncsafe(len(plain)) + packed, flags=b"\0\x49")
    assert texts(place, tag(4, v4) + AUDIO) == {"nom:old": ("packed",)}
    secret = frame(4, b"TXXX", b"\x01" + plain, flags=b"\0\x04")
    assert texts(place, tag(4, secret) + AUDIO) == {}
    assert secret in rewrite(place, tag(4, secret) + AUDIO)


def test_plain_sizes_of_old_itunes_are_understood_and_kept(place):
    picture = frame(4, b"PRIV", bytes(range(256)) * 3, plain=True)
    body = picture + frame(4, b"TIT2", b"\0Title", plain=True) + bytes(64)
    long = [("nom:mood-strict", [f"mood number {n}" for n in range(40)])]
    new = rewrite(place, tag(4, body) + AUDIO, long)
    found = read(place, new)
    assert found.plain_sizes
    assert len(found.frames) == 3
    assert texts(place, new) == {"nom:mood-strict": tuple(long[0][1])}


@pytest.mark.parametrize("version", [3, 4])
def test_an_extended_header_is_passed_over_and_dropped(place, version):
    extended = (6).to_bytes(4, "big") + bytes(6) if version == 3 else syncsafe(6) + b"\x01\0"
    foreign = foreign_frames(version)
    new = rewrite(place, tag(version, extended + b"".join(foreign), flags=0x40) + AUDIO)
    assert new[5] == 0
    assert new[10:].startswith(b"".join(foreign))


def test_a_footer_is_kept_and_no_padding_comes_before_it(place):
    foreign = foreign_frames(4)
    new = rewrite(place, tag(4, b"".join(foreign), footer=True) + AUDIO)
    found = read(place, new)
    assert new[found.end - 10 : found.end] == b"3DI" + new[3:10]
    assert found.frames[-1].end == found.end - 10


def test_what_cannot_be_read_behind_the_frames_is_kept(place):
    junk = b"\x01\x02junk\0\0more"
    foreign = foreign_frames(3)
    new = rewrite(place, tag(3, b"".join(foreign) + junk + bytes(400)) + AUDIO)
    assert junk in new
    assert texts(place, new).keys() == {"other", *dict(OWN)}


def test_a_file_without_a_tag_gets_2_4_and_loses_it_again(place):
    new = rewrite(place, AUDIO)
    assert new[:4] == b"ID3\x04"
    assert rewrite(place, new, []) == AUDIO


def test_an_unknown_version_and_a_cut_tag_are_refused(place):
    with pytest.raises(UnsupportedContainer):
        read(place, b"ID3\x05\0\0" + syncsafe(20) + bytes(20) + AUDIO)
    with pytest.raises(DamagedContainer):
        read(place, b"ID3\x04\0\0" + syncsafe(5000) + AUDIO)


VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)


@given(
    version=st.sampled_from([2, 3, 4]),
    flags=st.sampled_from([0, 0x80]),
    content=st.binary(max_size=400),
    value=VALUES.map(str.strip).filter(lambda text: text and "; " not in text),
    padding=st.integers(0, 400),
)
def test_any_value_comes_back_and_any_foreign_frame_stays(
    place, version, flags, content, value, padding
):
    foreign = frame(version, b"PIC" if version == 2 else b"PRIV", content)
    if flags and version < 4:
        foreign = foreign.replace(b"\xff", b"\xff\0")
    new = rewrite(place, tag(version, foreign + bytes(padding), flags=flags), [("nom:k", [value])])
    assert new[10:].startswith(foreign)
    assert texts(place, new) == {"nom:k": (value,)}
    again = rewrite(place, new, [])
    assert again[10:].startswith(foreign)
    assert texts(place, again) == {}


@given(st.binary(max_size=600), st.sampled_from([2, 3, 4]), st.integers(0, 255))
def test_no_garbage_is_lost_or_crashes_the_reader(place, body, version, flags):
    if version == 2:
        flags &= ~0x40
    data = tag(version, body, flags=flags & ~0x10) + AUDIO
    found = read(place, data)
    kept = b"".join(data[entry.start : entry.end] for entry in found.frames)
    new = rewrite(place, data, [])
    if not [entry for entry in found.frames if is_ours(entry)] and found.frames:
        assert new[10:].startswith(kept)
    assert new.endswith(AUDIO)
