"""The real engine with the real models on human speech."""

import dataclasses
import math

import msgpack
import numpy as np
import pytest

from mediant.errors import Cancelled, ModelError
from mediant.subtitles import cue_rules_for, make_cues, violations
from mediant.subtitles.speech.audio import decode_speech
from mediant.subtitles.speech.choose import open_engine
from mediant.subtitles.speech.engine import (
    RATE,
    DetectWindows,
    EngineChoice,
    Heard,
    SpeechWish,
)
from mediant.subtitles.speech.samples import to_float
from mediant.testing.speech import join, read_english, read_prompts, word_error_rate
from mediant.testing.speech_models import write_speech_model
from mediant.testing.videos import Sound

pytestmark = [pytest.mark.models, pytest.mark.corpus]


def ignore(_seconds):
    """Nobody waits."""


@pytest.fixture(scope="module")
def english(speech):
    """25 s of English, and its text."""
    return join(read_english(speech))


@pytest.fixture(scope="module")
def heard(base, english):
    """What the model for all languages hears in it."""
    return base.transcribe(english[0], SpeechWish(), ignore)


def test_english_is_heard_with_few_errors(heard, english):
    errors = word_error_rate(english[1], heard.text, "en")
    print(f"whisper-base, English: WER {errors:.1%}")
    assert errors <= 0.06
    assert (heard.language, heard.model, heard.compute_type) == ("en", "whisper-base", "int8")
    assert heard.language_probability > 0.9
    assert heard.duration_s == len(english[0]) / RATE


def test_words_have_plain_times_within_the_sound(heard):
    for word in heard.words:
        assert type(word.start_s) is float
        assert type(word.probability) is float
        assert 0 <= word.start_s <= word.end_s <= heard.duration_s
    starts = [word.start_s for word in heard.words]
    assert starts == sorted(starts)


def test_the_answer_travels_as_plain_values(heard):
    packed = msgpack.packb(heard.to_dict())
    assert Heard.from_dict(msgpack.unpackb(packed)) == heard


def test_its_cues_keep_all_rules(heard):
    cues = make_cues(heard.words, "en")
    assert violations(cues, cue_rules_for("en")) == []


def test_best_hears_as_well_and_tells_more_often_how_far_it_is(base, english):
    told: list[float] = []
    best = base.transcribe(english[0], SpeechWish(preset="best"), told.append)
    assert word_error_rate(english[1], best.text, "en") <= 0.06
    assert len(best.segments) > 3
    assert told == sorted(told)
    assert told[-1] == pytest.approx(len(english[0]) / RATE)


def test_the_quick_model_hears_english(tiny, english):
    found = tiny.transcribe(english[0], SpeechWish(language="en", preset="fast"), ignore)
    errors = word_error_rate(english[1], found.text, "en")
    print(f"whisper-tiny.en, English: WER {errors:.1%}")
    assert errors <= 0.10


def test_the_quick_model_says_what_it_cannot_do(tiny, english):
    for wish in (SpeechWish(task="translate"), SpeechWish(language="es")):
        with pytest.raises(ModelError) as caught:
            tiny.transcribe(english[0], wish, ignore)
        assert "whisper-base" in (caught.value.remedy or "")
    with pytest.raises(ModelError, match="English only"):
        tiny.detect(english[0], DetectWindows(), ignore)
    assert not tiny.capabilities().can_detect
    assert tiny.transcribe(english[0], SpeechWish(), ignore).language_probability == 0.0


def test_late_speech_has_the_times_of_the_video(base, english, heard, videos, sandbox):
    late = Sound("eng", to_float(english[0]), start_s=5.0, codec="pcm_s16le")
    samples = decode_speech(videos.video("Late.mkv", [late]), sandbox)
    found = base.transcribe(samples, SpeechWish(language="en"), ignore)
    assert word_error_rate(heard.text, found.text, "en") == 0
    before, after = make_cues(heard.words, "en"), make_cues(found.words, "en")
    shifts = [two.start_ms - one.start_ms for one, two in zip(before, after, strict=True)]
    assert all(abs(shift - 5000) < 300 for shift in shifts)


