"""Rules and skips on real files: each condition and each skip, both ways."""

import pytest

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.external import find_marker, group_external, list_names
from mediant.subtitles.rules.audio_track import choose_track, spoken_language
from mediant.subtitles.rules.match import first_match
from mediant.subtitles.rules.output import output_path
from mediant.subtitles.rules.rule import Conditions, Rule
from mediant.subtitles.rules.skips import FolderMarks, why_skip
from mediant.testing.videos import Sound, Text


@pytest.fixture
def fits(look):
    """Whether a file falls under a rule of these conditions."""

    def ask(path, **asked):
        external = group_external(path.parent, list_names(path.parent))[path.name]
        rule = Rule(1, "rule", conditions=Conditions(**asked))
        return first_match([rule], look(path), external) is not None

    return ask


@pytest.fixture
def skipped(look):
    """Why a file is left alone, or None."""

    def ask(path, target="spa", written=(), **told):
        names = list_names(path.parent)
        root = path.parent.parent
        marks = FolderMarks(find_marker(path.parent, root), names)
        settings = SubtitlesSettings.model_validate(told)
        external = group_external(path.parent, names)[path.name]
        return why_skip(look(path), external, target, settings, frozenset(written), marks)

    return ask


def test_extension(videos, fits):
    path = videos.video("Film.MKV")
    assert fits(path, file_extension=("mkv",))
    assert not fits(path, file_extension=(".mp4", ".avi"))


def test_audio_languages(videos, fits):
    path = videos.video("Film.mkv", [Sound("jpn"), Sound("eng", title="Commentary")])
    assert fits(path, audio_language_is="ja")
    assert not fits(path, audio_language_is="eng")
    assert fits(path, audio_language_not=("eng", "fre"))
    assert not fits(path, audio_language_not=("eng", "jpn"))
    assert fits(path, audio_track_count_min=2)
    assert not fits(path, audio_track_count_min=3)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_embedded_subtitles(videos, fits, suffix):
    forced, full = Text("ger", is_forced=True), Text("fre")
    path = videos.video(f"Film{suffix}", [Sound("jpn")], [forced, full])
    assert fits(path, has_embedded_subtitle_lang="fra")
    assert not fits(path, has_embedded_subtitle_lang="deu")
    assert fits(path, missing_embedded_subtitle_lang="deu")
    assert not fits(path, missing_embedded_subtitle_lang="fr")


def test_external_subtitles(videos, fits):
    path = videos.video("Film.mkv", [Sound("jpn")])
    videos.external(path, "en.forced")
    videos.external(path, "German", extension="ass")
    videos.external(path, "fr", folder="Subs")
    assert fits(path, missing_external_subtitle_lang="eng")
    assert not fits(path, missing_external_subtitle_lang="ger")
    assert not fits(path, missing_external_subtitle_lang="fra")


def test_a_video_without_audio_has_no_language(videos, fits):
    path = videos.video("Silent.mkv", [])
    assert not fits(path, audio_language_is="eng")
    assert fits(path, audio_language_not=("eng",))
    assert not fits(path, audio_track_count_min=1)
    assert fits(path)


def test_markers(videos, skipped):
    path = videos.video("Show/Season 1/01.mkv")
    assert skipped(path) is None
    (path.parent.parent / ".subgen_skip").touch()
    assert ".subgen_skip" in skipped(path)
    assert skipped(videos.video("Other/Season 1/01.mkv")) is None


def test_lyrics(videos, skipped):
    path = videos.audio("Song.mp3")
    assert skipped(path, target="eng") is None
    videos.external(path, extension="lrc")
    assert "Song.lrc" in skipped(path, target="eng")


def test_languages_of_audio(videos, skipped):
    untold, german = videos.video("a.avi", [Sound("ger")]), videos.video("b.mkv", [Sound("ger")])
    assert "skip_unknown_language" in skipped(untold, skip_unknown_language=True)
    assert skipped(german, skip_unknown_language=True) is None
    assert "skip_if_audio_languages" in skipped(german, skip_if_audio_languages="de")
    assert skipped(untold, skip_if_audio_languages="de") is None


def test_target_subtitles(videos, skipped):
    inside = videos.video("a.mkv", [Sound("jpn")], [Text("spa")])
    forced = videos.video("b.mkv", [Sound("jpn")], [Text("spa", is_forced=True)])
    beside = videos.video("c.mkv", [Sound("jpn")])
    below = videos.video("d.mkv", [Sound("jpn")])
    file = videos.external(beside, "es")
    videos.external(below, "es.subgen", folder="subs")
    assert "embedded" in skipped(inside)
    assert skipped(forced) is None
    assert str(file) in skipped(beside)
    assert "skip_if_target" in skipped(below)
    assert skipped(inside, skip_if_target_subtitles_exist=False) is None
    assert skipped(beside, skip_only_subgen_subtitles=True) is None
    assert skipped(beside, skip_only_subgen_subtitles=True, written=[str(file)]) is not None
    assert skipped(below, skip_only_subgen_subtitles=True) is not None


def test_the_exact_output(videos, skipped):
    path = videos.video("Film.mkv", [Sound("jpn")])
    told = {"skip_if_target_subtitles_exist": False, "subtitle_language_name": "subs"}
    assert skipped(path, **told) is None
    settings = SubtitlesSettings.model_validate(told)
    output = videos.external(path, "subs")
    assert str(output) == output_path(str(path), "spa", settings, is_video=True)
    assert skipped(path, **told) == f"{output} exists."
    assert skipped(path, skip_if_target_subtitles_exist=False) is None


def test_embedded_subtitles_that_suffice(videos, skipped):
    path = videos.video("Film.mkv", [Sound("jpn")], [Text("eng"), Text("ger", is_forced=True)])
    assert skipped(path, skip_if_internal_subtitles_language="en") is not None
    assert skipped(path, skip_if_internal_subtitles_language="de") is None
    assert skipped(path, skip_subtitle_languages="fr,en") is not None
    assert skipped(path, skip_subtitle_languages="fr,de") is None


def test_external_subtitles_that_suffice(videos, skipped):
    path = videos.video("Film.mkv", [Sound("jpn")])
    videos.external(path, "en")
    wish = {"skip_if_external_subtitles_exist": True}
    assert skipped(path, **wish, subtitle_language_name="en") is not None
    assert skipped(path, **wish, subtitle_language_name="fr") is None
    assert skipped(path, subtitle_language_name="fr") is None


def test_the_track_that_is_listened_to(videos, look):
    sounds = [Sound("eng", is_commentary=True), Sound("fre"), Sound("jpn", is_default=True)]
    video = look(videos.video("Film.mkv", sounds))
    settings = SubtitlesSettings()
    assert choose_track(video, None, settings) == video.audio_tracks[2]
    assert choose_track(video, "fra", settings) == video.audio_tracks[1]
    untold = look(videos.video("Film.avi", [Sound("jpn")]))
    assert spoken_language(choose_track(untold, None, settings), settings) == "und"
