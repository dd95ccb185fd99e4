"""Words begin where their sound begins."""

import numpy as np
import pytest

from mediant.subtitles.speech.engine import RATE, Heard, Segment
from mediant.subtitles.transcribe.onsets import mend_onsets
from mediant.subtitles.words import Word


def sound(*loud: tuple[float, float], seconds: float = 10.0, noise: int = 20) -> np.ndarray:
    samples = np.random.default_rng(1).integers(-noise, noise + 1, int(seconds * RATE))
    for begin, end in loud:
        at = np.arange(int(begin * RATE), int(end * RATE))
        samples[at] += (8000 * np.sin(at * 0.3)).astype(int)
    return samples.astype(np.int16)


def mended(samples: np.ndarray, *words: Word) -> list[Word]:
    segment = Segment(words[0].start_s, words[-1].end_s, "", words)
    heard = Heard("en", 1.0, len(samples) / RATE, (segment,), "m", "cpu", "int8")
    return mend_onsets(heard, samples).words


def test_a_word_that_begins_in_a_pause_begins_with_its_sound():
    words = mended(sound((5.24, 5.5), (5.5, 6.0)), Word(" And", 4.91, 5.5), Word(" so", 5.5, 6.0))
    assert words[0].start_s == pytest.approx(5.16, abs=0.03)
    assert words[0].end_s == 5.5
    assert words[1] == Word(" so", 5.5, 6.0)


def test_words_in_time_and_small_errors_stay():
    said = (Word(" And", 5.0, 5.5), Word(" so", 5.4, 6.0))
    assert mended(sound((5.1, 6.0)), *said) == list(said)


def test_silence_and_what_lies_outside_the_sound_stay():
    said = (Word(" a", 1.0, 1.5), Word(" b", 9.9, 12.0), Word(" c", 20.0, 21.0))
    assert mended(sound(noise=0), *said) == list(said)


def test_something_of_a_word_is_always_left():
    (word,) = mended(sound((1.98, 2.5)), Word(" late", 1.0, 2.0))
    assert word.end_s - word.start_s >= 0.1 - 1e-9
