"""A factory of media files for tests: real containers, real codecs, real damage.

The suffix of the name chooses container and codec. Nothing here is anybody's music.
"""

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import mutagen
import numpy as np
import soundfile
from mutagen import id3

from mediant.testing import signals
from mediant.testing.signals import Samples

BY_SOUNDFILE = {
    ".wav": "WAV",
    ".flac": "FLAC",
    ".ogg": "OGG",
    ".oga": "OGG",
    ".mp3": "MP3",
    ".aiff": "AIFF",
    ".aif": "AIFF",
}
"""Suffix -> libsndfile's name of the container."""

BY_FFMPEG = {
    ".opus": ("ogg", "libopus"),
    ".m4a": ("ipod", "aac"),
    ".m4b": ("ipod", "aac"),
    ".mp4": ("mp4", "aac"),
    ".mka": ("matroska", "flac"),
    ".webm": ("webm", "libopus"),
    ".wma": ("asf", "wmav2"),
    ".wv": ("wv", "wavpack"),
    ".tta": ("tta", "tta"),
    ".ac3": ("ac3", "ac3"),
    ".mp2": ("mp2", "mp2"),
}
"""Suffix -> FFmpeg's names of container and encoder."""

SUBTYPES = {8: "PCM_U8", 16: "PCM_16", 24: "PCM_24", 32: "PCM_32"}
ID3_NAMES = {"title": id3.TIT2, "artist": id3.TPE1, "album": id3.TALB, "genre": id3.TCON}
ASF_ENCRYPTION = bytes.fromhex("fbb31122 23bd d211 b4b7 00a0c955fc6e".replace(" ", ""))
"""GUID of ASF's content encryption object, in the byte order of the file."""


