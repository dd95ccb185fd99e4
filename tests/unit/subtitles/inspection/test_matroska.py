"""BCP 47 tags in Matroska, from bytes."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.inspection.matroska import TrackTag, read_track_tags


def element(number: int, content: bytes, size_bytes: int = 0) -> bytes:
    """One EBML element; its size in so many bytes, by default as few as it takes."""
    length = size_bytes or next(n for n in range(1, 9) if len(content) < (1 << 7 * n) - 1)
    size = (len(content) | 1 << 7 * length).to_bytes(length, "big")
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + size + content


def track(kind: int, old: str = "", tag: str = "") -> bytes:
    fields = element(0xD7, b"\1") + element(0x83, bytes([kind]))
    fields += element(0x22B59C, old.encode()) if old else b""
    fields += element(0x22B59D, tag.encode() + b"\0") if tag else b""
    return element(0xAE, fields)


HEAD = element(0x1A45DFA3, element(0x4282, b"matroska"))
TRACKS = element(0x1654AE6B, track(1, "und") + track(2, "chi", "yue") + track(0x11, tag="pt-BR"))
TAGS = [TrackTag("video", ""), TrackTag("audio", "yue"), TrackTag("subtitle", "pt-BR")]
INFO = element(0x1549A966, bytes(300), 8)
CLUSTER = element(0x1F43B675, bytes(500))


def read(content: bytes, *, is_live: bool = False) -> list[TrackTag]:
    segment = element(0x18538067, content, 8)
    if is_live:
        segment = segment[:4] + b"\x01" + b"\xff" * 7 + content
    return read_track_tags(BytesIO(HEAD + segment))


def seek_head(position: int) -> bytes:
    entry = element(0x53AB, bytes.fromhex("1654ae6b"))
    entry += element(0x53AC, position.to_bytes(8, "big"))
    return element(0x114D9B74, element(0x4DBB, entry))


def test_tags_are_found_before_the_first_cluster():
    assert read(INFO + TRACKS + CLUSTER) == TAGS
    assert read(INFO + TRACKS + CLUSTER, is_live=True) == TAGS


def test_tracks_at_the_end_are_found_by_the_index():
    before = len(seek_head(0)) + len(INFO) + len(CLUSTER)
    assert read(seek_head(before) + INFO + CLUSTER + TRACKS) == TAGS
    assert read(seek_head(before + 1) + INFO + CLUSTER + TRACKS) == []
    assert read(INFO + CLUSTER + TRACKS) == []


def test_buttons_are_no_streams():
    assert read(element(0x1654AE6B, track(0x12) + track(2, tag="de"))) == [TrackTag("audio", "de")]


def test_other_files_have_no_tags():
    assert read_track_tags(BytesIO(b"")) == []
    assert read_track_tags(BytesIO(b"RIFF....AVI ")) == []
    assert read_track_tags(BytesIO(HEAD)) == []


@given(st.data())
def test_damage_never_raises_and_ends(data):
    good = bytearray(HEAD + element(0x18538067, seek_head(0) + INFO + TRACKS + CLUSTER, 8))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    assert isinstance(read_track_tags(BytesIO(bytes(good[:cut]))), list)


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(content):
    assert isinstance(read_track_tags(BytesIO(HEAD + content)), list)
    assert isinstance(read(content), list)
