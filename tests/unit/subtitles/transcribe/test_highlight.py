"""Words that are marked while they are said."""

import itertools
import re

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.cue import Cue
from mediant.subtitles.cues import make_cues
from mediant.subtitles.formats import read_cues, write_cues
from mediant.subtitles.transcribe.highlight import CLOSE, OPEN, highlight_words, write_marked
from mediant.subtitles.words import Word

WORDS = st.lists(
    st.tuples(st.text("abc'é", min_size=1, max_size=9), st.floats(0.05, 0.8), st.floats(0, 0.6)),
    min_size=1,
    max_size=40,
)


def spoken(drawn):
    at, words = 0.0, []
    for text, length, pause in drawn:
        words.append(Word(f" {text}", at, at + length))
        at += length + pause
    return words


def test_each_word_is_marked_in_its_time():
    cue = Cue(0, 2000, ("Hello big", "world"), (Word(" Hello", 0, 0.5), Word(" big", 0.6, 0.9),
                                                Word(" world", 1.0, 1.8)))  # fmt: skip
    assert [(c.start_ms, c.end_ms, c.text) for c in highlight_words([cue])] == [
        (0, 600, "<u>Hello</u> big\nworld"),
        (600, 1000, "Hello <u>big</u>\nworld"),
        (1000, 2000, "Hello big\n<u>world</u>"),
    ]


def test_a_cue_without_words_stays():
    cue = Cue(0, 900, ("Hello",))
    assert highlight_words([cue]) == [cue]


@given(WORDS)
def test_the_text_and_the_time_stay_the_same(drawn):
    for cue in make_cues(spoken(drawn), "eng"):
        parts = highlight_words([cue])
        assert (parts[0].start_ms, parts[-1].end_ms) == (cue.start_ms, cue.end_ms)
        assert all(a.end_ms == b.start_ms for a, b in itertools.pairwise(parts))
        assert {p.text.replace(OPEN, "").replace(CLOSE, "") for p in parts} == {cue.text}
        assert all(part.duration_ms > 0 for part in parts)


def test_webvtt_has_times_within_its_cues():
    words = (Word(" Tom", 0, 0.5), Word(" & <Jerry>", 0.6, 0.9), Word(" ran", 0.6, 1.8))
    cue = Cue(0, 2000, ("Tom & <Jerry>", "ran -"), words)
    plain = Cue(3_600_000, 3_601_000, ("No words",))
    assert write_marked([cue, plain], "vtt") == (
        "WEBVTT\n\n00:00.000 --> 00:02.000\n"
        "<c>Tom</c> <00:00.600><c>&amp; &lt;Jerry&gt;</c>\n<c>ran</c> -\n\n"
        "01:00:00.000 --> 01:00:01.000\nNo words\n\n"
    )


@pytest.mark.parametrize("form", ["txt", "tsv", "lrc", "json"])
def test_other_forms_stay_as_they_are(form):
    cues = make_cues([Word(" Hello", 0, 0.5), Word(" you", 0.5, 1.0)], "eng")
    assert write_marked(cues, form, "en") == write_cues(cues, form, "en")


TAG = re.compile(r"<([\d:.]+)>")


def to_ms(text):
    *hours, minutes, seconds = text.split(":")
    whole = int(minutes) + 60 * sum(map(int, hours))
    return whole * 60_000 + round(float(seconds) * 1000)


@given(WORDS)
def test_times_of_words_rise_within_their_cue(drawn):
    cues = make_cues(spoken(drawn), "eng")
    text = write_marked(cues, "vtt")
    assert read_cues(text) == read_cues(write_cues(cues, "vtt"))
    captions = webvtt.from_string(text).captions
    assert [one.text for one in captions] == [cue.text for cue in cues]
    for cue, block in zip(cues, text.split("\n\n")[1:], strict=False):
        body = block.partition("\n")[2]
        times = [cue.start_ms, *map(to_ms, TAG.findall(body)), cue.end_ms]
        assert all(a < b for a, b in itertools.pairwise(times))
        assert body.count("<c>") == body.count("</c>") == len(cue.words)
