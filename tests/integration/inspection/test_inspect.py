"""What containers say, read from real files in the real sandbox."""

import os

import pytest

from mediant.errors import MediaError
from mediant.jobs.sandbox import Sandbox
from mediant.subtitles.inspection.inspect import inspect_video
from mediant.subtitles.inspection.video import Video
from mediant.testing.media import MediaFactory
from mediant.testing.videos import Sound, Text


def languages(video):
    return [track.language for track in video.audio_tracks]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".m4v", ".ts", ".m2ts", ".wmv", ".webm"])
@pytest.mark.parametrize(("german", "french"), [("ger", "fre"), ("deu", "fra")])
def test_both_forms_of_codes_mean_the_same(videos, look, suffix, german, french):
    video = look(videos.video(f"Film{suffix}", [Sound(german), Sound(french), Sound()]))
    assert languages(video) == ["deu", "fra", "und"]
    assert [track.index for track in video.audio_tracks] == [0, 1, 2]
    assert [track.stream_index for track in video.audio_tracks] == [1, 2, 3]
    assert video.is_video


@pytest.mark.parametrize("suffix", [".avi", ".mpg", ".vob", ".flv"])
def test_containers_that_tell_no_language(videos, look, suffix):
    video = look(videos.video(f"Film{suffix}", [Sound("ger")]))
    assert languages(video) == ["und"]
    assert video.is_video


def test_the_facts_of_a_matroska_file(videos, look):
    path = videos.video(
        "Film.mkv",
        [
            Sound("jpn", is_default=True, title="Main"),
            Sound("eng", is_commentary=True),
            Sound("eng", title="Director's commentary", seconds=3.0),
        ],
        [
            Text("ger", is_forced=True, is_default=True),
            Text("ger", title="Signs & Songs"),
            Text("ger", title="Full", is_hearing_impaired=True),
            Text("eng", is_commentary=True),
            Text("eng", kind="ass"),
        ],
    )
    video = look(path)
    status = path.stat()
    assert (video.path, video.size, video.mtime_ns) == (
        str(path), status.st_size, status.st_mtime_ns,
    )  # fmt: skip
    assert video.duration_s == pytest.approx(3.0, abs=0.1)
    first, *others = video.audio_tracks
    assert (first.codec, first.channels, first.title) == ("aac", 1, "Main")
    assert (first.is_default, first.is_commentary) == (True, False)
    assert all(track.is_commentary and not track.is_default for track in others)
    assert [one.is_forced for one in video.embedded] == [True, True, False, False, False]
    assert [one.is_cover for one in video.embedded] == [False, False, True, False, True]
    assert [one.codec for one in video.embedded] == ["subrip"] * 4 + ["ass"]
    assert [one.is_hearing_impaired for one in video.embedded] == [False] * 2 + [True] + [False] * 2
    assert video.embedded[0].is_default
    assert [one.stream_index for one in video.embedded] == [4, 5, 6, 7, 8]
    assert Video.from_dict(video.to_dict()) == video


def test_the_facts_of_an_mp4_file(videos, look):
    sounds = [Sound("spa", title="Hauptton"), Sound("eng", title="Commentary")]
    texts = [Text("fra", is_forced=True), Text("spa", title="SDH")]
    video = look(videos.video("Film.mp4", sounds, texts))
    assert [track.title for track in video.audio_tracks] == ["Hauptton", "Commentary"]
    assert [track.is_commentary for track in video.audio_tracks] == [False, True]
    assert [(s.language, s.is_forced, s.codec) for s in video.embedded] == [
        ("fra", True, "mov_text"),
        ("spa", False, "mov_text"),
    ]
    assert video.embedded[1].is_hearing_impaired


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("Film.mkv", ["pgs", "vobsub", "dvb"]), ("Film.ts", ["dvb"]), ("Film.m2ts", ["pgs"])],
)
def test_pictures_of_text(videos, look, name, kinds):
    video = look(videos.video(name, [Sound("eng")], [Text("ger", kind=kind) for kind in kinds]))
    assert [one.is_image for one in video.embedded] == [True] * len(kinds)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("pt-BR", "por"), ("zh-Hant", "zho"), ("es-419", "spa"), ("yue", "yue"), ("de", "deu")],
)
def test_bcp_47_in_matroska(videos, look, written, expected):
    """In the old element, where some programs write it, and in its own (RFC 9559)."""
    path = videos.video("Film.mkv", [Sound(written)], [Text(written)])
    assert languages(look(path)) == [expected]
    data = path.read_bytes()
    assert data.count(bytes.fromhex("22b59c")) >= 2
    path.write_bytes(data.replace(bytes.fromhex("22b59c"), bytes.fromhex("22b59d")))
    video = look(path)
    assert languages(video) == [expected]
    assert [one.language for one in video.embedded] == [expected]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts", ".m2ts", ".webm"])
def test_late_audio_begins_late(videos, look, suffix):
    video = look(videos.video(f"Film{suffix}", [Sound("eng", start_s=4.5), Sound("ger")]))
    late, early = video.audio_tracks
    assert late.start_s - early.start_s == pytest.approx(4.5, abs=0.1)
    assert early.start_s - video.start_s == pytest.approx(0.0, abs=0.1)
    assert video.duration_s == pytest.approx(6.5, abs=0.2)


def test_a_clock_that_does_not_begin_at_0(videos, look):
    video = look(videos.video("Talk.mka", [Sound("eng", start_s=1.5)], has_picture=False))
    assert video.start_s == pytest.approx(1.5, abs=0.01)
    assert not video.is_video


def test_a_video_without_audio(videos, look):
    video = look(videos.video("Silent.mkv", []))
    assert video.is_video
    assert video.audio_tracks == ()
    assert video.duration_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("name", ["Song.mp3", "Song.m4a", "Talk.mka", "Song.flac", "Song.opus"])
