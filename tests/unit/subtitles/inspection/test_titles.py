"""What titles of tracks give away."""

import pytest

from mediant.subtitles.inspection import titles


@pytest.mark.parametrize(
    "title",
    [
        "Commentary", "Director's Commentary", "Audio commentary with the cast", "Commentaires",
        "Kommentar des Regisseurs", "Audiokommentar", "Comentarios", "Commento", "Комментарии",
        "コメンタリー",
    ],
)  # fmt: skip
def test_commentary(title):
    assert titles.is_commentary(title)


@pytest.mark.parametrize("title", ["", "Stereo", "English 5.1", "Surround", "Community", "Dub"])
def test_no_commentary(title):
    assert not titles.is_commentary(title)


@pytest.mark.parametrize(
    "title",
    [
        "Forced", "English (forced)", "FORCED", "Forcés", "Forzados", "Erzwungen",
        "Foreign parts only", "Signs & Songs", "Signs/Songs", "English [Signs]",
    ],
)  # fmt: skip
def test_forced(title):
    assert titles.is_forced(title)


@pytest.mark.parametrize(
    "title",
    [
        "", "English", "Full", "Full Subtitles + Signs", "Dialogue & Signs", "Non-forced",
        "not forced", "Reinforced", "Designs", "Brazilian Portuguese",
    ],
)  # fmt: skip
def test_not_forced(title):
    assert not titles.is_forced(title)


@pytest.mark.parametrize("title", ["SDH", "English (SDH)", "English CC", "Hearing impaired"])
def test_hearing_impaired(title):
    assert titles.is_hearing_impaired(title)


@pytest.mark.parametrize("title", ["", "Accents", "English", "Sdhx"])
def test_not_hearing_impaired(title):
    assert not titles.is_hearing_impaired(title)


@pytest.mark.parametrize(
    ("tags", "title"),
    [
        ({"title": " Main "}, "Main"),
        ({"name": "Commentary", "handler_name": "SoundHandler"}, "Commentary"),
        ({"handler_name": "Commentary by the cast"}, "Commentary by the cast"),
        ({"handler_name": "SoundHandler"}, ""),
        ({"handler_name": "Core Media Audio"}, ""),
        ({"handler_name": "GPAC ISO Audio Handler"}, ""),
        ({"handler_name": "Stereo"}, ""),
        ({}, ""),
    ],
)
def test_the_title_is_where_writers_put_it(tags, title):
    assert titles.pick_title(tags) == title
