"""Translation by a language model: whole, in order, or not at all."""

import logging
from collections.abc import Callable

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediant.errors import Cancelled, ModelError
from mediant.http import ServiceDown
from mediant.subtitles.translate.batches import Batch, cut_batches, is_untranslated, read_answer
from mediant.subtitles.translate.remote import RemoteTranslator, chat_url
from mediant.testing.answering import nobody
from mediant.testing.chat import ChatServer, Model, Reply, by_words, numbered

WORDS = {"hello": "hola", "world": "mundo", "good": "buena", "night": "noche"}


def quietly(_share: float) -> None:
    """Go on."""


def translate(server: ChatServer, texts: list[str], advance: Callable[[float], None] = quietly):
    translator = RemoteTranslator(server.url, server.key, "tiny", wait_s=0.01)
    try:
        return translator.translate(texts, "eng", "spa", advance)
    finally:
        translator.close()


def test_the_openai_client_understands_the_stand_in():
    with (
        ChatServer(by_words(WORDS)) as server,
        openai.OpenAI(base_url=server.url, api_key=server.key, max_retries=0) as client,
    ):
        chat = client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "Translate:\n1|hello world"}]
        )
        assert chat.choices[0].message.content == "1|hola mundo"
        assert chat.choices[0].finish_reason == "stop"
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="other").chat.completions.create(
                model="tiny", messages=[{"role": "user", "content": "hello"}]
            )


def test_sentences_go_in_batches_with_their_neighbours():
    texts = [f"hello world {n}" for n in range(60)]
    shares: list[float] = []
    with ChatServer(by_words(WORDS)) as server:
        found = translate(server, texts, shares.append)
        asked = [numbered(one["messages"]) for one in server.requests]
        contents = [one["messages"][1]["content"] for one in server.requests]
        task = server.requests[0]["messages"][0]["content"]
    assert found == [f"hola mundo {n}" for n in range(60)]
    assert [len(one) for one in asked] == [24, 24, 12]
    assert "hello world 22\nhello world 23" in contents[1].split("Said afterwards")[0]
    assert "hello world 48\nhello world 49" in contents[1].split("Said afterwards")[1]
    assert "from English to Spanish" in task
    assert shares == sorted(shares) == [0.0, 0.4, 0.8]


def losing(at_most: int, model: Model) -> Model:
    """Drops a line of every answer that has more than `at_most`."""

    def answer(messages: list[dict[str, str]]) -> Reply:
        lines = model(messages).text.splitlines()
        return Reply("\n".join(lines if len(lines) <= at_most else lines[1:]))

    return answer


def test_an_answer_that_lost_lines_is_asked_for_in_halves():
    texts = [f"hello {n}" for n in range(10)]
    with ChatServer(losing(3, by_words(WORDS))) as server:
        assert translate(server, texts) == [f"hola {n}" for n in range(10)]
        sizes = [len(numbered(one["messages"])) for one in server.requests]
    assert sizes == [10, 5, 2, 3, 5, 2, 3]


def test_an_answer_that_was_cut_off_does_not_count():
    def answer(messages: list[dict[str, str]]) -> Reply:
        told = by_words(WORDS)(messages).text
        return Reply(told, is_cut_off=len(told.splitlines()) > 1)

    with ChatServer(answer) as server:
        assert translate(server, ["hello", "good night"]) == ["hola", "buena noche"]


def test_a_model_that_never_answers_in_form_fails():
    with ChatServer(lambda _: Reply("Sorry, I cannot do that.")) as server:
        with pytest.raises(ModelError, match="every sentence"):
            translate(server, ["hello", "world"])
        assert len(server.requests) == 3


def test_text_that_comes_back_as_it_was_fails():
    echo = by_words({})
    with ChatServer(echo) as server, pytest.raises(ModelError, match="without translating"):
        translate(server, ["hello my old friend", "good night to you", "yes"])
    with ChatServer(echo) as server:
        assert translate(server, ["Paris!", "1984"]) == ["Paris!", "1984"]


def test_a_passing_trouble_is_waited_out():
    troubles = [Reply("busy", 503), Reply("slowly", 429, headers={"Retry-After": "0"})]

    def answer(messages: list[dict[str, str]]) -> Reply:
        return troubles.pop() if troubles else by_words(WORDS)(messages)

    with ChatServer(answer) as server:
        assert translate(server, ["hello"]) == ["hola"]


