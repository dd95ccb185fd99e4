"""Which rule a video falls under."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.subtitles.rules import films
from tests.unit.subtitles.rules.films import film

from mediant.subtitles.inspection.video import (
    AudioTrack,
    EmbeddedSubtitle,
    ExternalSubtitle,
)
from mediant.subtitles.rules.match import explain, first_match, in_order
from mediant.subtitles.rules.rule import Conditions, Rule

GERMAN = EmbeddedSubtitle(3, "subrip", "deu")
BESIDE = ExternalSubtitle("/films/Film.de.srt", "deu")


def holds(conditions, video, external=()):
    return first_match([Rule(1, "r", conditions=conditions)], video, external) is not None


@pytest.mark.parametrize(
    ("conditions", "fits", "does_not"),
    [
        (Conditions(file_extension=(".mkv",)), film("eng"), film("eng", path="/a/Film.mp4")),
        (Conditions(file_extension=("mkv",)), film("eng", path="/a/F.MKV"), film(path="/a/mkv")),
        (Conditions(file_extension=(".MKV", "avi")), film(path="/a/F.avi"), film(path="/a/F.ts")),
        (Conditions(audio_language_is="ger"), film("eng", "deu"), film("eng", "und")),
        (Conditions(audio_language_is="German"), film("deu"), film()),
        (Conditions(audio_language_not=("en", "fre")), film("deu", "jpn"), film("deu", "fra")),
        (Conditions(audio_language_not=("eng",)), film("und"), film("und", "eng")),
        (Conditions(audio_track_count_min=2), film("eng", "deu"), film("eng")),
        (Conditions(audio_track_count_min=0), film(), None),
        (
            Conditions(has_embedded_subtitle_lang="ger"),
            film("eng", embedded=(GERMAN,)),
            film("eng", embedded=(replace(GERMAN, language="und"),)),
        ),
        (
            Conditions(missing_embedded_subtitle_lang="de"),
            film("eng", embedded=(replace(GERMAN, language="und"),)),
            film("eng", embedded=(GERMAN,)),
        ),
    ],
)
def test_each_condition_holds_and_fails(conditions, fits, does_not):
    assert holds(conditions, fits)
    assert does_not is None or not holds(conditions, does_not)


def test_a_subtitle_file_is_missing_or_not():
    conditions = Conditions(missing_external_subtitle_lang="ger")
    assert holds(conditions, film("eng"))
    assert holds(conditions, film("eng"), [replace(BESIDE, language="und")])
    assert not holds(conditions, film("eng"), [BESIDE])


def test_forced_and_commentary_subtitles_cover_nothing():
    partial = (replace(GERMAN, is_forced=True), replace(GERMAN, is_commentary=True))
    video = film("eng", embedded=partial)
    assert holds(Conditions(missing_embedded_subtitle_lang="deu"), video)
    assert not holds(Conditions(has_embedded_subtitle_lang="deu"), video)
    forced = [replace(BESIDE, is_forced=True)]
    assert holds(Conditions(missing_external_subtitle_lang="deu"), video, forced)


def test_pictures_of_text_are_embedded_subtitles():
    video = film("eng", embedded=(EmbeddedSubtitle(3, "hdmv_pgs_subtitle", "deu", is_image=True),))
    assert holds(Conditions(has_embedded_subtitle_lang="deu"), video)


def test_commentary_speaks_no_language_of_the_film():
    video = film("jpn", "eng")
    tracks = (video.audio_tracks[0], replace(video.audio_tracks[1], is_commentary=True))
    video = replace(video, audio_tracks=tracks)
    assert not holds(Conditions(audio_language_is="eng"), video)
    assert holds(Conditions(audio_language_not=("eng",)), video)


def test_all_conditions_must_hold():
    both = Conditions(audio_language_is="jpn", file_extension=(".mkv",))
    assert holds(both, film("jpn"))
    assert not holds(both, film("jpn", path="/a/Film.mp4"))
    assert not holds(both, film("eng"))


def test_the_highest_priority_is_asked_first_then_the_lowest_id():
    rules = [Rule(3, "c", priority=1), Rule(1, "a"), Rule(2, "b", priority=1)]
    assert [rule.id for rule in in_order(rules)] == [2, 3, 1]
    match = first_match(rules, film("eng"), ())
    assert match is not None
    assert (match.rule.name, match.reasons) == ("b", ())


def test_the_dry_run_says_what_was_asked_and_found():
    asked = Conditions(audio_language_is="ja", missing_external_subtitle_lang="ger")
    texts = [
        str(reason) for reason in explain(Rule(1, "r", conditions=asked), film("eng"), [BESIDE])
    ]
    assert texts == [
        "audio_language_is jpn: does not hold, found eng.",
        "missing_external_subtitle_lang deu: does not hold, found deu.",
    ]


def opens(rules, video, external=()):
    """The rule that waits for ears, if one does."""
    match = first_match(rules, video, external, can_hear=True)
    return match.rule.name if match is not None and match.is_open else None


def test_a_rule_of_another_language_waits_for_ears():
    rule = Rule(1, "r", conditions=Conditions(audio_language_is="jpn"))
    assert opens([rule], film("und")) == "r"
    assert opens([rule], film("jpn")) is None
    assert opens([rule], film("eng")) is None
    assert opens([Rule(2, "all", priority=5), rule], film("und")) is None
    assert first_match([rule], film("und"), ()) is None


def test_what_fails_otherwise_is_not_listened_to():
    asked = Conditions(audio_language_is="jpn", missing_external_subtitle_lang="deu")
    assert opens([Rule(1, "r", conditions=asked)], film("und"), [BESIDE]) is None


@given(films.rule_lists, films.videos, films.external)
def test_the_match_is_the_first_enabled_rule_of_which_every_reason_holds(rules, video, external):
    fitting = [
        rule
        for rule in sorted(rules, key=lambda rule: (-rule.priority, rule.id))
        if rule.is_enabled and all(reason.holds for reason in explain(rule, video, external))
    ]
    match = first_match(rules, video, external)
    assert (match.rule if match else None) == (fitting[0] if fitting else None)


@given(films.rule_lists, films.videos, films.external, st.randoms())
def test_the_order_of_the_list_plays_no_part(rules, video, external, random):
    mixed = random.sample(rules, len(rules))
    assert first_match(mixed, video, external) == first_match(rules, video, external)


@given(films.conditions, films.videos, films.external)
def test_a_rule_without_conditions_fits_all_and_each_condition_only_narrows(asked, video, external):
    assert holds(Conditions(), video, external)
    if holds(asked, video, external):
        for name in ("audio_language_is", "missing_embedded_subtitle_lang"):
            assert holds(replace(asked, **{name: None}), video, external)


@given(films.conditions, films.videos, films.external, films.codes)
def test_forced_and_commentary_never_change_what_fits(asked, video, external, language):
    more_external = [*external, ExternalSubtitle("/films/Film.f.srt", language, is_forced=True)]
    more = (
        EmbeddedSubtitle(8, "subrip", language, is_forced=True),
        EmbeddedSubtitle(9, "subrip", language, is_commentary=True),
    )
    fuller = replace(video, embedded=video.embedded + more)
    assert holds(asked, fuller, more_external) == holds(asked, video, external)
    if asked.audio_track_count_min is None:
        comment = AudioTrack(9, 9, "aac", language, is_commentary=True)
        fuller = replace(fuller, audio_tracks=(*video.audio_tracks, comment))
        assert holds(asked, fuller, more_external) == holds(asked, video, external)


@given(films.videos, films.external, films.codes, st.data())
def test_every_way_to_write_a_language_means_the_same(video, external, code, data):
    names = [
        "audio_language_is",
        "has_embedded_subtitle_lang",
        "missing_embedded_subtitle_lang",
        "missing_external_subtitle_lang",
    ]
    name = data.draw(st.sampled_from(names))
    forms: list[dict[str, Any]] = [{name: form} for form in films.FORMS[code]]
    results = {holds(Conditions(**form), video, external) for form in forms}
    assert len(results) == 1


@given(films.videos, films.codes)
def test_having_and_missing_are_opposites(video, code):
    has = holds(Conditions(has_embedded_subtitle_lang=code), video)
    assert has != holds(Conditions(missing_embedded_subtitle_lang=code), video)


@given(films.rule_lists, films.videos, films.external, films.codes)
def test_a_match_that_is_not_open_stays_whatever_is_heard(rules, video, external, language):
    before = first_match(rules, video, external, can_hear=True)
    heard = tuple(
        replace(one, language=language) if one.language == "und" else one
        for one in video.audio_tracks
    )
    after = first_match(rules, replace(video, audio_tracks=heard), external)
    if before is None or not before.is_open:
        assert (after and after.rule) == (before and before.rule)
