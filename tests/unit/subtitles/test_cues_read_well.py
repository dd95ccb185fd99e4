"""Sentences as a reader wants them cut, in five languages, and what players get of them."""

import pytest
from tests.unit.subtitles.spoken import say

from mediant.subtitles import Cue, CueRules, Word, cue_rules_for, make_cues, violations

ENGLISH = (
    "When the sun rose over the hills, the old farmer walked slowly to the river because he wanted "
    "to see whether the water had finally come back. Mr. Smith had told him that it would. He "
    "wasn't sure."
)
SPANISH = (
    "Cuando salió el sol sobre las montañas, el viejo granjero caminó despacio hasta el río porque "
    "quería ver si el agua había vuelto por fin."
)
FRENCH = (
    "Quand le soleil se leva sur les collines, le vieux fermier marcha lentement vers la rivière "
    "parce qu'il voulait voir si l'eau était enfin revenue. Qui le lui avait dit ? Personne ne le "
    "savait, mais tout le monde attendait la réponse."
)
JAPANESE = "昨日の夜、友達と一緒に映画を見に行きました。仕事ができない。"
ARABIC = "لم يكن متأكدا من ذلك. مشى المزارع العجوز ببطء إلى النهر لأنه أراد أن يرى الماء."

GOLDEN = {
    "en": [
        ("When the sun rose over the hills,", "the old farmer walked slowly to the river"),
        ("because he wanted to see", "whether the water had finally come back."),
        ("Mr. Smith had told him that it would.",),
        ("He wasn't sure.",),
    ],
    "es": [
        ("Cuando salió el sol sobre las montañas,", "el viejo granjero caminó despacio"),
        ("hasta el río porque quería ver", "si el agua había vuelto por fin."),
    ],
    "fr": [
        ("Quand le soleil se leva sur les collines,", "le vieux fermier marcha lentement"),
        ("vers la rivière parce qu'il voulait voir", "si l'eau était enfin revenue."),
        ("Qui le lui avait dit ?",),
        ("Personne ne le savait,", "mais tout le monde attendait la réponse."),
    ],
    "ja": [("昨日の夜、友達と一緒に", "映画を見に行きました。"), ("仕事ができない。",)],
    "ar": [
        ("لم يكن متأكدا من ذلك.",),
        ("مشى المزارع العجوز ببطء", "إلى النهر لأنه أراد أن يرى الماء."),
    ],
}


@pytest.mark.parametrize(
    ("language", "text", "cps"),
    [
        ("en", ENGLISH, 14),
        ("es", SPANISH, 14),
        ("fr", FRENCH, 14),
        ("ja", JAPANESE, 4),
        ("ar", ARABIC, 14),
    ],
    ids=["en", "es", "fr", "ja", "ar"],
)
def test_sentences_are_cut_where_they_read_well(language: str, text: str, cps: float) -> None:
    words = say(text, cps, pauses={".": 0.6, "?": 0.6, "。": 0.6})
    cues = make_cues(words, language)
    assert [cue.lines for cue in cues] == GOLDEN[language]
    assert violations(cues, cue_rules_for(language)) == []


def test_thai_breaks_at_its_blanks_and_never_before_a_vowel_that_follows() -> None:
    words = [Word(mark, n * 0.1, n * 0.1 + 0.1) for n, mark in enumerate("ฉันจะไปตลาดพรุ่งนี้ " * 6)]
    for cue in make_cues(words, "th"):
        assert all(line.endswith("พรุ่งนี้") for line in cue.lines)


def test_two_speakers_share_a_cue_only_when_they_must() -> None:
    slow = [Word(" Really?", 1, 1.4, "Ann"), Word(" Yes.", 3.2, 3.5, "Bob")]
    assert [cue.text for cue in make_cues(slow, "en")] == ["Really?", "Yes."]
    fast = [Word(" Really?", 1, 1.2, "Ann"), Word(" Yes.", 1.3, 1.5, "Bob")]
    assert [cue.text for cue in make_cues(fast, "en")] == ["- Really?\n- Yes."]
    unknown = [Word(" Really?", 1, 1.2), Word(" Yes.", 1.3, 1.5)]
    assert [cue.text for cue in make_cues(unknown, "en")] == ["Really? Yes."]


def test_a_cue_comes_with_its_first_word_and_stays_half_a_second_after_the_last() -> None:
    cue = make_cues([Word(" Hello", 10.0, 10.6), Word(" there.", 10.7, 11.4)], "en")[0]
    assert (cue.start_ms, cue.end_ms) == (10_000, 11_900)


def test_what_cannot_be_read_in_time_stays_as_long_as_it_may() -> None:
    words = say("a " * 2000 + "end.", 60)
    cues = make_cues(words, "en")
    broken = violations(cues, cue_rules_for("en"))
    assert {one.rule for one in broken} == {"reading_speed"}
    assert all(one.is_forced for one in broken)


def test_too_many_words_at_one_moment_wait_for_their_turn() -> None:
    cues = make_cues([Word(f" number{n}", 5.0, 5.0) for n in range(200)], "en")
    assert all(cue.duration_ms >= 833 for cue in cues)
    assert cues[0].start_ms == 5000 - 125
    assert all(
        not one.is_forced or one.rule == "reading_speed"
        for one in violations(cues, cue_rules_for("en"))
    )


def test_a_limit_for_the_whole_cue_is_kept() -> None:
    rules = CueRules(cue_chars=50)
    cues = make_cues(say(ENGLISH, 14), "en", rules)
    assert all(sum(map(len, cue.lines)) <= 50 for cue in cues)


def test_each_rule_that_others_break_is_found() -> None:
    rules = cue_rules_for("en")
    cues = [
        Cue(0, 500, ("Short",)),
        Cue(400, 9000, ("one", "two", "three")),
        Cue(9020, 10_000, ("x " * 30,)),
        Cue(10_200, 12_000, ("...",)),
        Cue(11_000, 12_500, ("breaks", "needlessly")),
        Cue(11_000, 12_500, ("y" * 60,)),
    ]
    found = {(one.rule, one.cue, one.is_forced) for one in violations(cues, rules)}
    assert found == {
        ("shortest", 0, False),
        ("overlap", 0, False),
        ("lines", 1, False),
        ("longest", 1, False),
        ("needless_break", 1, False),
        ("gap", 1, False),
        ("line_length", 2, False),
        ("reading_speed", 2, False),
        ("loose_gap", 2, False),
        ("no_text", 3, False),
        ("overlap", 3, False),
        ("needless_break", 4, False),
        ("order", 4, False),
        ("line_length", 5, True),
        ("reading_speed", 5, False),
    }


def test_limits_follow_the_script() -> None:
    assert (cue_rules_for("jpn").line_cells, cue_rules_for("zh").line_cells) == (26, 32)
    assert (cue_rules_for("tha").line_chars, cue_rules_for("ar").line_chars) == (35, 42)
    assert (cue_rules_for("en").reading_cps, cue_rules_for("es").reading_cps) == (20, 17)
