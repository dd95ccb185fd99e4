"""The answer where nobody speaks."""

import pytest

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.formats import read_cues, write_cues
from mediant.subtitles.provider.forms import make_texts
from mediant.subtitles.provider.silence import fill_silence
from mediant.subtitles.speech.engine import Heard

NOTHING = make_texts(Heard("en", 1.0, 9.0, (), "m", "cpu", "int8"), SubtitlesSettings())


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_one_cue_where_that_is_wished(form: str) -> None:
    wished = SubtitlesSettings(provider_silent_text="♪ 1 < 2")
    (cue,) = read_cues(fill_silence(NOTHING[form], form, wished))
    assert (cue.start_ms, cue.end_ms, cue.lines) == (0, 1000, ("♪ 1 < 2",))
    assert fill_silence(NOTHING[form], form, SubtitlesSettings()) == NOTHING[form]


@pytest.mark.parametrize("text", [" ", "\n", "\u200b\n\n"])
def test_a_text_that_nobody_sees_is_none(text: str) -> None:
    blank = SubtitlesSettings(provider_silent_text=text)
    assert "\n\n\n" not in fill_silence("", "srt", blank)


@pytest.mark.parametrize("text", ["a --> b", "1\n\n00:00:05,000 --> 00:00:06,000\nx"])
def test_no_text_becomes_a_second_cue(text: str) -> None:
    wished = SubtitlesSettings(provider_silent_text=text)
    for form in ("srt", "vtt"):
        assert len(read_cues(fill_silence("", form, wished))) == 1


def test_what_is_said_stays_and_other_forms_stay_true() -> None:
    wished = SubtitlesSettings(provider_silent_text="♪")
    said = write_cues(read_cues("1\n00:00:01,000 --> 00:00:02,000\nHello\n"), "srt")
    assert fill_silence(said, "srt", wished) == said
    for form in ("txt", "tsv", "json"):
        assert fill_silence(NOTHING[form], form, wished) == NOTHING[form]
