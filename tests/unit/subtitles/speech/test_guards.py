"""What is made up goes, what is said stays."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.speech.engine import RATE, Segment
from mediant.subtitles.speech.guards import (
    collapse_loops,
    collapse_repeats,
    compression_ratio,
    guard,
    is_lone_phantom,
    is_silence,
    is_speakable,
    touches,
)
from mediant.subtitles.speech.phantoms import is_phantom
from mediant.subtitles.speech.voices import Voice
from mediant.subtitles.words import Word


def said(text, start=0.0, each=0.4, **fields):
    """A segment with a word every `each` seconds."""
    words = tuple(
        Word(f" {word}", start + index * each, start + (index + 1) * each, None, 0.9)
        for index, word in enumerate(text.split())
    )
    fields = {"avg_logprob": -0.2, "compression_ratio": compression_ratio(f" {text}")} | fields
    return Segment(start, start + len(words) * each, f" {text}", words, **fields)


ALL = [Voice(0, 3600 * RATE)]

segments = st.lists(
    st.builds(
        said,
        st.lists(
            st.sampled_from(["no", "yes", "thanks", "you", "bye", "well", "go", "home"]),
            max_size=12,
        ).map(" ".join),
        st.floats(0, 3000),
        st.floats(0.01, 3),
        avg_logprob=st.floats(-3, 0),
        no_speech_prob=st.floats(0, 1),
        compression_ratio=st.floats(0.5, 10),
    ),
    max_size=12,
)
places = st.none() | st.lists(
    st.tuples(st.integers(0, 3000), st.integers(1, 60)).map(
        lambda pair: Voice(pair[0] * RATE, (pair[0] + pair[1]) * RATE)
    ),
    max_size=5,
)


@given(segments, places)
def test_nothing_is_added_and_order_and_words_stay(found, voices):
    kept = guard(found, "en", voices)
    words = [word for segment in found for word in segment.words]
    left = iter(words)
    assert all(word in left for segment in kept for word in segment.words)
    assert all(segment.text.strip() for segment in kept)


@given(segments, places)
def test_guarding_twice_is_guarding_once(found, voices):
    once = guard(found, "en", voices)
    assert guard(once, "en", voices) == once


@given(segments)
def test_what_remains_lasts_as_long_as_its_words(found):
    for segment in guard(found, "en", None):
        assert segment.start_s == min(word.start_s for word in segment.words)
        assert segment.end_s == max(word.end_s for word in segment.words)


def test_plain_speech_is_untouched():
    found = [said("Where have you been all day?"), said("At home, of course.", 4)]
    assert guard(found, "en", ALL) == found


@pytest.mark.parametrize(
    ("no_speech", "logprob", "silent"),
    [(0.9, -1.5, True), (0.9, -0.5, False), (0.3, -1.5, False)],
)
def test_silence_is_no_speech_and_unsure_text(no_speech, logprob, silent):
    assert is_silence(said("Hm", no_speech_prob=no_speech, avg_logprob=logprob)) is silent


def test_text_outside_of_all_voices_goes():
    voices = [Voice(10 * RATE, 12 * RATE)]
    assert not touches(said("Nobody said this", 20), voices)
    assert touches(said("Somebody said this", 11), voices)
    assert guard([said("Nobody said this", 20)], "en", voices) == []


def test_a_loop_is_said_once():
    looped = said("I know. " * 30)
    assert looped.compression_ratio > 2.4
    collapsed = collapse_loops(looped)
    assert collapsed.text == " I know."
    assert len(collapsed.words) == 2


def test_what_people_repeat_stays():
    twice = said("No, no, come back, come back at once")
    assert collapse_loops(twice) == twice


def test_equal_texts_in_a_row_count_as_a_loop_from_three_on():
    run = [said("Go.", start) for start in (0.0, 1.0, 2.0)]
    assert collapse_repeats(run) == run[:1]
    assert collapse_repeats(run[:2]) == run[:2]
    mixed = [run[0], said("Stop.", 0.5), run[1], run[2]]
    assert collapse_repeats(mixed) == mixed


def test_long_passages_that_come_back_were_said():
    """A film, a lesson or a chorus says the same half minute again; no loop is that long."""
    verse = "had he married a more amiable woman he might have been made still more respectable "
    run = [said(verse * 2, start) for start in (0.0, 30.0, 60.0, 90.0)]
    assert collapse_repeats(run) == run


def test_phantoms_go_only_where_hardly_anybody_speaks():
    line = said("Thanks for watching!", 100)
    lonely = [Voice(100 * RATE, 101 * RATE)]
    assert is_lone_phantom(line, "en", lonely)
    assert not is_lone_phantom(line, "en", ALL)
    assert not is_lone_phantom(said("Where are you?", 100), "en", lonely)
    assert not is_lone_phantom(line, "en", None)
    unsure = dataclasses.replace(line, no_speech_prob=0.9)
    assert is_lone_phantom(unsure, "en", None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Thank you.", "en"),
        ("Thank you. Thank you.", "es"),
        ("Subtítulos realizados por la comunidad de Amara.org", "es"),
        ("Sous-titres réalisés par la communauté d'Amara.org", "fr"),
        ("Untertitel der Amara.org-Community", "de"),
        ("Продолжение следует...", "ru"),
        ("ご視聴ありがとうございました。", "ja"),
        ("시청해주셔서 감사합니다.", "ko"),
    ],
)
def test_known_phantoms(text, language):
    assert is_phantom(text, language)


@pytest.mark.parametrize("text", ["Thank you for the fish.", "", "Gracias a Dios", "you and me"])
def test_no_phantoms(text):
    assert not is_phantom(text, "en")
    assert not is_phantom(text, "es")


def test_what_no_mouth_could_say_must_be_sure():
    rushed = said("incomprehensibilities unquestionably", each=0.2)
    assert is_speakable(rushed)
    assert not is_speakable(dataclasses.replace(rushed, avg_logprob=-0.9))
    slow = said("a", each=5.0)
    assert is_speakable(slow)
    assert not is_speakable(dataclasses.replace(slow, avg_logprob=-0.9))
