"""Which file a hint means, and when none is looked at."""

from pathlib import Path

import pytest

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.video import AudioTrack, Video
from mediant.subtitles.provider.hint import find_hint, find_start_s


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "tv" / "Two Tracks é (2020).mkv"
    path.parent.mkdir()
    path.write_bytes(b"film")
    return path


def _settings(*roots: Path, **more) -> SubtitlesSettings:
    return SubtitlesSettings(library_paths=[str(root) for root in roots], **more)


def test_a_film_of_ours_is_found(film):
    hint = find_hint(str(film), _settings(film.parent), is_known=False)
    assert hint is not None
    assert (hint.path, hint.size) == (str(film), 4)


def test_another_programs_path_is_translated(film):
    mapping = {
        "use_path_mapping": True,
        "path_mapping_from": "/bazarr/tv",
        "path_mapping_to": str(film.parent),
    }
    told = f"/bazarr/tv/{film.name}"
    hint = find_hint(told, _settings(film.parent, **mapping), is_known=False)
    assert hint is not None
    assert hint.path == str(film)


def test_what_lies_outside_is_not_looked_at(film, tmp_path):
    outside = tmp_path / "other.mkv"
    outside.write_bytes(b"x")
    link = film.parent / "link.mkv"
    link.symlink_to(outside)
    settings = _settings(film.parent)
    for told in (str(outside), str(link), f"{film.parent}/../other.mkv", "", "relative.mkv", "a\0"):
        assert find_hint(told, settings, is_known=True) is None


def test_without_a_library_only_known_callers_are_believed(film):
    assert find_hint(str(film), _settings(), is_known=False) is None
    assert find_hint(str(film), _settings(), is_known=True) is not None


@pytest.mark.parametrize(
    ("name", "start_s", "origin_s", "expected"),
    [
        ("a.mkv", 4.5, 0.0, 4.5),
        ("a.mkv", 0.1, 0.0, 0.0),
        ("a.mkv", 0.02, 0.0, 0.0),
        ("a.ts", 36_001.5, 36_000.0, 1.5),
        ("a.ts", 1.4, 1.4, 0.0),
    ],
)
def test_how_late_the_sound_begins(name, start_s, origin_s, expected):
    track = AudioTrack(0, 1, "aac", "eng", start_s=start_s)
    video = Video(f"/tv/{name}", 1, 1, 10.0, origin_s, True, (track,))
    assert find_start_s(video, "en", SubtitlesSettings()) == pytest.approx(expected)


def test_without_a_track_nothing_is_moved():
    video = Video("/tv/a.mkv", 1, 1, 10.0, 0.0, True)
    assert find_start_s(video, "en", SubtitlesSettings()) == 0.0
