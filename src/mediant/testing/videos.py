"""A factory of small real videos for tests: several audio tracks, embedded and external subtitles.

    videos = VideoFactory(tmp_path)
    path = videos.video("Film.mkv", [Sound("jpn", start_s=5.0), Sound("eng", title="Commentary")],
                        [Text("eng", is_forced=True)])
    path = videos.video("Talk.mp4", [Sound("eng", speech_wav)])  # real speech: path or samples
    videos.external(path, "en.forced")                           # Film.en.forced.srt beside it
    videos.broken("Bad.mkv"); videos.cut("Half.mkv"); videos.empty("Nothing.mkv")

The suffix of the name chooses container and codecs: mkv, webm, mp4, m4v, mov, avi, ts, m2ts, mpg,
vob, wmv, flv, and for audio mp3, m4a, mka, flac, ogg, opus, wav. Pictures are 64 x 64, 5 a second,
so an hour costs a second or two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import av
import numpy as np
import soundfile
from av.stream import Disposition

from mediant.testing import signals
from mediant.testing.signals import Samples
from mediant.testing.video_codecs import FORMATS, Format, subtitle_codec

if TYPE_CHECKING:
    from av.container import OutputContainer

Packet: TypeAlias = "av.Packet[Any]"

WIDTH = HEIGHT = 64
LINE = "Hello there."


@dataclass(frozen=True, slots=True)
class Sound:
    """One audio track. Without `sound` it is a tone of `seconds`."""

    language: str = ""
    """As the container shall say it: `fre`, `fra`, `pt-BR`; empty says nothing."""
    sound: Samples | Path | None = None
    """Samples of shape [n] or [n, channels] at `rate`, or a file that libsndfile reads."""
    rate: int = 16_000
    seconds: float = 2.0
    title: str = ""
    start_s: float = 0.0
    """When it begins; what lies before is no silence, it is nothing."""
    is_default: bool = False
    is_commentary: bool = False
    codec: str = ""
    """FFmpeg's name of an encoder in place of the container's usual one."""


@dataclass(frozen=True, slots=True)
class Text:
    """One embedded subtitle stream."""

    language: str = ""
    lines: tuple[tuple[float, float, str], ...] = ((0.5, 1.5, LINE),)
    """Start and end in seconds, and what is shown."""
    title: str = ""
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False
    is_commentary: bool = False
    kind: str = "text"
    """`text` (what the container uses), `ass`, or the pictures `pgs`, `vobsub`, `dvb`; these hold
    no real pictures, only the stream."""


class VideoFactory:
    """Makes videos in one folder; every method returns the path of the new file.

    Folders in a name ("Show/Season 1/01.mkv") are made.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is made when it is absent."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def video(
        self,
        name: str,
        sounds: Sequence[Sound] = (Sound(),),
        texts: Sequence[Text] = (),
        *,
        seconds: float | None = None,
        has_picture: bool = True,
    ) -> Path:
        """A video as long as its longest sound, or `seconds`; `sounds` may be empty."""
        path = self._place(name)
        form = FORMATS[path.suffix.lower()]
        waves = [_wave(sound) for sound in sounds]
        ends = [s.start_s + len(w) / r for s, (w, r) in zip(sounds, waves, strict=True)]
        length = seconds if seconds is not None else max([*ends, 2.0])
        with av.open(str(path), "w", format=form.container) as out:
            makers = [_picture(out, form, length)] if has_picture and form.picture else []
            for sound, (wave, rate) in zip(sounds, waves, strict=True):
                makers.append(_sound(out, form, sound, wave, rate))
            makers += [_text(out, form, text) for text in texts]
            out.start_encoding()
            packets = [packet for maker in makers for packet in maker]
            for packet in sorted(packets, key=_when):
                out.mux(packet)
        return path

    def audio(self, name: str, sound: Sound | None = None) -> Path:
        """A file of one sound and no picture, such as `Song.mp3` or `Talk.mka`."""
        return self.video(name, [sound or Sound()], has_picture=False)

    def song_with_cover(self, name: str = "Song.mp3") -> Path:
        """Audio with an attached picture, which is no video."""
        path = self._place(name)
        form = FORMATS[path.suffix.lower()]
        with av.open(str(path), "w", format=form.container) as out:
            wave, rate = _wave(Sound())
            audio = _sound(out, form, Sound(), wave, rate)
            cover = out.add_stream("mjpeg", rate=1)
            cover.width, cover.height, cover.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
            cover.disposition = Disposition.attached_pic
            out.start_encoding()
            out.mux([*cover.encode(av.VideoFrame(WIDTH, HEIGHT, "yuvj420p")), *cover.encode(None)])
            out.mux(list(audio))
        return path

    def external(
        self,
        video: Path,
        tokens: str = "",
        *,
        extension: str = "srt",
        folder: str = "",
        lines: Sequence[tuple[float, float, str]] = ((0.5, 1.5, LINE),),
    ) -> Path:
        """A subtitle file of `video`: `Film.<tokens>.<extension>`, in `folder` below its own.

        It holds SRT, whatever the extension says.
        """
        token = f".{tokens}" if tokens else ""
        path = video.parent / folder / f"{video.stem}{token}.{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(_srt_blocks(lines)), encoding="utf-8")
        return path

    def broken(self, name: str) -> Path:
        """Random bytes under the name of a video."""
        path = self._place(name)
        path.write_bytes(np.random.default_rng(5).bytes(50_000))
        return path

    def cut(self, name: str, keep: float = 0.5, sounds: Sequence[Sound] = (Sound(),)) -> Path:
        """A video of which only the first part arrived; an mp4 has no index then."""
        path = self.video(name, sounds)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])
        return path

    def empty(self, name: str) -> Path:
        """A file of 0 bytes."""
        path = self._place(name)
        path.write_bytes(b"")
        return path

    def text(self, name: str) -> Path:
        """Words under the name of a video."""
        path = self._place(name)
        path.write_text("This is not a film.\n" * 200)
        return path

    def mislabelled(
        self, name: str, really: str, sounds: Sequence[Sound] = (Sound(),), **more: Any
    ) -> Path:
        """Content of the suffix `really` (".mkv") under another name ("Film.avi")."""
        return self.video(f"{name}{really}", sounds, **more).rename(self._place(name))

    def _place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _wave(sound: Sound) -> tuple[Samples, int]:
    """Samples [n, channels] and their rate in Hz."""
    if isinstance(sound.sound, Path):
        samples, rate = soundfile.read(sound.sound, dtype="float32", always_2d=True)
        return samples, int(rate)
    samples = sound.sound
    if samples is None:
        samples = signals.tone(sound.seconds, rate=sound.rate)
    return samples.reshape(len(samples), -1), sound.rate