def test_pauses_are_left_out_and_times_stay_true(base, english):
    sound, text = english
    pause = np.zeros(120 * RATE, np.int16)
    long = np.concatenate([pause, sound, pause, sound])
    found = base.transcribe(long, SpeechWish(language="en"), ignore)
    assert word_error_rate(f"{text} {text}", found.text, "en") <= 0.06
    second = [word for word in found.words if word.start_s > 200]
    begins = (120, 240 + len(sound) / RATE)
    assert found.words[0].start_s == pytest.approx(begins[0], abs=0.5)
    assert second[0].start_s == pytest.approx(begins[1], abs=0.5)
    assert found.speech_s == pytest.approx(2 * 22, abs=6)


@pytest.mark.parametrize("is_vad_on", [True, False])
def test_silence_says_nothing(base, is_vad_on):
    silence = np.zeros(40 * RATE, np.int16)
    found = base.transcribe(silence, SpeechWish(is_vad_on=is_vad_on), ignore)
    assert (found.segments, found.language, found.language_probability) == ((), "und", 0.0)
    finding = base.detect(silence, DetectWindows(), ignore)
    assert (finding.language, finding.confidence) == (None, 0.0)


def test_noise_says_nothing(base):
    noise = np.random.default_rng(1).normal(0, 800, 40 * RATE).astype(np.int16)
    assert base.transcribe(noise, SpeechWish(), ignore).segments == ()


def test_without_looking_for_voices_everything_is_heard(base, english):
    found = base.transcribe(english[0], SpeechWish(language="en", is_vad_on=False), ignore)
    assert word_error_rate(english[1], found.text, "en") <= 0.08


def test_a_prompt_spells_names(base, english):
    wish = SpeechWish(language="en", prompt="Mister Jon Dashwoode spoke.")
    assert "Dashwoode" in base.transcribe(english[0], wish, ignore).text


@pytest.mark.parametrize("preset", ["fast", "best"])
def test_cancelling_in_the_middle_stops_at_once(base, english, preset):
    sound = np.concatenate([english[0]] * 20)
    told: list[float] = []

    def stop(seconds: float) -> None:
        told.append(seconds)
        if seconds > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        base.transcribe(sound, SpeechWish(language="en", preset=preset, batch=2), stop)
    assert [seconds for seconds in told if seconds > 0] == told[-1:]
    assert told[-1] < 0.2 * len(sound) / RATE


@pytest.mark.parametrize("language", ["es", "fr"])
def test_the_language_is_found_by_vote(base, speech, language):
    samples, _ = join(read_prompts(speech, language, 14))
    finding = base.detect(samples, DetectWindows(), ignore)
    assert finding.language == language
    assert finding.confidence >= 0.9
    assert len(finding.probabilities) == 5


def test_a_song_in_front_does_not_decide_the_language(base, speech, english):
    spanish, _ = join(read_prompts(speech, "es", 14))
    mixed = np.concatenate([english[0], spanish])
    assert base.detect(mixed, DetectWindows(), ignore).language == "es"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["es", "fr"])
def test_prompts_are_heard_well(base, speech, language):
    samples, text = join(read_prompts(speech, language, 14))
    found = base.transcribe(samples, SpeechWish(), ignore)
    errors = word_error_rate(text, found.text, language)
    print(f"whisper-base, {language}: WER {errors:.1%}")
    assert found.language == language
    assert errors <= 0.18
    assert not any(
        one
        for one in violations(make_cues(found.words, language), cue_rules_for(language))
        if not one.is_forced
    )


@pytest.mark.slow
def test_spanish_is_translated_into_english(base, speech):
    samples, _ = join(read_prompts(speech, "es", 3))
    found = base.transcribe(samples, SpeechWish(task="translate"), ignore)
    assert (found.language, found.task) == ("es", "translate")
    assert "conference" in found.text.lower()
    assert word_error_rate("please press one to", found.text[:20], "en") < 1.5
    assert all(math.isfinite(word.start_s) for word in found.words)


def test_english_is_never_translated(base, english):
    found = base.transcribe(english[0], SpeechWish(task="translate"), ignore)
    assert (found.language, found.task) == ("en", "transcribe")


def test_a_model_that_does_not_load_is_told(tmp_path):
    folder = write_speech_model(tmp_path, "fake")
    choice = EngineChoice("fake", str(folder))
    with pytest.raises(ModelError, match=r"tokenizer\.json is not what"):
        open_engine(choice)
    (folder / "tokenizer.json").write_text('{"model": {}}')
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_engine(choice)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
        open_engine(dataclasses.replace(choice, device_index=0))
