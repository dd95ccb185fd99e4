"""Words become sentences, and translated sentences words, without losing text or time."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.subtitles.spoken import any_words, say, told_words

from mediant.subtitles import Word, cue_rules_for, make_cues, violations
from mediant.subtitles.retime import clean, retime
from mediant.subtitles.translate.sentences import join_sentences, neighbours
from mediant.subtitles.translate.spread import spread

LANGUAGES = st.sampled_from(["eng", "spa", "jpn", "zho", "tha", "ara", "kor", "rus", None])
TEXTS = st.one_of(
    st.text(min_size=1, max_size=80),
    st.lists(
        st.sampled_from(
            ["uno", "dos,", "tres.", "日本語", "は。", "สวัสดี", "♪", "a\u0301", "-", "«"]
        )
    ).map(" ".join),
)


def bare(text: str) -> str:
    """Without blanks; arrows that read as times are made shorter where words meet."""
    return re.sub("-+>", ">", "".join(clean(text).split()))


@settings(max_examples=150, deadline=None)
@given(st.one_of(any_words, told_words()), LANGUAGES)
def test_sentences_hold_every_character_in_order(words, language):
    sentences = join_sentences(words, language)
    assert bare("".join(one.text for one in sentences)) == bare(
        "".join(clean(word.text) for word in words)
    )


@settings(max_examples=150, deadline=None)
@given(st.one_of(any_words, told_words()), LANGUAGES)
def test_times_of_sentences_rise_and_stay_within_the_words(words, language):
    times = [
        ms
        for one in join_sentences(words, language)
        for s in one.said
        for ms in (s.start_ms, s.end_ms)
    ]
    assert times == sorted(times)
    if times:
        mended = retime(words)
        assert mended[0][0] <= times[0]
        assert times[-1] <= max(end for _, end in mended)


@settings(max_examples=150, deadline=None)
@given(st.one_of(any_words, told_words()), LANGUAGES, st.lists(TEXTS, min_size=1), LANGUAGES)
def test_spread_words_hold_the_text_within_the_time_of_the_sentence(words, source, texts, target):
    for at, sentence in enumerate(join_sentences(words, source)):
        text = texts[at % len(texts)]
        found = spread(text, sentence, target or "und")
        assert bare("".join(word.text for word in found)) == bare(text)
        times = [time for word in found for time in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert all(sentence.start_ms / 1000 <= time <= sentence.end_ms / 1000 for time in times)
        assert {word.speaker for word in found} <= {sentence.speaker}


@settings(max_examples=150, deadline=None)
@given(told_words(), st.lists(TEXTS, min_size=1), st.sampled_from(["spa", "jpn", "eng"]))
def test_cues_of_spread_words_keep_the_rules_of_the_target(words, texts, target):
    found: list[Word] = []
    for at, sentence in enumerate(join_sentences(words, "eng")):
        found += spread(texts[at % len(texts)], sentence, target, found[-1].text if found else "")
    rules = cue_rules_for(target)
    cues = make_cues(found, target, rules)
    assert not [one for one in violations(cues, rules) if not one.is_forced]


def texts_of(text: str, language: str, **pauses: float) -> list[str]:
    return [one.text for one in join_sentences(say(text, 15, pauses=pauses or None), language)]


def test_full_stops_end_sentences_but_not_those_of_short_forms():
    assert texts_of("I saw Mr. Smith. He said e.g. nothing. Why? Ask J. Doe!", "eng") == [
        "I saw Mr. Smith.", "He said e.g. nothing.", "Why?", "Ask J. Doe!",
    ]  # fmt: skip


def test_sentences_of_scripts_without_blanks():
    assert texts_of("昨日は雨でした。今日は晴れです！", "jpn") == [
        "昨日は雨でした。",
        "今日は晴れです！",
    ]
    assert texts_of("但是我们走了。好吗？", "zho") == ["但是我们走了。", "好吗？"]
    assert texts_of("नमस्ते दोस्त। आप कैसे हैं?", "hin") == ["नमस्ते दोस्त।", "आप कैसे हैं?"]


def test_a_long_pause_and_another_speaker_end_a_sentence():
    words = [
        Word(" so", 0, 0.3), Word(" then", 0.3, 0.6), Word(" later", 4, 4.4),
        Word(" yes", 4.5, 4.8, "Ann"),
    ]  # fmt: skip
    assert [one.text for one in join_sentences(words, "eng")] == ["so then", "later", "yes"]


def test_speech_without_full_stops_is_cut_where_it_reads_best():
    text = " ".join(["we went to the old house near the river, and they stayed there"] * 12)
    found = texts_of(text, "eng")
    assert " ".join(found) == text
    assert all(30 <= len(one) <= 240 for one in found)
    assert all(one.endswith(("river,", "there")) for one in found)


def test_a_translation_is_cut_where_the_speaker_paused():
    words = say("when you come home, we shall eat", 15, pauses={",": 1.2})
    (sentence,) = join_sentences(words, "eng")
    found = spread("cuando vuelvas a casa, comeremos todos", sentence, "spa")
    first = next(word for word in found if "comeremos" in word.text)
    told = next(word for word in words if "we" in word.text)
    assert first.start_s == round(told.start_s, 3)
    casa = next(word for word in found if "casa" in word.text)
    home = next(word for word in words if "home" in word.text)
    assert casa.end_s == round(home.end_s, 3)


def test_a_short_translation_begins_with_the_speaker():
    words = say("well, I do not really know", 15, pauses={",": 1.5})
    (sentence,) = join_sentences(words, "eng")
    (word,) = spread("Quizás", sentence, "spa")
    assert word.start_s == sentence.start_ms / 1000


def test_japanese_over_english_has_no_blanks_between_its_words():
    sentences = join_sentences(say("Good morning. How are you?", 15), "eng")
    texts = ["おはようございます。", "元気ですか？"]
    found = spread(texts[0], sentences[0], "jpn")
    found += spread(texts[1], sentences[1], "jpn", texts[0])
    assert "".join(word.text for word in found) == "".join(texts)
    assert len(found) > 8


def test_neighbours_end_at_the_edges():
    texts = ["a", "b", "c", "d"]
    assert neighbours(texts, 0, 1) == ([], ["b", "c"])
    assert neighbours(texts, 1, 3) == (["a"], ["d"])
    assert neighbours(texts, 3, 4) == (["b", "c"], [])
