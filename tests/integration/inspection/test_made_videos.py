"""The factory of videos makes what it says: its sound is heard again, at its time."""

import av
import numpy as np
import pytest
import soundfile

from mediant.subtitles.formats import read_cues
from mediant.testing import signals
from mediant.testing.video_codecs import FORMATS
from mediant.testing.videos import Sound, Text


def heard(path, number=0):
    """The samples of an audio track at 16 kHz, and the time of the first one in seconds."""
    resample = av.AudioResampler("flt", "mono", 16_000)
    with av.open(str(path)) as container:
        stream = container.streams.audio[number]
        frames = list(container.decode(stream))
        parts = [part for frame in frames for part in resample.resample(frame)]
        parts += resample.resample(None)
        samples = np.concatenate([part.to_ndarray()[0] for part in parts])
        return samples, float(frames[0].time or 0.0)


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_every_container_holds_its_sound(videos, suffix):
    sound = Sound("eng", seconds=2.0)
    has_picture = bool(FORMATS[suffix].picture)
    samples, _ = heard(videos.video(f"Film{suffix}", [sound], has_picture=has_picture))
    assert len(samples) / 16_000 == pytest.approx(2.0, abs=0.2)
    a_second = np.abs(np.fft.rfft(samples[8000:24000]))
    assert int(a_second.argmax()) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts", ".m2ts"])
def test_late_sound_is_late(videos, suffix):
    path = videos.video(f"Film{suffix}", [Sound("eng"), Sound("ger", start_s=4.5)])
    assert heard(path, 1)[1] - heard(path, 0)[1] == pytest.approx(4.5, abs=0.1)


def test_recordings_go_in_as_files_and_as_samples(videos, tmp_path):
    wave = signals.tone(1.5, 700.0, 22_050)
    soundfile.write(tmp_path / "talk.wav", wave, 22_050)
    sounds = [Sound("eng", tmp_path / "talk.wav"), Sound("fre", wave, 22_050)]
    path = videos.video("Film.mkv", sounds)
    one, other = heard(path, 0)[0], heard(path, 1)[0]
    assert len(one) / 16_000 == pytest.approx(1.5, abs=0.1)
    assert np.corrcoef(one[:20_000], other[:20_000])[0, 1] > 0.999


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".webm"])
def test_embedded_text_is_there(videos, suffix):
    path = videos.video(f"Film{suffix}", [Sound()], [Text("eng", ((0.5, 1.0, "One."),))])
    with av.open(str(path)) as container:
        found = b"".join(bytes(packet) for packet in container.demux(container.streams.subtitles))
    assert b"One." in found


def test_a_subtitle_file_is_readable(videos):
    lines = [(0.5, 1.5, "One."), (2.0, 3.0, "Two.")]
    path = videos.external(videos.video("Film.mkv"), "en", lines=lines)
    assert path.name == "Film.en.srt"
    cues = read_cues(path.read_bytes(), "eng")
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [
        (500, 1500, "One."),
        (2000, 3000, "Two."),
    ]
