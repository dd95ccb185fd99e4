"""The texts of one recognition."""

import json

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.formats import read_cues
from mediant.subtitles.provider.forms import make_texts
from mediant.subtitles.speech.engine import Heard, Segment
from mediant.subtitles.words import Word

WORDS = (Word(" Good", 1.0, 1.4), Word(" day\t--> all.", 1.4, 2.5))
SEGMENT = Segment(1.0, 2.5, " Good day\t--> all.", WORDS, -0.2, 1.1, 0.01, 0.0, (1, 2))


def _heard(**fields) -> Heard:
    plain = {"language": "en", "language_probability": 1.0, "duration_s": 3.0}
    named = {"model": "base", "device": "cpu", "compute_type": "int8"}
    return Heard(**{**plain, **named, "segments": (SEGMENT,), **fields})


def test_subtitles_are_cut_by_our_rules():
    texts = make_texts(_heard(), SubtitlesSettings())
    (cue,) = read_cues(texts["srt"])
    assert cue.start_ms == 1000
    assert texts["srt"].count("-->") == 1
    assert texts["vtt"].startswith("WEBVTT\n\n00:01.000 --> 00:0")


def test_a_late_sound_moves_every_time():
    texts = make_texts(_heard(), SubtitlesSettings(), 4.0)
    assert read_cues(texts["srt"])[0].start_ms == 5000
    told = json.loads(texts["json"])["segments"][0]
    assert (told["start"], told["end"], told["seek"]) == (5.0, 6.5, 500)
    assert told["words"][0]["start"] == 5.0
    assert texts["tsv"].splitlines()[1].startswith("5000\t6500\t")


def test_a_table_has_three_columns():
    lines = make_texts(_heard(), SubtitlesSettings())["tsv"].splitlines()
    assert [line.count("\t") for line in lines] == [2, 2]


def test_json_keeps_what_the_recogniser_said():
    told = json.loads(make_texts(_heard(), SubtitlesSettings())["json"])
    (segment,) = told["segments"]
    assert (segment["tokens"], segment["avg_logprob"]) == ([1, 2], -0.2)
    assert told["language"] == "en"


def test_where_nothing_is_said_each_form_is_whole_and_empty():
    texts = make_texts(_heard(segments=()), SubtitlesSettings())
    assert (texts["srt"], texts["txt"]) == ("", "")
    assert texts["vtt"] == "WEBVTT\n\n"
    assert texts["tsv"] == "start\tend\ttext\n"
    assert json.loads(texts["json"]) == {"language": "en", "segments": [], "text": ""}


def test_a_translation_is_english():
    facts = json.loads(
        make_texts(_heard(language="es", task="translate"), SubtitlesSettings())["facts"]
    )
    assert (facts["language"], facts["language_name"], facts["task"]) == (
        "en",
        "english",
        "translate",
    )


def test_words_are_marked_where_that_is_wanted():
    texts = make_texts(_heard(), SubtitlesSettings(word_level_highlight=True))
    assert "<u>Good</u>" in texts["srt"]
    assert "<c>Good</c> day" in texts["vtt"]
    assert "<u>" not in texts["vtt"]
    assert "<" not in texts["txt"]