def test_a_lasting_trouble_fails_and_may_pass_later():
    with ChatServer(lambda _: Reply("busy", 503)) as server:
        with pytest.raises(ServiceDown, match="status 503") as told:
            translate(server, ["hello"])
        assert len(server.requests) == 3
    assert told.value.transient
    with nobody() as server.url, pytest.raises(ServiceDown, match="ConnectError"):
        translate(server, ["hello"])


def test_a_model_that_takes_no_temperature_is_asked_without():
    def picky(messages: list[dict[str, str]]) -> Reply:
        if "temperature" in server.requests[-1]:
            return Reply("Unsupported value: 'temperature'", 400)
        return by_words(WORDS)(messages)

    with ChatServer(picky) as server:
        assert translate(server, ["hello"] * 30) == ["hola"] * 30
        assert ["temperature" in one for one in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply("The model `tiny` does not exist", 404), "404: The model `tiny` does not exist"),
        (Reply(raw=b"<html>hello</html>"), "no JSON"),
        (Reply(raw=b"[1]"), "no JSON object"),
        (Reply(raw=b'{"choices": []}'), "chat protocol"),
        (Reply("", 302), "answered 302"),
    ],
)
def test_other_answers_fail_with_what_the_server_said(reply: Reply, told: str):
    with ChatServer(lambda _: reply) as server, pytest.raises(ModelError, match=told):
        translate(server, ["hello"])


def test_the_key_is_neither_logged_nor_told(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with ChatServer(by_words(WORDS), key="right") as server:
        translator = RemoteTranslator(server.url, "sk-secret-key", "tiny")
        with pytest.raises(ModelError, match="refuses the key") as told:
            translator.translate(["hello"], "eng", "spa", quietly)
        translator.close()
    assert "sk-secret-key" not in f"{told.value}{told.value!r}{caplog.text}"


def test_it_stops_between_batches_and_while_it_waits():
    calls: list[float] = []

    def advance(share: float) -> None:
        calls.append(share)
        if len(calls) == 2:
            raise Cancelled

    with ChatServer(lambda _: Reply("busy", 503)) as server, pytest.raises(Cancelled):
        translate(server, ["hello"], advance)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("http://box:11434", "http://box:11434/v1/chat/completions"),
        ("http://box:11434/v1/", "http://box:11434/v1/chat/completions"),
        ("https://x.example/api/v3", "https://x.example/api/v3/chat/completions"),
        ("https://x.example/v1/chat/completions", "https://x.example/v1/chat/completions"),
    ],
)
def test_the_address_is_completed(url: str, whole: str):
    assert chat_url(url) == whole


@pytest.mark.parametrize("url", ["box:11434", "ftp://x/v1", "http://", "http://[::1", "hello"])
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(ModelError, match="no address"):
        RemoteTranslator(url, "", "tiny")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("1|hola\n2|adiós", ["hola", "adiós"]),
        ("<think>two lines\n1|x</think>\n1| hola \n\n2: adiós", ["hola", "adiós"]),
        ("2|adiós\n1|hola", ["hola", "adiós"]),
        ("1|hola", None),
        ("1|hola\n1|adiós", None),
        ("1|hola\n2|", None),
        ("1|hola\n2|adiós\n3|más", None),
        ("Here you are:\n1|hola\n2|adiós", None),
        ("", None),
    ],
)
def test_only_whole_answers_count(answer: str, found: list[str] | None):
    assert read_answer(answer, 2) == found


@settings(deadline=None)
@given(st.lists(st.text(max_size=60)), st.integers(1, 9), st.integers(1, 200))
def test_batches_hold_every_text_once(texts: list[str], lines: int, chars: int):
    batches = cut_batches(texts, lines, chars)
    assert [at for one in batches for at in range(one.begin, one.end)] == list(range(len(texts)))
    for one in batches:
        assert 1 <= one.end - one.begin <= lines
        length = sum(map(len, texts[one.begin : one.end]))
        assert (
            length <= chars or one.end - one.begin == 1 or not any(texts[one.begin : one.end - 1])
        )


def test_halves():
    assert Batch(3, 8).halves() == (Batch(3, 5), Batch(5, 8))
    assert Batch(3, 4).halves() == ()


def test_a_line_that_stays_among_others_is_no_failure():
    texts = [
        "Joyeux anniversaire, chère Marie",
        "he sang to her all night",
        "and then they left it",
    ]
    found = [texts[0], "él le cantó toda la noche", "y luego lo dejaron"]
    assert not is_untranslated(texts, found)
    assert is_untranslated(texts, [texts[0], texts[1].upper(), found[2]])