class MediaFactory:
    """Makes media files in one folder; every method returns the path of the new file.

    Folders in a name ("Artist/Album/01.flac") are made. Keyword `tags` are `title`, `artist`,
    `album` and `genre`.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is made when it is absent."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(
        self,
        name: str,
        samples: Samples,
        rate: int = 44100,
        *,
        bits: int | None = None,
        **tags: str,
    ) -> Path:
        """Encode samples of shape [n] or [n, channels].

        `bits` is 8, 16, 24 or 32 for integers and 0 for float32; by default 16.
        """
        return self._encode(name, samples, rate, tags, bits)

    def tone(
        self,
        name: str,
        seconds: float = 10.0,
        *,
        frequency: float = 440.0,
        channels: int = 1,
        rate: int = 44100,
        level: float = 0.5,
        **tags: str,
    ) -> Path:
        """A sine, the same in every channel."""
        mono = signals.tone(seconds, frequency, self._rate(name, rate), level)
        return self._encode(name, _spread(mono, channels), self._rate(name, rate), tags)

    def song(
        self,
        name: str,
        seconds: float = 12.0,
        *,
        key: str = "C major",
        bpm: float = 120.0,
        rate: int = 44100,
        **tags: str,
    ) -> Path:
        """Chords of a key over a click track, in two channels."""
        mono = signals.song(seconds, key, bpm, self._rate(name, rate))
        return self._encode(name, _spread(mono, 2), self._rate(name, rate), tags)

    def silence(self, name: str, seconds: float = 10.0, rate: int = 44100) -> Path:
        """Digital silence."""
        rate = self._rate(name, rate)
        return self.write(name, np.zeros(int(seconds * rate), np.float32), rate)

    def empty(self, name: str) -> Path:
        """A file of 0 bytes."""
        path = self._place(name)
        path.write_bytes(b"")
        return path

    def without_samples(self, name: str, rate: int = 44100) -> Path:
        """A proper container whose audio stream holds nothing; a suffix of libsndfile."""
        return self.write(name, np.zeros(0, np.float32), rate)

    def noise(self, name: str, size_bytes: int = 100_000, seed: int = 1) -> Path:
        """Random bytes under the name of a media file."""
        path = self._place(name)
        path.write_bytes(np.random.default_rng(seed).bytes(size_bytes))
        return path

    def corrupt(self, name: str, keep_bytes: int = 64, seconds: float = 10.0) -> Path:
        """A file that begins like its format; all after `keep_bytes` is random."""
        path = self.tone(name, seconds)
        data = path.read_bytes()
        rest = np.random.default_rng(2).bytes(len(data) - keep_bytes)
        path.write_bytes(data[:keep_bytes] + rest)
        return path

    def damaged(self, name: str, seconds: float = 20.0, share: float = 0.05) -> Path:
        """A song with a hole of random bytes, `share` of the file, in the middle."""
        path = self.song(name, seconds)
        data = bytearray(path.read_bytes())
        start, size = len(data) // 2, int(len(data) * share)
        data[start : start + size] = np.random.default_rng(3).bytes(size)
        path.write_bytes(data)
        return path

    def cut(self, name: str, seconds: float = 20.0, keep: float = 0.5) -> Path:
        """A song of which only the first part arrived, as after a broken download."""
        path = self.song(name, seconds)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])
        return path

    def mislabelled(self, name: str, really: str, seconds: float = 10.0) -> Path:
        """Content of the suffix `really` (".flac") under another name ("song.mp3")."""
        true = self.song(f"{name}{really}", seconds)
        return true.rename(self._place(name))

    def text(self, name: str) -> Path:
        """Words under the name of a media file."""
        path = self._place(name)
        path.write_text("This is not music.\n" * 200)
        return path

    def picture(self, name: str) -> Path:
        """A real PNG picture under the name of a media file: a container without audio."""
        path = self._place(name)
        with av.open(str(path), "w", format="image2", options={"update": "1"}) as out:
            stream = out.add_stream("png", rate=1)
            stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb24"
            frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
            out.mux([*stream.encode(frame), *stream.encode(None)])
        return path

    def protected_m4p(self, name: str = "bought.m4p", entry: bytes = b"drms") -> Path:
        """An m4a whose sample entry says that it is encrypted (`drms`, `enca` or `aavd`)."""
        path = self.song(f"{name}.m4a")
        data = path.read_bytes()
        at = data.index(b"mp4a", data.index(b"stsd"))
        path.write_bytes(data[:at] + entry + data[at + 4 :])
        return path.rename(self._place(name))

    def protected_wma(self, name: str = "bought.wma") -> Path:
        """A WMA file whose header carries a content encryption object."""
        path = self.song(name)
        data = bytearray(path.read_bytes())
        extra = ASF_ENCRYPTION + struct.pack("<Q", 24 + 16) + bytes(16)
        size, count = struct.unpack_from("<QI", data, 16)
        struct.pack_into("<QI", data, 16, size + len(extra), count + 1)
        path.write_bytes(data[:30] + extra + data[30:])
        return path

    def chained(
        self, name: str, rates: Sequence[int] = (44100, 44100), seconds: float = 5.0
    ) -> Path:
        """Several ogg or mp3 streams one after the other in one file, as radio recorders make.

        They are tones of 440, 660, 880 ... Hz, each of its own sample rate.
        """
        path = self._place(name)
        data = b""
        for number, rate in enumerate(rates):
            link_name, pitch = f"{name}.{number}{path.suffix}", 440 + 220 * number
            link = self.tone(link_name, seconds, frequency=pitch, rate=rate)
            data += link.read_bytes()
            link.unlink()
        path.write_bytes(data)
        return path

    def lying_wav(self, name: str, claimed_s: float, seconds: float = 10.0) -> Path:
        """A WAV whose header claims `claimed_s` seconds (at most 4 GB of data)."""
        path = self.tone(name, seconds)
        data = bytearray(path.read_bytes())
        size = min(int(claimed_s * 44100) * 2, 0xFFFFFF00)
        struct.pack_into("<I", data, 4, min(size + 36, 0xFFFFFFFF))
        struct.pack_into("<I", data, data.index(b"data") + 4, size)
        path.write_bytes(data)
        return path

    def _encode(
        self,
        name: str,
        samples: Samples,
        rate: int,
        tags: Mapping[str, str],
        bits: int | None = None,
    ) -> Path:
        path = self._place(name)
        if path.suffix.lower() not in BY_SOUNDFILE:
            self._write_ffmpeg(path, samples, rate, tags)
            return path
        self._write_soundfile(path, samples, rate, bits)
        if tags:
            self._tag(path, tags)
        return path

    def _place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _rate(self, name: str, rate: int) -> int:
        return 48000 if Path(name).suffix.lower() in {".opus", ".webm"} else rate

    def _write_soundfile(self, path: Path, samples: Samples, rate: int, bits: int | None) -> None:
        container = BY_SOUNDFILE[path.suffix.lower()]
        subtype = None if bits is None else SUBTYPES.get(bits, "FLOAT")
        if container == "WAV" and bits is None:
            subtype = "PCM_16"
        soundfile.write(path, samples, rate, format=container, subtype=subtype)

    def _write_ffmpeg(
        self, path: Path, samples: Samples, rate: int, tags: Mapping[str, str]
    ) -> None:
        container, codec = BY_FFMPEG[path.suffix.lower()]
        planes = np.ascontiguousarray(np.atleast_2d(samples.T), np.float32)
        layout = {1: "mono", 2: "stereo", 6: "5.1"}[planes.shape[0]]
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
        frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        with av.open(str(path), "w", format=container) as out:
            out.metadata.update(tags)
            stream = cast("av.AudioStream", out.add_stream(codec, rate=rate, layout=layout))
            if codec.startswith("wma"):
                stream.bit_rate = 128_000
            for part in (frame, None):
                out.mux(stream.encode(part))

    def _tag(self, path: Path, tags: Mapping[str, str]) -> None:
        file = mutagen.File(path, easy=True)
        if file.tags is None:
            file.add_tags()
        for key, value in tags.items():
            if isinstance(file.tags, id3.ID3):
                frame = ID3_NAMES[key](encoding=3, text=[value])  # type: ignore[no-untyped-call]
                file.tags.add(frame)  # type: ignore[no-untyped-call]
            else:
                file[key] = value
        file.save()


def _spread(mono: Samples, channels: int) -> Samples:
    """The same signal in every channel, [n] or [n, channels]."""
    return mono if channels == 1 else np.repeat(mono[:, None], channels, axis=1)
