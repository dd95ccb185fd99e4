"""When two questions are one."""

from dataclasses import replace
from pathlib import Path

import pytest

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.provider.hint import Hint
from mediant.subtitles.provider.question import (
    LanguageQuestion,
    TextQuestion,
    choose_windows,
    key_of,
)
from mediant.subtitles.provider.spool import Audio

AUDIO = Audio("a" * 64, Path("/spool") / ("a" * 64), 100)
QUESTION = TextQuestion(AUDIO, is_pcm=True, language="en")
SETTINGS = SubtitlesSettings()


@pytest.mark.parametrize(
    "other",
    [
        replace(QUESTION, audio=replace(AUDIO, name="b" * 64)),
        replace(QUESTION, is_pcm=False),
        replace(QUESTION, task="translate"),
        replace(QUESTION, language="es"),
        replace(QUESTION, language=None),
        replace(QUESTION, prompt="Dashwood"),
        replace(QUESTION, hint=Hint("/tv/a.mkv", 1, 2)),
        LanguageQuestion(AUDIO, is_pcm=True),
    ],
)
def test_another_question_has_another_key(other):
    assert key_of(other, SETTINGS, []) != key_of(QUESTION, SETTINGS, [])


def test_another_recogniser_answers_anew():
    key = key_of(QUESTION, SETTINGS, ["base"])
    assert key_of(QUESTION, SETTINGS, ["small", "base"]) != key
    assert key_of(QUESTION, SubtitlesSettings(whisper_model="small"), ["base"]) != key
    assert key_of(QUESTION, SubtitlesSettings(custom_regroup="sl=40"), ["base"]) != key


def test_what_matters_not_changes_nothing():
    key = key_of(QUESTION, SETTINGS, ["a", "b"])
    moved = replace(QUESTION, audio=replace(AUDIO, path=Path("/elsewhere"), size=0))
    assert key_of(moved, SubtitlesSettings(provider_timeout_seconds=9), ["b", "a"]) == key


def test_a_replaced_film_is_another_question():
    one = replace(QUESTION, hint=Hint("/tv/a.mkv", 1, 2))
    other = replace(QUESTION, hint=Hint("/tv/a.mkv", 1, 3))
    assert key_of(one, SETTINGS, []) != key_of(other, SETTINGS, [])


def test_somebody_waits_so_it_goes_first():
    job = QUESTION.new_job("key")
    assert (job.kind, job.priority, job.dedup_key) == ("hear", 2_000_000, "key")
    assert LanguageQuestion(AUDIO, is_pcm=True).new_job("key").kind == "hear_language"


def test_windows_are_those_that_were_asked_for():
    settings = SubtitlesSettings(detect_language_length=20, detect_language_offset=5)
    usual = choose_windows({}, settings)
    assert (usual.length_s, usual.offset_s) == (20.0, 5.0)
    asked = choose_windows({"length_s": 10.0, "offset_s": 0.0}, settings)
    assert (asked.length_s, asked.offset_s) == (10.0, 0.0)
