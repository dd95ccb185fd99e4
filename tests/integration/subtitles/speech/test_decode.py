"""From files to samples: sound stands where the container says."""

from fractions import Fraction

import av
import numpy as np
import pytest

from mediant.errors import MEDIA_CODES, Cancelled, MediaError
from mediant.jobs.sandbox import Sandbox
from mediant.subtitles.speech.audio import decode_speech, read_pcm
from mediant.subtitles.speech.engine import RATE
from mediant.testing import signals
from mediant.testing.videos import Sound, VideoFactory

LOUD = 2000


def begin_s(samples):
    """When the first loud sample comes."""
    return int(np.argmax(np.abs(samples.astype(np.int32)) > LOUD)) / RATE


def tone(frequency=440.0, seconds=2.0, rate=RATE):
    """A loud tone, float32 [n]."""
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def pitch(samples):
    """The strongest frequency in Hz."""
    found = np.abs(np.fft.rfft(samples.astype(np.float32)))
    return float(np.argmax(found[1:]) + 1) * RATE / len(samples)


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov", "ts", "avi", "flv", "webm"])
def test_every_container_gives_16_khz_mono(videos, sandbox, suffix):
    samples = decode_speech(videos.video(f"Film.{suffix}", [Sound(sound=tone())]), sandbox)
    assert samples.dtype == np.int16
    assert len(samples) / RATE == pytest.approx(2.0, abs=0.15)
    assert pitch(samples[RATE // 2 : 3 * RATE // 2]) == pytest.approx(440, abs=2)
    assert not samples.flags.writeable


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov", "webm", "ts"])
def test_late_sound_has_silence_before_it(videos, sandbox, suffix):
    path = videos.video(f"Late.{suffix}", [Sound(sound=tone(), start_s=5.0)])
    samples = decode_speech(path, sandbox)
    assert begin_s(samples) == pytest.approx(5.0, abs=0.1)
    assert len(samples) / RATE == pytest.approx(7.0, abs=0.15)


def test_the_chosen_stream_is_decoded(videos, sandbox):
    sounds = [Sound("eng", tone(440)), Sound("spa", tone(880), start_s=1.0)]
    path = videos.video("Two.mkv", sounds)
    with av.open(str(path)) as container:
        first, second = (stream.index for stream in container.streams.audio)
    one = decode_speech(path, sandbox, stream_index=first)
    two = decode_speech(path, sandbox, stream_index=second)
    assert pitch(one[RATE : RATE + RATE // 2]) == pytest.approx(440, abs=4)
    assert pitch(two[2 * RATE : 2 * RATE + RATE // 2]) == pytest.approx(880, abs=4)
    assert begin_s(two) == pytest.approx(1.0, abs=0.1)
    with pytest.raises(MediaError) as caught:
        decode_speech(path, sandbox, stream_index=0)
    assert caught.value.code == "no_audio"


def test_a_hole_in_the_timestamps_is_silence(tmp_path, sandbox):
    path = tmp_path / "hole.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        loud = (tone(seconds=1.0) * 32767).astype(np.int16).reshape(1, -1)
        for start in (0, 4 * RATE):
            frame = av.AudioFrame.from_ndarray(loud, "s16", "mono")
            frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    samples = decode_speech(path, sandbox)
    assert len(samples) == pytest.approx(5 * RATE, abs=50)
    assert np.abs(samples[RATE + 100 : 4 * RATE - 100]).max() == 0
    assert begin_s(samples[2 * RATE :]) == pytest.approx(2.0, abs=0.01)


def test_a_transport_stream_counts_from_its_own_beginning(videos, sandbox, tmp_path):
    source = videos.video("Film.ts", [Sound(sound=tone(), start_s=1.0)])
    shifted = tmp_path / "shifted.ts"
    with av.open(str(source)) as given, av.open(str(shifted), "w", format="mpegts") as out:
        copies = {one.index: out.add_stream_from_template(one) for one in given.streams}
        for packet in given.demux():
            if packet.dts is None or packet.pts is None:
                continue
            by = round(3600 / packet.time_base)
            packet.pts, packet.dts = packet.pts + by, packet.dts + by
            packet.stream = copies[packet.stream.index]
            out.mux(packet)
    assert begin_s(decode_speech(shifted, sandbox)) == pytest.approx(1.0, abs=0.1)


def test_stereo_and_surround_become_one_channel(videos, sandbox):
    stereo = np.stack([tone(440), tone(440)], axis=1)
    surround = np.stack([tone(440) * (index == 2) for index in range(6)], axis=1)
    for name, sound in (("stereo.mkv", stereo), ("surround.mkv", surround.astype(np.float32))):
        path = videos.video(name, [Sound(sound=sound, rate=RATE)])
        samples = decode_speech(path, sandbox)
        assert pitch(samples[RATE // 2 : RATE]) == pytest.approx(440, abs=4)
        assert np.abs(samples).max() > LOUD


def test_progress_is_told_and_what_it_raises_stops_at_once(videos, sandbox):
    path = videos.audio("long.wav", Sound(sound=signals.tone(120.0, rate=RATE)))
    told: list[float] = []
    decode_speech(path, sandbox, advance=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(120.0, abs=0.1)
    assert len(told) > 2

    def stop(seconds: float) -> None:
        if seconds > 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        decode_speech(path, sandbox, advance=stop)
    assert len(decode_speech(path, sandbox)) == pytest.approx(120 * RATE, abs=RATE)


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (lambda videos: videos.broken("Broken.mkv"), {"corrupt"}),
        (lambda videos: videos.empty("Empty.mkv"), {"empty"}),
        (lambda videos: videos.text("Text.mkv"), {"corrupt", "no_audio"}),
        (lambda videos: videos.video("Silent.mkv", []), {"no_audio"}),
        (lambda videos: videos.folder / "nowhere.mkv", {"missing"}),
        (lambda videos: videos.folder, {"unreadable"}),
    ],
)
def test_what_cannot_be_heard_has_its_code(videos: VideoFactory, sandbox: Sandbox, make, codes):
    path = make(videos)
    with pytest.raises(MediaError) as caught:
        decode_speech(path, sandbox)
    assert caught.value.code in codes
    assert caught.value.code in MEDIA_CODES
    assert caught.value.asset == str(path)


def test_half_a_file_gives_what_is_there(videos, sandbox):
    path = videos.cut("Half.ts", 0.5, [Sound(sound=tone(seconds=20.0))])
    assert 5 < len(decode_speech(path, sandbox)) / RATE < 20


def test_too_long_is_told_before_memory_is_full(videos, sandbox):
    path = videos.audio("long.wav", Sound(sound=tone(seconds=30.0)))
    with pytest.raises(MediaError) as caught:
        decode_speech(path, sandbox, longest_s=10.0)
    assert caught.value.code == "too_long"


def test_raw_pcm_is_read_where_it_lies(tmp_path):
    path = tmp_path / "sound.pcm"
    path.write_bytes(np.arange(1000, dtype="<i2").tobytes() + b"x")
    samples = read_pcm(path)
    assert isinstance(samples, np.memmap)
    assert samples.tolist() == list(range(1000))
    path.write_bytes(b"")
    for bad, code in ((path, "empty"), (tmp_path / "nowhere", "missing"), (tmp_path, "unreadable")):
        with pytest.raises(MediaError) as caught:
            read_pcm(bad)
        assert caught.value.code == code


def test_a_list_of_other_files_is_no_sound(videos, sandbox, tmp_path):
    """Nobody reads the house's files by sending a playlist that names them."""
    film = videos.video("Film.ts", [Sound(sound=tone())])
    playlist = tmp_path / "sent.m3u8"
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXTINF:2,", str(film), "#EXT-X-ENDLIST", ""]
    playlist.write_text("\n".join(lines))
    with av.open(str(playlist)) as container:
        assert container.format.name == "hls"
        assert container.streams.audio
    with pytest.raises(MediaError) as refused:
        decode_speech(playlist, sandbox)
    assert refused.value.code == "corrupt"
