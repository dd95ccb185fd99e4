"""Languages as Bazarr takes them."""

import json

import pytest

from mediant.kernel.languages import WHISPER_CODES
from mediant.subtitles.provider.spoken_name import read_name


def _kept(language, confidence=0.9) -> str:
    return json.dumps({"language": language, "confidence": confidence})


@pytest.mark.parametrize(
    ("code", "told", "name"),
    [("en", "en", "english"), ("yue", "zh", "chinese"), ("jw", "jw", "javanese")],
)
def test_code_and_name(code, told, name):
    found = read_name(_kept(code))
    assert found is not None
    assert (found.code, found.name) == (told, name)


def test_every_language_of_the_model_has_a_name():
    for code in WHISPER_CODES:
        found = read_name(_kept(code))
        assert found is not None
        assert found.name
        assert found.code not in ("und", "yue")


def test_nothing_is_nothing():
    assert read_name(_kept(None, 0.2)) is None


@pytest.mark.parametrize(("said", "told"), [(1.0000001, 1.0), (-0.1, 0.0), (0.4, 0.4)])
def test_confidence_is_a_share(said, told):
    found = read_name(_kept("en", said))
    assert found is not None
    assert found.confidence == told
