"""OpenAI's own client library against our server."""

from collections.abc import Iterator

import openai
import pytest
from tests.contract.provider.studio import Studio, english, spanish
from tests.contract.speech import NEEDS_SPEECH

from mediant.subtitles.formats import read_cues
from mediant.testing.speech import word_error_rate

pytestmark = NEEDS_SPEECH


@pytest.fixture
def owner(studio: Studio) -> Iterator[openai.OpenAI]:
    """A client with the admin's key."""
    address = f"{studio.server.url}/v1"
    with openai.OpenAI(base_url=address, api_key=studio.server.key, max_retries=0) as client:
        yield client


def test_json_is_the_default(owner: openai.OpenAI) -> None:
    with english().path.open("rb") as file:
        told = owner.audio.transcriptions.create(file=file, model="whisper-1")
    assert word_error_rate(english().text, told.text, "en") <= 0.15


@pytest.mark.parametrize("wanted", ["srt", "vtt"])
def test_subtitles(owner: openai.OpenAI, wanted: str) -> None:
    with english().path.open("rb") as file:
        told = owner.audio.transcriptions.create(
            file=file,
            model="whisper-1",
            language="en",
            prompt="Dashwood",
            response_format=wanted,  # type: ignore[call-overload]
        )
    said = " ".join(line for cue in read_cues(told) for line in cue.lines)
    assert word_error_rate(english().text, said, "en") <= 0.15


def test_text(owner: openai.OpenAI) -> None:
    with english().path.open("rb") as file:
        told = owner.audio.transcriptions.create(
            file=file, model="whisper-1", response_format="text", temperature=0.3
        )
    assert word_error_rate(english().text, str(told), "en") <= 0.15


def test_everything_with_words(owner: openai.OpenAI) -> None:
    with english().path.open("rb") as file:
        told = owner.audio.transcriptions.create(
            file=file,
            model="whisper-1",
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )
    assert told.language == "english"
    assert 5.0 < float(told.duration) < 10.0
    assert told.words is not None
    assert told.segments is not None
    assert [word.word for word in told.words] == told.text.split()
    assert all(one.start <= one.end for one in told.words)
    assert "".join(one.text for one in told.segments).strip() == told.text


def test_words_alone(owner: openai.OpenAI) -> None:
    with english().path.open("rb") as file:
        told = owner.audio.transcriptions.create(
            file=file,
            model="whisper-1",
            response_format="verbose_json",
            timestamp_granularities=["word"],
        )
    assert told.segments is None
    assert told.words


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # by OpenAI, not by us
def test_a_translation_is_english(owner: openai.OpenAI) -> None:
    with spanish().path.open("rb") as file:
        told = owner.audio.translations.create(
            file=file, model="whisper-1", response_format="verbose_json"
        )
    assert told.language == "english"
    assert {"the", "of"} & set(told.text.lower().split())


def test_errors_are_those_of_openai(owner: openai.OpenAI, studio: Studio) -> None:
    with pytest.raises(openai.BadRequestError) as bad:
        owner.audio.transcriptions.create(file=b"this is no audio" * 99, model="whisper-1")
    assert bad.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError) as senseless:
        owner.audio.transcriptions.create(
            file=b"x",
            model="whisper-1",
            response_format="docx",  # type: ignore[call-overload]
        )
    assert "response_format" in senseless.value.message
    stranger = openai.OpenAI(base_url=f"{studio.server.url}/v1", api_key="wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError) as unknown:
        stranger.audio.transcriptions.create(file=b"x", model="whisper-1")
    assert unknown.value.code == "invalid_api_key"


def test_a_path_that_is_not_there_has_openais_error(studio: Studio) -> None:
    with studio.client() as client:
        answer = client.post("/v1/audio/speech", json={})
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
