"""A look into one file."""

import pytest

from mediant.errors import Forbidden, Invalid, MediaError, NotFound
from mediant.testing.videos import Sound, Text


def test_what_it_holds_and_what_a_scan_would_make_of_it(house, videos):
    house.rules.create({"name": "g", "target_language": "ger", "audio_language_is": "ita"})
    house.rules.create(
        {"name": "s", "target_language": "spa", "missing_external_subtitle_lang": "spa"}
    )
    film = videos.video("Film.mkv", [Sound("eng")], [Text("fre")])
    videos.external(film, "en")
    found = house.scanner.analyse(film)
    assert [(one.index, one.language) for one in found.video.audio_tracks] == [(0, "eng")]
    assert [one.language for one in found.video.embedded] == ["fra"]
    assert [(one.path, one.language) for one in found.external] == [
        (str(film.with_suffix(".en.srt")), "eng")
    ]
    assert found.judgement.rule.name == "s"
    assert found.judgement.job.payload["target_lang"] == "spa"
    assert [(name, [one.holds for one in told]) for name, told in found.reasons] == [
        ("g", [False]),
        ("s", [True]),
    ]
    assert not house.queue.list_jobs()
    videos.external(film, "spa")
    assert house.scanner.analyse(film).judgement.rule is None


def test_what_cannot_be_looked_at(house, media, videos, tmp_path):
    for path, error in ((media / "no.mkv", NotFound), (media, Invalid), ("Film.mkv", Invalid)):
        with pytest.raises(error):
            house.scanner.analyse(path)
    with pytest.raises(MediaError):
        house.scanner.analyse(videos.broken("Bad.mkv"))
    film = videos.video("Film.mkv")
    house.set(library_paths=[str(tmp_path / "other")])
    with pytest.raises(Forbidden):
        house.scanner.analyse(film)
    house.set(library_paths=[str(media)])
    (media / "link.mkv").symlink_to(tmp_path / "secret.mkv")
    with pytest.raises(Forbidden):
        house.scanner.analyse(media / "link.mkv")
