"""Which audio track is listened to."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.subtitles.rules import films
from tests.unit.subtitles.rules.films import film, settings

from mediant.subtitles.rules.audio_track import choose_track, spoken_language


def chosen(video, wanted=None, target="und", **told):
    track = choose_track(video, wanted, settings(**told), target)
    return None if track is None else track.index


def with_flags(video, **by_name):
    """Set a flag of tracks: `is_default=1` or `is_commentary=(0, 2)`."""
    tracks = list(video.audio_tracks)
    for name, numbers in by_name.items():
        for number in numbers:
            tracks[number] = replace(tracks[number], **{name: True})
    return replace(video, audio_tracks=tuple(tracks))


def test_each_wish_beats_the_next():
    video = with_flags(film("spa", "jpn", "eng", "fra", "deu"), is_default=(4,))
    told = {"force_detected_language_to": "ja", "preferred_audio_languages": "kor,fre,eng"}
    assert chosen(video, "es", **told) == 0
    assert chosen(video, **told) == 1
    assert chosen(video, preferred_audio_languages="kor,fre,eng") == 3
    assert chosen(video, preferred_audio_languages="") == 4
    assert chosen(film("spa", "jpn"), preferred_audio_languages="") == 0


def test_english_is_preferred_by_default():
    assert chosen(film("jpn", "eng")) == 1


def test_what_is_said_in_the_target_language_beats_a_translation():
    video = film("eng", "spa", "jpn")
    assert chosen(video, target="spa") == 1
    assert chosen(video, target="Spanish", preferred_audio_languages="en") == 1
    assert chosen(video, target="fra") == 0
    assert chosen(video, target="spa", preferred_audio_languages="") == 1
    assert chosen(with_flags(video, is_commentary=(1,)), target="spa") == 0


def test_whoever_names_the_audio_is_obeyed_before_the_target():
    video = film("eng", "spa", "jpn")
    assert chosen(video, "jpn", target="spa") == 2
    assert chosen(video, target="spa", force_detected_language_to="ja") == 2
    assert chosen(video, target="eng", preferred_audio_languages="jpn,eng") == 2
    assert chosen(video, target="spa", preferred_audio_languages="kor") == 1


def test_the_wanted_language_may_be_in_the_track_that_does_not_tell():
    assert chosen(film("eng", "und"), "jpn") == 1
    assert chosen(film("eng", "spa"), "jpn") == 0


def test_commentary_is_the_last_resort():
    video = film("eng", "jpn")
    assert chosen(with_flags(video, is_commentary=(0,))) == 1
    assert chosen(with_flags(video, is_commentary=(0, 1))) == 0


def test_no_audio_no_track():
    assert chosen(film()) is None
    assert spoken_language(None, settings()) == "und"


def test_of_two_equals_the_default_one():
    assert chosen(with_flags(film("eng", "eng"), is_default=(1,))) == 1


def test_force_speaks_for_what_does_not_tell():
    forced = settings(force_detected_language_to="Japanese")
    assert spoken_language(film("und").audio_tracks[0], forced) == "jpn"
    assert spoken_language(film("eng").audio_tracks[0], forced) == "eng"
    assert spoken_language(film("und").audio_tracks[0], settings()) == "und"


@given(
    films.videos,
    st.none() | films.written,
    st.lists(films.written, max_size=3),
    st.just("und") | films.written,
)
def test_there_is_a_track_if_there_is_audio_and_no_commentary_beside_others(
    video, wanted, liked, target
):
    told = settings(preferred_audio_languages=liked)
    track = choose_track(video, wanted, told, target)
    assert (track is None) == (not video.audio_tracks)
    if track is not None:
        assert track in video.audio_tracks
        assert not track.is_commentary or all(t.is_commentary for t in video.audio_tracks)
