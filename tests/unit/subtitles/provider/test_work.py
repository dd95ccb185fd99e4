"""What a worker makes of a wish, with a recogniser of the test's own behind the port."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.provider import work
from mediant.subtitles.speech.engine import Capabilities, Finding, Heard, Segment, SpeechWish
from mediant.subtitles.transcribe.order import Order

ORDER = Order(Path("/spool/x"), SubtitlesSettings(), Path("/models"), preset="balanced")
SAMPLES = np.zeros(16_000, np.int16)
SPANISH = Finding("es", 0.9)
HEARD = Heard("en", 1.0, 1.0, (Segment(0.0, 1.0, " Hm.", avg_logprob=-1.2),), "m", "cpu", "int8")


class Engine:
    """Knows some languages, and hears one."""

    def __init__(self, languages=("en", "zh"), finding=SPANISH) -> None:
        self.languages, self.finding, self.asked = frozenset(languages), finding, 0

    def capabilities(self):
        return Capabilities(
            self.languages, frozenset({"transcribe", "translate"}), True, len(self.languages) > 1
        )

    def detect(self, _samples, _windows, _advance):
        self.asked += 1
        return self.finding


class Hearing:
    """Opens one engine, and keeps in mind for what."""

    def __init__(self, engine) -> None:
        self.engine: Any = engine
        self.opened: Any = None

    def open_engine(self, task, language):
        self.opened = (task, language)
        return self.engine


class Seen:
    """A watch that remembers its log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def log(self, level, text):
        self.lines.append((level, text))

    def stop_if_cancelled(self): ...


def _prepare(language, task="transcribe", languages=("en", "zh")):
    hearing: Any = Hearing(Engine(languages))
    payload = {"language": language, "task": task, "prompt": None}
    _, wish = work._prepare(payload, hearing, ORDER)
    return hearing.opened, wish


def test_cantonese_is_chinese_for_a_model_that_knows_no_better():
    assert _prepare("yue")[1].language == "zh"
    assert _prepare("yue", languages=("zh", "yue"))[1].language == "yue"


def test_english_needs_no_translation():
    opened, wish = _prepare("en", "translate")
    assert (opened, wish.task) == (("transcribe", "en"), "transcribe")
    assert _prepare("es", "translate")[1].task == "translate"
    assert _prepare(None, "translate")[1].task == "translate"


def _warn(heard, wish, engine):
    watch: Any = Seen()
    work._warn_if_unsure(heard, wish, engine, SAMPLES, watch)
    return watch.lines


def test_a_wrong_language_is_told():
    lines = _warn(HEARD, SpeechWish(language="en"), Engine())
    assert lines == [("warning", "It was said to be English, but sounds like Spanish (90%).")]


@pytest.mark.parametrize(
    ("logprob", "language", "engine", "asked"),
    [
        (-0.3, "en", Engine(), 0),
        (-1.2, None, Engine(), 0),
        (-1.2, "en", Engine(languages=("en",)), 0),
        (-1.2, "en", Engine(finding=Finding("en", 0.8)), 1),
        (-1.2, "en", Engine(finding=Finding(None, 0.3)), 1),
    ],
)
def test_otherwise_nothing_is_said(logprob, language, engine, asked):
    segment = replace(HEARD.segments[0], avg_logprob=logprob)
    assert _warn(replace(HEARD, segments=(segment,)), SpeechWish(language=language), engine) == []
    assert engine.asked == asked
