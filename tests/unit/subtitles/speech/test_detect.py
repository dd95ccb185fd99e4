"""Where languages are listened for, and how the votes are counted."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.speech.detect import count_votes, find_places, gather
from mediant.subtitles.speech.engine import RATE, DetectWindows
from mediant.subtitles.speech.voices import Voice, count_speech

HOUR = 3600 * RATE
LENGTH = 30 * RATE


def inside(voices):
    """A search in known voices."""

    def find(start, stop):
        cut = (Voice(max(v.start, start), min(v.stop, stop)) for v in voices)
        return [voice for voice in cut if voice.length > 0]

    return find


def test_windows_lie_at_a_tenth_in_the_middle_and_before_the_end():
    places = find_places(HOUR, DetectWindows())
    assert [place / HOUR for place in places] == pytest.approx([0.1, 0.45, 0.8])


def test_the_offset_moves_the_first_and_short_sound_is_heard_from_it():
    assert find_places(HOUR, DetectWindows(offset_s=1800))[0] == round(1980 * RATE)
    assert find_places(60 * RATE, DetectWindows()) == [0, 0, 0]
    assert find_places(60 * RATE, DetectWindows(offset_s=600)) == [60 * RATE] * 3


def test_a_window_waits_for_speech():
    voices = [Voice(500 * RATE, 520 * RATE), Voice(600 * RATE, 700 * RATE)]
    windows = gather([360 * RATE], HOUR, LENGTH, inside(voices))
    assert windows == [[voices[0], Voice(600 * RATE, 610 * RATE)]]


def test_without_speech_there_is_no_window():
    assert gather(find_places(HOUR, DetectWindows()), HOUR, LENGTH, inside([])) == []


def test_speech_before_all_windows_is_found_in_the_end():
    voices = [Voice(0, 10 * RATE)]
    assert gather(find_places(HOUR, DetectWindows()), HOUR, LENGTH, inside(voices)) == [voices]


@given(
    st.lists(st.tuples(st.integers(0, 3500), st.integers(1, 50)), max_size=20),
    st.integers(1, 120),
    st.integers(0, 4000),
)
def test_no_sound_is_heard_twice_and_no_window_is_too_long(spans, length_s, offset_s):
    voices, position = [], 0
    for start, length in sorted(spans):
        begin = max(start * RATE, position)
        position = begin + length * RATE
        voices.append(Voice(begin, position))
    total = max(HOUR, position)
    wanted = DetectWindows(length_s=length_s, offset_s=offset_s)
    windows = gather(find_places(total, wanted), total, length_s * RATE, inside(voices))
    assert all(0 < count_speech(window) <= length_s * RATE for window in windows)
    heard = [voice for window in windows for voice in window]
    assert all(one.stop <= two.start for one, two in pairwise(heard))


def test_the_average_decides_not_the_first_window():
    theme_song = {"ja": 0.9, "en": 0.1}
    film = {"en": 0.95, "ja": 0.01}
    finding = count_votes([theme_song, film, film], 0.5)
    assert finding.language == "en"
    assert finding.confidence == pytest.approx((0.1 + 0.95 + 0.95) / 3)
    assert finding.probabilities[1][0] == "ja"


def test_an_unsure_vote_names_no_language():
    finding = count_votes([{"en": 0.45, "de": 0.4}], 0.5)
    assert (finding.language, finding.confidence) == (None, 0.45)
    assert count_votes([], 0.5).language is None


shares = st.dictionaries(
    st.sampled_from(["en", "es", "fr", "de", "ja"]), st.floats(0, 1), min_size=1
)


@given(st.lists(shares, min_size=1, max_size=5))
def test_confidence_is_a_probability_and_order_does_not_matter(votes):
    one, two = count_votes(votes, 0.0), count_votes(votes[::-1], 0.0)
    assert 0 <= one.confidence <= 1
    assert one.confidence == pytest.approx(two.confidence)
