"""A recogniser and a translator of the tests' own behind the ports, and runs with them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from mediant.errors import Cancelled
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.video import AudioTrack, Video
from mediant.subtitles.speech.engine import Capabilities, Finding, Heard, Segment
from mediant.subtitles.transcribe.order import Order
from mediant.subtitles.transcribe.stages import Pace, Stages
from mediant.subtitles.transcribe.work import Transcription
from mediant.subtitles.translate.route import Installed, Model, choose_route
from mediant.subtitles.words import Word

SAID = [Word(" Good", 1.0, 1.4), Word(" morning,", 1.4, 1.9), Word(" world.", 1.9, 2.4)]
RATE = 16_000


class Engine:
    """Hears `SAID` in `language`, in ten steps."""

    def __init__(self, hearing) -> None:
        self.hearing = hearing

    def capabilities(self):
        return Capabilities(frozenset({"en", "es", "ja"}), frozenset({"transcribe"}), True, True)

    def transcribe(self, samples, wish, advance):
        self.hearing.wishes.append(wish)
        for step in range(11):
            advance(len(samples) / RATE * step / 10)
        words = tuple(self.hearing.said)
        segments = (Segment(1.0, 2.4, "".join(w.text for w in words), words),) if words else ()
        seconds = len(samples) / RATE
        return Heard(wish.language, 1.0, seconds, segments, "test-model", "cpu", "int8", wish.task)

    def detect(self, samples, windows, advance):
        return self.hearing.finding

    def close(self): ...


class Upper:
    """Translates by shouting."""

    def translate(self, texts, source, target, advance):
        advance(1.0)
        return [text.upper() for text in texts]

    def close(self): ...


class FakeHearing:
    """What a transcription needs of the outside, as values."""

    def __init__(self, language="eng", said=SAID, pairs=(), whisper_can=False, is_video=True):
        self.language, self.said, self.is_video = language, said, is_video
        self.finding = Finding("es", 0.9, (("es", 0.9),))
        self.wishes, self.tasks = [], []
        models = tuple(Model(f"{a}-{b}", frozenset({a}), frozenset({b})) for a, b in pairs)
        self.installed = Installed(models=models, whisper_can=whisper_can)

    def inspect(self, path):
        tracks = (AudioTrack(0, 1, "aac", self.language), AudioTrack(1, 2, "aac", "jpn"))
        stat = path.stat()
        return Video(str(path), stat.st_size, stat.st_mtime_ns, 10.0, 0.0, self.is_video, tracks)

    def decode(self, path, stream_index, advance):
        self.stream_index = stream_index
        advance(10.0)
        return np.zeros(10 * RATE, np.int16)

    def find_route(self, source, target, *, whisper_can=True):
        able = self.installed.whisper_can and whisper_can
        return choose_route(source, target, replace(self.installed, whisper_can=able))

    def open_engine(self, task, language):
        self.tasks.append((task, language))
        return Engine(self)

    def open_step(self, step):
        return Upper()


class Seen:
    """A watch that remembers, and may ask to stop at a stage."""

    def __init__(self, stop_at=None):
        self.stop_at = stop_at
        self.stages, self.parts, self.lines = [], [], []
        self.fractions = []

    def report(self, fraction, stage, eta_s=None):
        if not self.stages or self.stages[-1] != stage:
            self.stages.append(stage)
        self.fractions.append(fraction)

    def log(self, level, text):
        self.lines.append((level, text))

    def stop_if_cancelled(self):
        if self.stop_at is not None and self.stop_at in self.stages:
            raise Cancelled

    def emit(self, part):
        self.parts.append(part)


def order(film: Path, target="eng", settings=None, **fields) -> Order:
    known = SubtitlesSettings(**(settings or {}))
    return Order(film, known, film.parent / "models", target, **fields)


def run(wanted: Order, hearing=None, watch=None):
    watch = watch or Seen()
    return Transcription(wanted, hearing or FakeHearing(), Stages(watch, Pace()), watch).run()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
