"""Whatever the words are, the reading rules hold in the order in which they give way."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.subtitles.spoken import any_words, is_rising, told_words

from mediant.errors import Invalid
from mediant.subtitles import Cue, CueRules, Word, cue_rules_for, make_cues, violations
from mediant.subtitles.formats import read_cues, write_cues
from mediant.subtitles.retime import clean, retime
from mediant.subtitles.script import has_text

languages = st.sampled_from(["en", "es", "fr", "de", "ja", "zh", "ko", "th", "ar", None])
word_lists = st.one_of(any_words, told_words())


def letters(text: str) -> str:
    return "".join(text.split())


@given(word_lists, languages)
@settings(max_examples=150, deadline=None)
@example([Word(" a", 5.0, 5.0)] * 60, "en")
@example([Word("日本語" * 40, 1.0, 2.0), Word("。", 2.0, 2.1)], "ja")
def test_no_rule_is_broken_unless_the_words_force_it(
    words: list[Word], language: str | None
) -> None:
    cues = make_cues(words, language)
    broken = [one for one in violations(cues, cue_rules_for(language)) if not one.is_forced]
    assert not broken


@given(word_lists, languages)
@settings(max_examples=150, deadline=None)
def test_every_word_appears_once_in_order(words: list[Word], language: str | None) -> None:
    cues = make_cues(words, language)
    said = clean("".join(clean(word.text) for word in words))
    # Dashes are set before what two speakers say.
    shown = "".join(cue.text for cue in cues)
    assert letters(shown).replace("-", "") == letters(said).replace("-", "")
    nobody = make_cues([replace(word, speaker=None) for word in words], language)
    assert letters("".join(cue.text for cue in nobody)) == letters(said)
    kept = [word.text for cue in cues for word in cue.words]
    assert kept == [clean(word.text) for word in words if clean(word.text).strip()]


def is_first(cue: Cue) -> bool:
    """Whether the cue begins with its first word, and that is no mark."""
    word = cue.words[0].text.split()[0]
    line = cue.lines[0].removeprefix("- ")
    return has_text(word) and len(word) < 8 and line.startswith(word)


rule_sets = st.builds(
    CueRules,
    lines=st.integers(1, 4),
    line_chars=st.floats(4, 60),
    cue_chars=st.none() | st.floats(4, 120),
    reading_cps=st.floats(1, 40),
    is_full_width=st.booleans(),
    shortest_s=st.floats(0.1, 2),
    longest_s=st.floats(2, 10),
    gap_s=st.floats(0, 0.2),
    closed_gap_s=st.floats(0.2, 1),
    snap_s=st.floats(0, 0.3),
    lead_out_s=st.floats(0, 1),
)


@given(word_lists, languages, rule_sets)
@settings(max_examples=150, deadline=None)
def test_rules_of_any_strictness_hold(
    words: list[Word], language: str | None, rules: CueRules
) -> None:
    broken = violations(make_cues(words, language, rules), rules)
    assert not [one for one in broken if not one.is_forced]


@given(word_lists, languages)
@settings(max_examples=100, deadline=None)
def test_a_cue_begins_with_its_first_word(words: list[Word], language: str | None) -> None:
    rules = cue_rules_for(language)
    cues = make_cues(words, language)
    snap = round(rules.snap_s * 1000)
    for index, cue in enumerate(cues):
        # A cue may begin with the rest of a word, or with a mark that has no time of its own.
        if not cue.words or not is_first(cue):
            continue
        first = round(cue.words[0].start_s * 1000)
        assert cue.start_ms >= first - snap
        if cue.start_ms > first + snap:
            # Only the cue before, which must be seen and kept apart, holds it up.
            assert index
            assert cue.start_ms == cues[index - 1].start_ms + rules.shortest_ms + rules.gap_ms


@given(word_lists, languages)
@settings(max_examples=100, deadline=None)
def test_a_long_pause_ends_a_cue(words: list[Word], language: str | None) -> None:
    for cue in make_cues(words, language):
        told = [word for word in cue.words if has_text(word.text)]
        # What begins without a blank, or with a mark, belongs to the word before.
        pauses = [
            later.start_s - word.end_s
            for word, later in pairwise(told)
            if later.text[0] == " " and has_text(later.text.split()[0])
        ]
        assert max(pauses, default=0) <= cue_rules_for(language).longest_pause_s + 0.001


@given(told_words(), languages)
@settings(max_examples=50, deadline=None)
def test_dashes_stand_only_where_two_known_speakers_talk(
    words: list[Word], language: str | None
) -> None:
    # A word that is cut over several cues has its speaker in the first one only.
    plain = [replace(word, text=word.text.replace("-", "")) for word in words if len(word.text) < 9]
    for cue in make_cues(plain, language):
        speakers = {word.speaker for word in cue.words} - {None}
        if any(line.startswith("- ") for line in cue.lines):
            assert len(speakers) > 1
    nobody = [replace(word, speaker=None) for word in plain]
    assert not [c for c in make_cues(nobody, language) if c.text.startswith("- ")]


@given(word_lists, languages)
@settings(max_examples=100, deadline=None)
def test_the_same_words_give_the_same_cues(words: list[Word], language: str | None) -> None:
    assert make_cues(words, language) == make_cues(list(words), language)


@given(word_lists, languages)
@settings(max_examples=150, deadline=None)
def test_written_and_read_again_the_cues_are_the_same(
    words: list[Word], language: str | None
) -> None:
    cues = make_cues(words, language)
    assert read_cues(write_cues(cues, "srt").encode()) == cues
    assert read_cues(write_cues(cues, "vtt").encode()) == cues


@given(word_lists)
@settings(deadline=None)
def test_mended_times_rise_and_do_not_overlap(words: list[Word]) -> None:
    times = retime(words)
    assert len(times) == len(words)
    assert is_rising([at for span in times for at in span])


def test_one_word_that_is_far_away_moves_no_other() -> None:
    words = [Word(f" w{n}", n, n + 0.5) for n in range(10)]
    words[4] = Word(" w4", 9000.0, 9000.5)
    times = retime(words)
    assert [start for start, _ in times[:4] + times[5:]] == [n * 1000 for n in range(10) if n != 4]
    assert 3000 < times[4][0] < 5000


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": 0},
        {"line_chars": 0},
        {"cue_chars": 0},
        {"reading_cps": 0},
        {"shortest_s": 0},
        {"longest_s": 0.1},
        {"gap_s": 1.0},
        {"snap_s": -1},
        {"pause_s": 0},
    ],
)
def test_rules_that_no_cue_can_keep_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replace(CueRules(), **changes)
