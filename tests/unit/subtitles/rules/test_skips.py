"""Why a video is left alone although a rule asks for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.subtitles.rules import films
from tests.unit.subtitles.rules.films import film, settings

from mediant.subtitles.inspection.video import EmbeddedSubtitle, ExternalSubtitle
from mediant.subtitles.rules.skips import FolderMarks, find_output, why_skip

SPANISH = EmbeddedSubtitle(3, "subrip", "spa")
BESIDE = ExternalSubtitle("/films/Film.es.srt", "spa")
SONG = film("eng", path="/songs/Song.mp3", is_video=False)


def reason(video=None, external=(), target="spa", told=None, written=(), marker=None, names=()):
    return why_skip(
        video or film("eng"),
        external,
        target,
        settings(**(told or {})),
        frozenset(written),
        FolderMarks(marker, names),
    )


def test_a_plain_video_is_not_skipped():
    assert reason() is None


def test_a_marker_asks_for_it():
    assert "/films/.nosubs" in reason(marker="/films/.nosubs")


def test_audio_with_lyrics_is_done():
    assert "Song.lrc" in reason(SONG, names=("Song.lrc", "Song.mp3"))
    assert "Song.eng.lrc" in reason(SONG, names=("Song.eng.lrc",))
    assert reason(SONG, names=("Other.lrc",)) is None
    assert reason(film("eng"), names=("Film.lrc",)) is None


def test_an_unknown_language():
    wish = {"skip_unknown_language": True}
    assert "skip_unknown_language" in reason(film("und"), told=wish)
    assert reason(film("eng"), told=wish) is None
    assert reason(film("und")) is None
    assert reason(film("und"), told={**wish, "force_detected_language_to": "jpn"}) is None
    assert reason(film("jpn"), told=wish) is None


def test_audio_in_a_language_that_is_understood():
    wish = {"skip_if_audio_languages": "ger, English"}
    assert "skip_if_audio_languages" in reason(film("jpn", "deu"), told=wish)
    assert reason(film("jpn", "und"), told=wish) is None
    comment = replace(film("deu").audio_tracks[0], is_commentary=True)
    assert reason(replace(film("deu"), audio_tracks=(comment,)), told=wish) is None


def test_subtitles_in_the_target_language():
    assert "embedded" in reason(film("eng", embedded=(SPANISH,)))
    assert "/films/Film.es.srt" in reason(external=[BESIDE])
    assert reason(external=[BESIDE], target="fra") is None
    off = {"skip_if_target_subtitles_exist": False}
    assert reason(film("eng", embedded=(SPANISH,)), [BESIDE], told=off) is None


def test_forced_subtitles_are_not_enough():
    forced = replace(SPANISH, is_forced=True)
    beside = replace(BESIDE, is_forced=True)
    assert reason(film("eng", embedded=(forced,)), [beside]) is None


def test_only_generated_subtitles_count_when_it_is_so_wished():
    wish = {"skip_only_subgen_subtitles": True}
    assert reason(film("eng", embedded=(SPANISH,)), [BESIDE], told=wish) is None
    made = replace(BESIDE, is_generated=True)
    assert "skip_if_target" in reason(external=[made], told=wish)
    assert "skip_if_target" in reason(external=[BESIDE], told=wish, written=[BESIDE.path])
    assert reason(external=[BESIDE], told=wish, written=["/films/Other.es.srt"]) is None


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({}, "Film.spa.srt"),
        ({"subtitle_language_naming_type": "ISO_639_1"}, "Film.es.srt"),
        ({"subtitle_language_naming_type": "NATIVE"}, "Film.español.srt"),
        ({"subtitle_language_name": "aa"}, "Film.aa.srt"),
    ],
)
def test_the_exact_output_file(told, name):
    never = {"skip_if_target_subtitles_exist": False, **told}
    assert reason(names=(name,), told=never) == f"/films/{name} exists."
    assert reason(names=("Film.xx.srt", "Subs/" + name), told=never) is None


def test_embedded_subtitles_in_a_language_that_suffices():
    video = film("eng", embedded=(replace(SPANISH, language="deu"),))
    one = {"skip_if_internal_subtitles_language": "ger"}
    some = {"skip_subtitle_languages": "fre,ger"}
    assert "skip_if_internal_subtitles_language" in reason(video, told=one)
    assert "skip_subtitle_languages" in reason(video, told=some)
    assert (
        reason(film("eng", embedded=(replace(SPANISH, language="jpn"),)), told=one | some) is None
    )
    forced = film("eng", embedded=(replace(SPANISH, language="deu", is_forced=True),))
    assert reason(forced, told=one | some) is None


def test_files_in_the_language_of_names():
    french = [ExternalSubtitle("/films/Film.fr.srt", "fra")]
    wish = {"skip_if_external_subtitles_exist": True}
    named = {**wish, "subtitle_language_name": "fr"}
    assert "skip_if_external_subtitles_exist" in reason(external=french, told=named)
    assert reason(external=french, told={"subtitle_language_name": "fr"}) is None
    assert reason(external=french, told=wish) is None
    never = {**wish, "skip_if_target_subtitles_exist": False}
    assert "skip_if_external_subtitles_exist" in reason(external=[BESIDE], told=never)


def test_an_empty_target_is_the_spoken_language():
    video = film("jpn", embedded=(replace(SPANISH, language="jpn"),))
    assert "in jpn" in reason(video, target="")
    assert reason(film("und"), target="") is None


def test_the_first_reason_of_the_order_counts():
    all_on = {
        "skip_if_audio_languages": "eng",
        "skip_if_internal_subtitles_language": "spa",
        "skip_subtitle_languages": "spa",
        "skip_if_external_subtitles_exist": True,
    }
    no_audio = {**all_on, "skip_if_audio_languages": ""}
    no_target = {**no_audio, "skip_if_target_subtitles_exist": False}
    no_internal = {**no_target, "skip_if_internal_subtitles_language": ""}
    no_list = {**no_internal, "skip_subtitle_languages": ""}
    video = film("eng", embedded=(SPANISH,))
    there = ("Film.spa.srt",)
    for expected, told, marker, names in [
        ("/films/.nosubs", all_on, "/films/.nosubs", there),
        ("skip_if_audio_languages", all_on, None, there),
        ("skip_if_target_subtitles_exist", no_audio, None, there),
        ("exists.", no_target, None, there),
        ("skip_if_internal_subtitles_language", no_target, None, ()),
        ("skip_subtitle_languages", no_internal, None, ()),
        ("skip_if_external_subtitles_exist", no_list, None, ()),
    ]:
        said = reason(video, [BESIDE], told=told, marker=marker, names=names)
        assert expected in said


def test_the_output_of_a_job_is_found_without_any_setting():
    assert find_output(film("eng"), "spa", settings(), ["Film.spa.srt"]) == "/films/Film.spa.srt"
    assert find_output(film("eng"), "spa", settings(), ["Film.es.srt"]) is None
    assert find_output(film("eng"), "und", settings(), ["Film.und.srt"]) is None
    assert find_output(SONG, "und", settings(), ["Song.lrc"]) == "/songs/Song.lrc"


@given(films.videos, films.external, films.codes)
def test_with_everything_off_only_marks_count(video, external, target):
    off = settings(skip_if_target_subtitles_exist=False)
    assert why_skip(video, external, target, off, frozenset(), FolderMarks()) is None


@given(films.videos, films.external, films.codes, st.data())
def test_a_skip_by_target_is_a_subtitle_in_the_target(video, external, target, data):
    said = why_skip(video, external, target, settings(), frozenset(), FolderMarks())
    streams = [one.language for one in video.embedded if one.is_cover]
    files = [one.language for one in external if not one.is_forced]
    assert (said is not None) == (target in streams + files)
    form = data.draw(st.sampled_from(films.FORMS[target]))
    assert why_skip(video, external, form, settings(), frozenset(), FolderMarks()) == said