def test_audio_is_no_video(videos, look, name):
    video = look(videos.audio(name, Sound("eng")))
    assert not video.is_video
    assert len(video.audio_tracks) == 1


@pytest.mark.parametrize("name", ["Song.mp3", "Song.m4a"])
def test_a_cover_is_no_video(videos, look, name):
    video = look(videos.song_with_cover(name))
    assert not video.is_video
    assert len(video.audio_tracks) == 1


def test_content_decides_not_the_name(videos, look):
    video = look(videos.mislabelled("Film.avi", ".mkv", [Sound("jpn")]))
    assert languages(video) == ["jpn"]
    assert video.path.endswith("Film.avi")


def test_names_of_any_bytes(videos, look):
    path = videos.video("Film.mkv", [Sound("jpn")])
    odd = os.fsdecode(os.fsencode(path.parent) + b"/F\xfflm: 100%d.mkv")
    video = look(path.rename(odd))
    assert languages(video) == ["jpn"]
    assert video.path == odd


def test_a_half_matroska_file_still_says_what_it_is(videos, look):
    assert languages(look(videos.cut("Film.mkv", sounds=[Sound("jpn")]))) == ["jpn"]


def make_pictured(folder, name):
    return MediaFactory(folder).picture(name)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda v: v.folder / "gone.mkv", "missing"),
        (lambda v: v.empty("a.mkv").parent / "a.mkv" / "b.mkv", "missing"),
        (lambda v: v.folder, "unreadable"),
        (lambda v: v.empty("a.mkv"), "empty"),
        (lambda v: v.broken("a.mkv"), "corrupt"),
        (lambda v: v.text("a.mkv"), "corrupt"),
        (lambda v: v.cut("a.mp4"), "corrupt"),
        (lambda v: make_pictured(v.folder, "a.mkv"), "corrupt"),
        (lambda v: v.external(v.video("b.mkv")).rename(v.folder / "a.mkv"), "corrupt"),
        (lambda v: v.video("a.mka", [], [Text("ger")], has_picture=False), "no_audio"),
    ],
)
def test_what_is_no_media_says_so(videos, look, make, code):
    path = make(videos)
    with pytest.raises(MediaError) as refused:
        look(path)
    assert refused.value.code == code
    assert refused.value.asset == str(path)
    assert not refused.value.transient


def test_a_playlist_opens_no_other_file(videos, look):
    videos.video("Film.ts", [Sound("eng")])
    path = videos.folder / "List.ts"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nFilm.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError) as refused:
        look(path)
    assert refused.value.code == "corrupt"


def test_a_fifo_is_not_waited_for(videos, look):
    path = videos.folder / "pipe.mkv"
    os.mkfifo(path)
    with pytest.raises(MediaError) as refused:
        look(path)
    assert refused.value.code == "unreadable"


def test_an_encrypted_track_is_protected(videos, look):
    path = videos.audio("Film.m4a")
    data = path.read_bytes()
    at = data.index(b"mp4a", data.index(b"stsd"))
    path.write_bytes(data[:at] + b"drms" + data[at + 4 :])
    with pytest.raises(MediaError) as refused:
        look(path)
    assert refused.value.code == "protected"


def with_attachment(path, size):
    """Put an attached file of zeros before the first cluster of a Matroska file; sparse."""

    def head(number, length):
        return bytes.fromhex(number) + (length | 1 << 56).to_bytes(8, "big")

    name, kind = head("466e", 5) + b"a.ttf", head("4660", 8) + b"font/ttf"
    rest = name + kind + head("46ae", 1) + b"\1" + head("465c", size)
    attachments = head("1941a469", len(rest) + size + 10) + head("61a7", len(rest) + size) + rest
    data = path.read_bytes()
    # The index would lead astray, and the size of the whole is not known any more.
    data = data.replace(bytes.fromhex("114d9b74"), bytes.fromhex("114d9b75"), 1)
    at = data.index(bytes.fromhex("18538067")) + 4
    data = data[:at] + b"\x01" + b"\xff" * 7 + data[at + 8 :]
    cluster = data.index(bytes.fromhex("1f43b675"))
    with path.open("wb") as file:
        file.write(data[:cluster] + attachments)
        file.seek(size, os.SEEK_CUR)
        file.write(data[cluster:])


def test_large_fonts_fit(videos, look):
    path = videos.video("Film.mkv", [Sound("jpn")])
    with_attachment(path, 50 << 20)
    assert languages(look(path)) == ["jpn"]


def test_limits_are_kept_and_said(videos):
    path = videos.video("Film.mkv", [Sound("jpn")])
    with Sandbox(memory_bytes=512 << 20, timeout_s=0.001) as hurried:
        with pytest.raises(MediaError) as refused:
            inspect_video(path, hurried)
        assert refused.value.code == "decode_timeout"
    with_attachment(path, 50 << 20)
    with Sandbox(memory_bytes=155 << 20, timeout_s=30.0) as narrow:
        with pytest.raises(MediaError) as refused:
            inspect_video(path, narrow)
        assert refused.value.code == "decode_memory"
        assert languages(inspect_video(videos.video("Next.mkv", [Sound("fre")]), narrow)) == ["fra"]


@pytest.mark.parametrize("memory_mib", [4, 8, 12, 16])
def test_a_child_too_narrow_to_start_or_to_load_ffmpeg_lacks_memory(videos, memory_mib):
    path = videos.video("Film.mkv", [Sound("jpn")])
    with Sandbox(memory_bytes=memory_mib << 20, timeout_s=30.0) as useless:
        with pytest.raises(MediaError) as refused:
            inspect_video(path, useless)
        assert refused.value.code == "decode_memory"
