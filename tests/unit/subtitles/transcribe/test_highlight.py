"""Words that are marked while they are said."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.cue import Cue
from mediant.subtitles.cues import make_cues
from mediant.subtitles.transcribe.highlight import CLOSE, OPEN, highlight_words
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
