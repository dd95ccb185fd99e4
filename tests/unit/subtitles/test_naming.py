"""The names of subtitle files, as servers and downloaders write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.kernel.languages import list_languages
from mediant.subtitles.naming import (
    NamingType,
    SubtitleName,
    read_folder_name,
    read_name,
    subtitle_name,
)


def told(name: SubtitleName | None) -> str:
    """The language and the flags in short."""
    assert name is not None
    flags = {
        "forced": name.is_forced,
        "hi": name.is_hearing_impaired,
        "default": name.is_default,
        "ours": name.is_generated,
    }
    return " ".join([name.tag, *(flag for flag, is_set in flags.items() if is_set)])


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("Movie.srt", "und"),
        ("Movie.en.srt", "en"),
        ("Movie.EN.SRT", "en"),
        ("movie.en.srt", "en"),
        ("Movie.eng.srt", "en"),
        ("Movie.ger.ass", "de"),
        ("Movie.deu.vtt", "de"),
        ("Movie.pt-BR.srt", "pt-BR"),
        ("Movie.pt_br.srt", "pt-BR"),
        ("Movie.pob.srt", "pt-BR"),
        ("Movie.zh-Hant.srt", "zh-Hant"),
        ("Movie.chs.srt", "zh-Hans"),
        ("Movie.es-419.srt", "es-419"),
        ("Movie.English.srt", "en"),
        ("Movie.Español.srt", "es"),
        ("Movie.[eng].srt", "en"),
        ("Movie [English].srt", "en"),
        ("Movie (German) [forced].srt", "de forced"),
        ("Movie.en.forced.srt", "en forced"),
        ("Movie.eng.forced.srt", "en forced"),
        ("Movie.forced.en.srt", "en forced"),
        ("Movie.en.foreign.srt", "en forced"),
        ("Movie.forced.srt", "und forced"),
        ("Movie.en.sdh.srt", "en hi"),
        ("Movie.en.cc.srt", "en hi"),
        ("Movie.en.hi.srt", "en hi"),
        ("Movie.hi.en.srt", "en hi"),
        ("Movie.hi.srt", "hi"),
        ("Movie.hi.hi.srt", "hi hi"),
        ("Movie.hi.sdh.srt", "hi hi"),
        ("Movie.en.default.srt", "en default"),
        ("Movie.default.en.forced.sdh.srt", "en forced hi default"),
        ("Movie.Is.en.srt", "en"),
        ("Movie.en.Commentary.srt", "en"),
        ("Movie.new.war.srt", "und"),
        ("Movie.subgen.medium.en.srt", "en ours"),
        ("Movie.idx", "und"),
    ],
)
def test_names_beside_a_video(file_name: str, expected: str) -> None:
    assert told(read_name(file_name, "Movie")) == expected


@pytest.mark.parametrize(
    "file_name",
    [
        "Movie 10.en.srt",
        "Movies.en.srt",
        "Movie (2020).srt",
        "Movie-2.srt",
        "Movie.mkv",
        "Movie",
        "",
    ],
)
def test_names_of_other_videos(file_name: str) -> None:
    assert read_name(file_name, "Movie") is None


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("2_English.srt", "en"),
        ("12_English (SDH).srt", "en hi"),
        ("English SDH.srt", "en hi"),
        ("eng.srt", "en"),
        ("fr_forced.srt", "fr forced"),
        ("Movie.es.srt", "es"),
        ("Brazilian Portuguese.srt", "pt-BR"),
        ("track3.srt", "und"),
    ],
)
def test_names_in_a_folder_of_subtitles(file_name: str, expected: str) -> None:
    assert told(read_folder_name(file_name, "Movie")) == expected


def test_what_is_no_subtitle_file_in_the_folder() -> None:
    assert read_folder_name("English.nfo", "Movie") is None


def test_the_rest_of_a_name_is_its_title() -> None:
    name = read_name("Movie.Directors cut.en.srt", "Movie")
    assert name is not None
    assert (name.title, name.language, name.extension) == ("Directors cut", "eng", "srt")


@pytest.mark.parametrize(
    ("naming", "expected"),
    [
        (NamingType.ISO_639_1, "Movie.fr.srt"),
        (NamingType.ISO_639_2_T, "Movie.fra.srt"),
        (NamingType.ISO_639_2_B, "Movie.fre.srt"),
        (NamingType.NAME, "Movie.French.srt"),
        (NamingType.NATIVE, "Movie.français.srt"),
    ],
)
def test_names_that_we_write(naming: NamingType, expected: str) -> None:
    assert subtitle_name("Movie", "fra", naming=naming) == expected


def test_a_fixed_token_stands_in_place_of_the_code() -> None:
    assert subtitle_name("Movie", "fra", fixed="aa") == "Movie.aa.srt"
    assert subtitle_name("Movie", "spa") == "Movie.spa.srt"


@pytest.mark.parametrize("fixed", ["../x", "a/b", ".x", "a\\b", "a\0", "a:b"])
def test_a_token_cannot_leave_the_folder(fixed: str) -> None:
    with pytest.raises(Invalid):
        subtitle_name("Movie", "fra", fixed=fixed)


def test_what_is_no_language_is_not_written() -> None:
    with pytest.raises(Invalid, match="is no language"):
        subtitle_name("Movie", "und")


@pytest.mark.parametrize("naming", list(NamingType))
def test_what_we_write_we_read(naming: NamingType) -> None:
    for language in list_languages():
        if language.is_common:
            name = read_name(
                subtitle_name("A.b (2020)", language.code, naming=naming), "A.b (2020)"
            )
            assert name is not None
            assert name.language == {"nob": "nor", "cmn": "zho", "fil": "tgl"}.get(
                language.code, language.code
            )


@given(st.text(max_size=40), st.text(max_size=10))
def test_any_name_can_be_read(file_name: str, stem: str) -> None:
    for name in (file_name, f"{stem}.{file_name}.srt"):
        read_name(name, stem)
        read_folder_name(name, stem)
