"""Subtitle files of videos, told from names and from real folders."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.subtitles.inspection.external import (
    find_lyrics,
    find_marker,
    group_external,
    list_names,
)
from mediant.subtitles.naming import read_name


def seen(video, *names):
    """Language and flags of each file, by its name in the folder."""
    found = group_external("/films", [video, *names])[video]
    return {
        one.path.removeprefix("/films/"): " ".join(
            [one.language, *["forced"] * one.is_forced, *["ours"] * one.is_generated]
        )
        for one in found
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Film.srt", "und"),
        ("Film.en.srt", "eng"),
        ("Film.ger.ass", "deu"),
        ("Film.deu.ssa", "deu"),
        ("Film.pt-BR.vtt", "por"),
        ("Film.es.forced.srt", "spa forced"),
        ("Film.forced.es.srt", "spa forced"),
        ("Film.en.sdh.srt", "eng"),
        ("Film.en.hi.sub", "eng"),
        ("Film.hi.srt", "hin"),
        ("Film.subgen.medium.en.srt", "eng ours"),
        ("Film.default.fre.sbv", "fra"),
        ("Film.Commentary.en.idx", "eng"),
        ("FILM.EN.SRT", "eng"),
        ("Film [English].srt", "eng"),
        ("Subs/Film.en.srt", "eng"),
        ("subs/2_English.srt", "eng"),
        ("Subtitles/3_Spanish.srt", "spa"),
        ("Subs/English (Forced).srt", "eng forced"),
        ("Subs/Film/2_English.srt", "eng"),
        ("Subs/film/eng.srt", "eng"),
    ],
)
def test_all_conventions(name, told):
    assert seen("Film.mkv", "Film.mkv", name) == {name: told}


@pytest.mark.parametrize(
    "name",
    [
        "Film 2.en.srt",
        "Filmed.srt",
        "Other.en.srt",
        "Film.en.txt",
        "Film.nfo",
        "Film.lrc",
        "en.srt",
    ],
)
def test_what_is_no_subtitle_of_this_video(name):
    assert seen("Film.mkv", "Film.mkv", name) == {}


def test_a_title_is_no_language():
    assert seen("Movie.mkv", "Movie.Is.en.srt") == {"Movie.Is.en.srt": "eng"}
    assert seen("Movie.Is.mkv", "Movie.Is.srt") == {"Movie.Is.srt": "und"}


def test_the_longest_name_owns():
    names = ["Film.mkv", "Film.Part 2.mkv", "Film.Part 2.en.srt", "Film.de.srt"]
    assert seen("Film.mkv", *names) == {"Film.de.srt": "deu"}
    assert seen("Film.Part 2.mkv", *names) == {"Film.Part 2.en.srt": "eng"}


def test_numbers_are_not_mixed_up():
    names = ["Show 1.mkv", "Show 10.mkv", "Show 10.en.srt"]
    assert seen("Show 1.mkv", *names) == {}
    assert seen("Show 10.mkv", *names) == {"Show 10.en.srt": "eng"}


def test_two_containers_of_one_film_share_its_subtitles():
    found = group_external("/films", ["Film.mkv", "Film.mp4", "Film.en.srt"])
    assert [one.language for one in found["Film.mkv"]] == ["eng"]
    assert found["Film.mkv"] == found["Film.mp4"]


def test_a_nameless_file_is_of_the_only_film():
    names = ["Subs/2_English.srt", "Film-trailer.mkv", "sample.mkv", "Film.mkv"]
    assert seen("Film.mkv", *names) == {"Subs/2_English.srt": "eng"}
    assert seen("Film.mkv", *names, "Other.mkv") == {}


def test_folders_named_like_episodes_keep_them_apart():
    names = ["S01E01.mkv", "S01E02.mkv", "Subs/S01E01/2_English.srt", "Subs/S01E02/3_French.srt"]
    assert seen("S01E01.mkv", *names) == {"Subs/S01E01/2_English.srt": "eng"}
    assert seen("S01E02.mkv", *names) == {"Subs/S01E02/3_French.srt": "fra"}


def test_lyrics():
    assert find_lyrics("/songs/Song.mp3", ["Song.lrc", "Songs.lrc"]) == "Song.lrc"
    assert find_lyrics("/songs/Song.mp3", ["Song.en.lrc"]) == "Song.en.lrc"
    assert find_lyrics("/songs/Song.mp3", ["Song.srt", "Songs.lrc"]) is None


def test_the_names_of_a_real_folder(tmp_path):
    wanted = [".nosubs", "Film.mkv", "Film.en.srt", "Song.lrc", "Subs/1_eng.srt"]
    wanted += ["SUBTITLES/a.ass", "Subs/Film/2_fre.srt"]
    others = ["poster.jpg", "Extras/Film.en.srt", "Subs/readme.txt", "Subs/a/b/c.srt"]
    for name in [*wanted, *others]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list_names(tmp_path) == tuple(sorted(wanted))
    assert list_names(tmp_path / "gone") == ()
    assert list_names(tmp_path / "Film.mkv") == ()


def test_a_marker_covers_all_below_it_up_to_the_root(tmp_path):
    deep = tmp_path / "root" / "Show" / "Season 1"
    deep.mkdir(parents=True)
    (tmp_path / ".nosubs").touch()
    assert find_marker(deep, tmp_path / "root") is None
    (tmp_path / "root" / ".subgen_skip").touch()
    assert find_marker(deep, tmp_path / "root") == str(tmp_path / "root" / ".subgen_skip")
    (deep / ".nosubs").touch()
    assert find_marker(deep, tmp_path / "root") == str(deep / ".nosubs")
    assert find_marker(deep, tmp_path / "elsewhere") == str(deep / ".nosubs")
    assert find_marker(deep.parent, tmp_path / "elsewhere") is None


stems = st.sampled_from(["A", "A.B", "A B", "a", "A.en", "B", "A (2020)", "A.Is"])
tails = st.sampled_from(["", ".en", ".forced.de", " [fre]", ".B.es", " 2", "x", ".sdh"])
subtitles = st.builds(lambda stem, tail: f"{stem}{tail}.srt", stems, tails)


def find_owner(file_name: str, fitting: Iterable[str]) -> str | None:
    """The stem of the video that owns a subtitle file in its folder: the longest that fits."""
    owners = [stem for stem in fitting if read_name(file_name, stem) is not None]
    return max(owners, key=len, default=None)


def test_the_longest_stem_owns_the_file() -> None:
    names = ["Show 1.mkv", "Show 10.mkv", "Movie.mkv", "Movie.Is.mkv"]
    found = group_external("/f", [*names, "Show 10.en.srt", "Movie.Is.en.srt", "Other.en.srt"])
    told = {name: [one.path for one in found[name]] for name in names if found[name]}
    assert told == {"Show 10.mkv": ["/f/Show 10.en.srt"], "Movie.Is.mkv": ["/f/Movie.Is.en.srt"]}


@given(st.lists(stems.map(lambda stem: f"{stem}.mkv"), min_size=1), st.lists(subtitles))
def test_grouping_at_once_finds_the_owners_that_one_by_one_finds(media, files):
    found = group_external("/f", [*media, *files])
    owned: dict[str, set[str]] = {name.removesuffix(".mkv"): set() for name in media}
    for name in files:
        if (stem := find_owner(name, owned)) is not None:
            owned[stem].add(f"/f/{name}")
    for name in media:
        paths = {one.path for one in found[name]}
        stem = name.removesuffix(".mkv")
        # Stems that differ by case alone may claim the same file; the exact letters win.
        twins = {other for other in owned if other.casefold() == stem.casefold()}
        assert paths <= set().union(*(owned[twin] for twin in twins))
        assert set().union(*(owned[twin] for twin in twins)) <= {
            one.path for twin in twins for one in found[f"{twin}.mkv"]
        }
