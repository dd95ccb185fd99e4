"""The engine on an OpenAI-compatible server, against one that really listens."""

import logging
from itertools import pairwise

import numpy as np
import pytest

from mediant.errors import Cancelled, ModelError, Unavailable
from mediant.subtitles import make_cues
from mediant.subtitles.speech.engine import RATE, DetectWindows, SpeechWish
from mediant.subtitles.speech.remote import PART_S, RemoteEngine
from mediant.testing.answering import nobody
from mediant.testing.speech_server import FakeSpeechServer

SOUND = np.zeros(3 * RATE, np.int16)


def ignore(_seconds):
    """Nobody waits."""


@pytest.fixture
def server():
    with FakeSpeechServer(key="secret").running() as running:
        yield running


@pytest.fixture
def engine(server):
    made = RemoteEngine(server.url, "whisper-1", "secret")
    yield made
    made.close()


def test_words_take_their_times_from_the_words_and_their_text_from_the_segment(server, engine):
    heard = engine.transcribe(SOUND, SpeechWish(prompt="friends"), ignore)
    assert [(w.text, w.start_s, w.end_s) for w in heard.words] == [
        (" Hello,", 0.5, 0.9),
        (" old", 1.0, 1.2),
        (" friend.", 1.25, 1.8),
    ]
    assert (heard.language, heard.model, heard.device) == ("en", "whisper-1", "remote")
    assert make_cues(heard.words, "en")[0].sentence == "Hello, old friend."
    (request,) = server.requests
    assert request.path == "/v1/audio/transcriptions"
    assert request.fields["response_format"] == ["verbose_json"]
    assert request.fields["timestamp_granularities[]"] == ["word", "segment"]
    assert request.fields["prompt"] == ["friends"]
    assert "language" not in request.fields
    assert request.seconds == pytest.approx(3.0)


def test_words_inside_segments_are_taken_as_well(server, engine):
    server.answers = "words_in_segments"
    heard = engine.transcribe(SOUND, SpeechWish(language="en"), ignore)
    assert [word.start_s for word in heard.words] == [0.5, 1.0, 1.25]
    assert server.requests[0].fields["language"] == ["en"]
    assert heard.language_probability == 1.0


def test_without_times_of_words_they_are_spread_over_the_segment(server, engine):
    server.answers = "segments"
    words = engine.transcribe(SOUND, SpeechWish(), ignore).words
    assert [word.text for word in words] == [" Hello,", " old", " friend."]
    assert words[0].start_s == 0.5
    assert words[-1].end_s == pytest.approx(1.8)
    assert all(one.end_s <= two.start_s + 1e-9 for one, two in pairwise(words))


def test_translation_asks_the_other_route(server, engine):
    heard = engine.transcribe(SOUND, SpeechWish(task="translate", language="es"), ignore)
    assert server.requests[0].path == "/v1/audio/translations"
    assert "language" not in server.requests[0].fields
    assert (heard.task, heard.language) == ("translate", "es")


def test_long_sound_goes_in_parts_whose_times_are_those_of_the_whole(server, engine):
    sound = np.full(round((PART_S + 100) * RATE), 3000, np.int16)
    quiet = round((PART_S - 5) * RATE)
    sound[quiet : quiet + RATE] = 0
    done: list[float] = []
    heard = engine.transcribe(sound, SpeechWish(), done.append)
    assert len(server.requests) == 2
    cut_s = server.requests[0].seconds
    assert PART_S - 5 <= cut_s <= PART_S - 4
    assert heard.words[3].start_s == pytest.approx(cut_s + 0.5)
    assert done == [0.0, pytest.approx(cut_s), pytest.approx(PART_S + 100)]
    assert [request.fields.get("language") for request in server.requests] == [None, ["en"]]


def test_cancelling_between_parts_stops_at_once(server, engine):
    def advance(seconds):
        if seconds > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.transcribe(np.zeros(round(3 * PART_S * RATE), np.int16), SpeechWish(), advance)
    assert len(server.requests) == 1


def test_the_language_is_the_vote_of_several_windows(server, engine):
    server.language = "spanish"
    finding = engine.detect(np.zeros(200 * RATE, np.int16), DetectWindows(), ignore)
    assert (finding.language, finding.confidence) == ("es", 1.0)
    assert [request.seconds for request in server.requests] == [30.0, 30.0, 30.0]


def test_a_server_without_times_is_refused(server, engine):
    server.answers = "text_only"
    with pytest.raises(ModelError, match="no times"):
        engine.transcribe(SOUND, SpeechWish(), ignore)


def test_what_is_no_json_is_told(server, engine):
    server.answers = "not_json"
    with pytest.raises(ModelError, match="not JSON"):
        engine.transcribe(SOUND, SpeechWish(), ignore)


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (400, ModelError, "no such thing"),
        (404, ModelError, "no such thing"),
        (429, Unavailable, "429"),
        (503, Unavailable, "503"),
    ],
)
def test_refusals_and_trouble_are_told_apart(server, engine, status, error, text):
    server.status = status
    with pytest.raises(error, match=text):
        engine.transcribe(SOUND, SpeechWish(), ignore)


def test_the_key_is_in_no_error_and_no_log(server, caplog):
    caplog.set_level(logging.DEBUG)
    engine = RemoteEngine(server.url.replace("http://", "http://me:hidden@"), "m", "wrong-key")
    with pytest.raises(ModelError, match="refuses the key") as caught:
        engine.transcribe(SOUND, SpeechWish(), ignore)
    engine.close()
    for secret in ("wrong-key", "hidden"):
        assert secret not in str(caught.value)
        assert secret not in caplog.text


def test_a_server_that_is_not_there_is_unavailable():
    with nobody() as url:
        engine = RemoteEngine(url, "m")
        with pytest.raises(Unavailable, match="does not answer"):
            engine.transcribe(SOUND, SpeechWish(), ignore)
        engine.close()


def test_an_address_with_v1_is_the_same(server):
    engine = RemoteEngine(f"{server.url}/v1/", "m", "secret")
    assert engine.transcribe(SOUND, SpeechWish(), ignore).text == "Hello, old friend."
    engine.close()
