"""Whether what shall be English is English."""

import pytest

from mediant.subtitles.speech.engine import Heard, Segment
from mediant.subtitles.transcribe.english import is_english, keep_english

GOOD = "I am sorry, it was not possible to create the connection to the server."
SPANISH = "Lo siento, pero no fue posible crear la conexión al servidor de demostración."


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (GOOD, "spa"),
        (GOOD, "jpn"),
        ("No!", "spa"),
        ("Madrid, Barcelona, Sevilla.", "spa"),
        ("He said that he would go to the house of my friend.", "nld"),
        ("", "spa"),
        ("1984", "rus"),
    ],
)
def test_english_is_taken(text, source):
    assert is_english(text, source)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (SPANISH, "spa"),
        ("Je suis désolé, mais il n'est pas possible de faire la connexion.", "fra"),
        ("Ich weiß nicht, was das ist, aber es ist nicht gut für uns.", "deu"),
        ("すみません、接続できませんでした。", "jpn"),
        ("Извините, но это было невозможно.", "rus"),
        ("Anteeksi mutta yhteyden luominen ei ollut mahdollista", "fin"),
    ],
)
def test_other_languages_are_not(text, source):
    assert not is_english(text, source)


def heard(*texts: str) -> Heard:
    segments = tuple(Segment(at, at + 1.0, text) for at, text in enumerate(texts))
    return Heard("es", 1.0, 9.0, segments, "m", "cpu", "int8", "translate")


def test_a_foreign_passage_is_left_out_and_too_many_spoil_everything():
    kept, n = keep_english(heard(GOOD, GOOD, GOOD, GOOD, SPANISH), "spa")
    assert (len(kept.segments), n) == (4, 1)
    kept, n = keep_english(heard(GOOD, SPANISH), "spa")
    assert (kept.segments, n) == ((), 2)
    kept, n = keep_english(heard(GOOD), "spa")
    assert (len(kept.segments), n) == (1, 0)
