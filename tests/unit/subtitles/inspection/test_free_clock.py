"""One fact, by name and by content."""

from pathlib import PurePath

import av
import pytest

from mediant.subtitles.inspection.free_clock import FREE_CLOCKS, has_free_clock, is_named_so


def test_ffmpeg_knows_these_formats() -> None:
    assert set(FREE_CLOCKS) <= set(av.formats_available)


@pytest.mark.parametrize("name", ["film.TS", "a.m2ts", "b.vob", "c.mpg", "d.WTV"])
def test_by_its_name(name: str) -> None:
    assert is_named_so(PurePath(name))


@pytest.mark.parametrize("name", ["film.mkv", "ts", "film.ts.mp4", ".ts"])
def test_others_count_from_zero(name: str) -> None:
    assert not is_named_so(PurePath(name))


def test_by_its_content() -> None:
    assert has_free_clock("mpegts")
    assert not has_free_clock("matroska,webm")
    assert not has_free_clock("mov,mp4,m4a,3gp,3g2,mj2")
