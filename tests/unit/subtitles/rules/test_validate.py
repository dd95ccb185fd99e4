"""Rules as people write them."""

import pytest
from hypothesis import given
from tests.unit.subtitles.rules import films

from mediant.errors import Invalid
from mediant.subtitles.rules.rule import Action, Conditions
from mediant.subtitles.rules.validate import (
    conditions_to_texts,
    read_action,
    read_conditions,
    read_priority,
    read_rule_name,
    warn_about,
)


def test_conditions_are_read_from_texts():
    asked = read_conditions(
        {
            "audio_language_is": "ja",
            "audio_language_not": "eng, French|ger",
            "audio_track_count_min": "2",
            "has_embedded_subtitle_lang": None,
            "missing_embedded_subtitle_lang": "",
            "missing_external_subtitle_lang": "es",
            "file_extension": "MKV, .mp4,*.Avi",
        }
    )
    assert asked == Conditions(
        audio_language_is="jpn",
        audio_language_not=("eng", "fra", "deu"),
        audio_track_count_min=2,
        missing_external_subtitle_lang="spa",
        file_extension=(".mkv", ".mp4", ".avi"),
    )


def test_lists_do_as_well():
    asked = read_conditions({"file_extension": ["mkv"], "audio_language_not": ["en", "eng"]})
    assert asked == Conditions(file_extension=(".mkv",), audio_language_not=("eng",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audio_language_is", "klingonish"),
        ("audio_language_is", "und"),
        ("audio_language_is", 5),
        ("audio_language_not", "eng,xxx"),
        ("audio_language_not", 5),
        ("audio_track_count_min", "many"),
        ("audio_track_count_min", -1),
        ("audio_track_count_min", True),
        ("audio_track_count_min", 1.5),
        ("missing_external_subtitle_lang", "zz"),
        ("file_extension", "mk/v"),
        ("file_extension", ".mkv mp4"),
        ("audio_langauge_is", "eng"),
    ],
)
def test_a_bad_condition_is_named(field, value):
    with pytest.raises(Invalid) as refused:
        read_conditions({field: value})
    assert refused.value.asset == field
    assert field in refused.value.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action_type", "dub"),
        ("quality_preset", "perfect"),
        ("target_language", "xx"),
        ("job_priority", "high"),
        ("job_priority", 10**9),
        ("action", 1),
    ],
)
def test_a_bad_action_is_named(field, value):
    with pytest.raises(Invalid) as refused:
        read_action({field: value})
    assert refused.value.asset == field
    assert field in refused.value.text


def test_an_action_has_defaults():
    assert read_action({}) == Action("transcribe", "", "fast", 0)
    told = {"action_type": "translate", "target_language": "es", "quality_preset": "best"}
    assert read_action({**told, "job_priority": "5"}) == Action("translate", "spa", "best", 5)


def test_a_translation_has_a_target():
    with pytest.raises(Invalid, match="target_language"):
        read_action({"action_type": "translate"})


def test_a_rule_has_a_name_and_a_priority():
    assert read_rule_name("  Anime ") == "Anime"
    assert (read_priority("priority", None), read_priority("priority", -3)) == (0, -3)
    for bad in ("", "  ", None, 5, "x" * 201):
        with pytest.raises(Invalid, match="name"):
            read_rule_name(bad)


def test_a_rule_that_asks_nothing_is_warned_about():
    assert "every file" in (warn_about(read_conditions({"file_extension": ""})) or "")
    assert warn_about(read_conditions({"audio_track_count_min": 0})) is None
    assert warn_about(Conditions(audio_language_is="eng")) is None


@given(films.conditions)
def test_what_is_written_reads_the_same(asked):
    once = read_conditions(conditions_to_texts(asked))
    assert read_conditions(conditions_to_texts(once)) == once
    assert once.is_empty == asked.is_empty