def _picture(out: "OutputContainer", form: Format, seconds: float) -> Iterator[Packet]:
    stream = cast("av.VideoStream", out.add_stream(form.picture, rate=form.frame_rate))
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"

    def packets() -> Iterator[Packet]:
        for number in range(max(1, round(seconds * form.frame_rate))):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number % 200 + 20]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, form.frame_rate)
            yield from stream.encode(frame)
        yield from stream.encode(None)

    return packets()


def _sound(
    out: "OutputContainer", form: Format, sound: Sound, wave: Samples, rate: int
) -> Iterator[Packet]:
    codec = sound.codec or form.sound
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[wave.shape[1]]
    coded_rate = form.sound_rate or rate
    options = {"aac_coder": "fast"} if codec == "aac" else {}
    stream = cast(
        "av.AudioStream", out.add_stream(codec, rate=coded_rate, options=options, layout=layout)
    )
    wishes = (sound.is_default, Disposition.default), (sound.is_commentary, Disposition.comment)
    _label(stream, sound.language, sound.title, wishes)
    context = stream.codec_context
    if codec.startswith("wma"):
        context.bit_rate = 128_000

    def packets() -> Iterator[Packet]:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave.T), "fltp", layout)
        frame.rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = round(sound.start_s * rate)
        size = context.frame_size or 1024
        resample = av.AudioResampler(context.format.name, layout, coded_rate, size)
        for part in [*resample.resample(frame), *resample.resample(None)]:
            yield from stream.encode(part)
        yield from stream.encode(None)

    return packets()


def _text(out: "OutputContainer", form: Format, text: Text) -> Iterator[Packet]:
    codec = subtitle_codec(form, text.kind)
    stream = out.add_mux_stream(codec, time_base=Fraction(1, 1000))
    wishes = (
        (text.is_default, Disposition.default),
        (text.is_forced, Disposition.forced),
        (text.is_hearing_impaired, Disposition.hearing_impaired),
        (text.is_commentary, Disposition.comment),
    )
    _label(stream, text.language, text.title, wishes)

    def packets() -> Iterator[Packet]:
        for start_s, end_s, words in text.lines:
            packet = av.Packet(_coded(codec, words))
            packet.stream, packet.time_base = stream, Fraction(1, 1000)
            packet.pts = packet.dts = round(start_s * 1000)
            packet.duration = round((end_s - start_s) * 1000)
            yield packet

    return packets()


def _label(
    stream: Any, language: str, title: str, wishes: Iterable[tuple[bool, Disposition]]
) -> None:
    if language:
        stream.metadata["language"] = language
    if title:
        stream.metadata["title"] = title
    wanted = Disposition(0)
    for is_wanted, disposition in wishes:
        wanted |= disposition if is_wanted else Disposition(0)
    if wanted:
        stream.disposition = wanted


def _coded(codec: str, words: str) -> bytes:
    data = words.encode()
    if codec == "mov_text":
        return len(data).to_bytes(2, "big") + data
    if codec == "ass":
        return b"0,0,Default,,0,0,0,," + data
    return data if codec in {"subrip", "webvtt"} else bytes(20)


def _when(packet: Packet) -> float:
    at = packet.dts if packet.dts is not None else packet.pts
    return float((at or 0) * packet.time_base)


def _srt_blocks(lines: Sequence[tuple[float, float, str]]) -> Iterator[str]:
    for number, (start_s, end_s, words) in enumerate(lines, start=1):
        yield f"{number}\n{_clock(start_s)} --> {_clock(end_s)}\n{words}\n"


def _clock(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"
