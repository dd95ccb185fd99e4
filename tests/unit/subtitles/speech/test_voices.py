"""Joining voices: no sound is lost, nothing is too long, and times lead back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.speech.engine import RATE
from mediant.subtitles.speech.voices import (
    PAD,
    Passage,
    Voice,
    count_speech,
    fill,
    find_pauses,
    pack,
    pad,
)

LONGEST = 30 * RATE


@st.composite
def sounds(draw):
    """Voices of up to 28 s with pauses, and the length of the whole."""
    voices, position = [], 0
    for _ in range(draw(st.integers(0, 30))):
        start = position + draw(st.integers(0, 10 * RATE))
        position = start + draw(st.integers(1, 28 * RATE))
        voices.append(Voice(start, position))
    return voices, position + draw(st.integers(0, 10 * RATE))


@given(sounds())
def test_padding_keeps_order_and_covers_what_was_there(sound):
    voices, total = sound
    padded = pad(voices, total)
    assert len(padded) == len(voices)
    for before, after in zip(voices, padded, strict=True):
        assert 0 <= after.start <= before.start
        assert before.stop <= after.stop <= total
        assert before.start - after.start <= PAD
        assert after.stop - before.stop <= PAD
    assert all(one.stop <= two.start for one, two in pairwise(padded))


@given(sounds())
def test_passages_hold_every_voice_once_and_none_is_too_long(sound):
    voices, total = sound
    padded = pad(voices, total)
    passages = pack(padded, find_pauses(voices), LONGEST)
    assert [voice for passage in passages for voice in passage.voices] == padded
    assert all(passage.length <= LONGEST for passage in passages)


@given(sounds())
def test_there_are_no_fewer_passages_than_a_greedy_packer_needs(sound):
    voices, total = sound
    padded = pad(voices, total)
    greedy, length = 0, LONGEST + 1
    for voice in padded:
        if length + voice.length > LONGEST:
            greedy, length = greedy + 1, 0
        length += voice.length
    assert len(pack(padded, find_pauses(voices), LONGEST)) == greedy


def test_the_cut_is_made_at_the_longest_pause():
    voices = [Voice(0, 12 * RATE), Voice(13 * RATE, 20 * RATE), Voice(25 * RATE, 40 * RATE)]
    passages = pack(voices, find_pauses(voices), LONGEST)
    assert [len(passage.voices) for passage in passages] == [2, 1]
    later = [Voice(0, 12 * RATE), Voice(17 * RATE, 24 * RATE), Voice(25 * RATE, 40 * RATE)]
    passages = pack(later, find_pauses(later), LONGEST)
    assert [len(passage.voices) for passage in passages] == [1, 2]


@given(sounds())
def test_filling_covers_the_whole_sound(sound):
    voices, total = sound
    parts = fill(voices, total, LONGEST)
    assert count_speech(parts) == total
    assert all(one.stop == two.start for one, two in pairwise(parts))
    assert all(part.length <= LONGEST for part in parts)


@given(sounds(), st.data())
def test_times_lead_back_into_the_voice_in_which_they_lie(sound, data):
    voices, _ = sound
    if not voices:
        return
    passage = Passage(tuple(voices))
    length_s = passage.length / RATE
    start = data.draw(st.floats(0, length_s))
    stop = data.draw(st.floats(start, length_s))
    begin, end = passage.find_span(start, stop)
    assert begin <= end
    assert any(v.start / RATE - 1e-6 <= begin and end <= v.stop / RATE + 1e-6 for v in voices)


def test_a_word_after_a_pause_is_put_behind_it():
    passage = Passage((Voice(0, RATE), Voice(5 * RATE, 7 * RATE)))
    assert passage.find_span(0.2, 0.6) == pytest.approx((0.2, 0.6))
    assert passage.find_span(0.9, 1.5) == pytest.approx((5.0, 5.5))
    assert passage.find_span(1.5, 2.0) == pytest.approx((5.5, 6.0))


def test_a_voice_that_is_too_long_is_cut():
    passages = pack([Voice(0, 70 * RATE)], [0], LONGEST)
    assert len(passages) == 3
    assert sum(passage.length for passage in passages) == 70 * RATE
