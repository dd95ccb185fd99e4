"""Which file subtitles are written to."""

import pytest
from tests.unit.subtitles.rules.films import settings

from mediant.errors import Invalid
from mediant.subtitles.rules.output import output_path


@pytest.mark.parametrize(
    ("path", "told", "expected"),
    [
        ("/f/Film.mkv", {}, "/f/Film.fre.srt"),
        ("/f/Film.2020.mkv", {"subtitle_language_naming_type": "ISO_639_1"}, "/f/Film.2020.fr.srt"),
        ("/f/Film.mkv", {"subtitle_language_naming_type": "NAME"}, "/f/Film.French.srt"),
        ("/f/Film.mkv", {"subtitle_language_name": "aa"}, "/f/Film.aa.srt"),
        ("/f/Film", {}, "/f/Film.fre.srt"),
    ],
)
def test_videos(path, told, expected):
    assert output_path(path, "fra", settings(**told), is_video=True) == expected


def test_audio_gets_lyrics_where_they_are_on():
    assert output_path("/s/Song.mp3", "fra", settings(), is_video=False) == "/s/Song.lrc"
    off = settings(lrc_for_audio_files=False)
    assert output_path("/s/Song.mp3", "fra", off, is_video=False) == "/s/Song.fre.srt"


def test_what_is_no_language_is_refused():
    with pytest.raises(Invalid):
        output_path("/f/Film.mkv", "und", settings(), is_video=True)
