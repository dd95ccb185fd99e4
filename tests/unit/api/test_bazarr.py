"""What the provider's routes read and say, without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.api.errors import Failure
from mediant.api.families.bazarr.family import LONGEST_ERROR, TextRoute, safe_text
from mediant.api.families.bazarr.wish import read_language, read_seconds, read_text_wish
from mediant.api.families.openai.family import OpenAiRoute
from mediant.errors import Invalid
from mediant.kernel.languages import WHISPER_CODES
from mediant.subtitles.formats import read_cues


@given(st.text())
def test_no_error_reads_as_a_subtitle(text: str) -> None:
    said = safe_text(f"1\n00:00:01,000 --> 00:00:02,000\n{text}")
    assert "-->" not in said
    assert "\n" not in said
    assert len(said) <= LONGEST_ERROR
    assert read_cues(said) == []


def test_an_error_of_text_keeps_its_status() -> None:
    answer = TextRoute.answer(Failure(503, "busy", "Later.", headers={"Retry-After": "2"}))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["content-type"].startswith("text/plain")
    assert TextRoute.answer(Failure(422, "corrupt", "Bad.")).status_code == 400


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (413, "invalid_request_error"),
        (429, "rate_limit_error"),
        (503, "server_error"),
    ],
)
def test_an_error_of_openai_has_its_type(status: int, kind: str) -> None:
    body = bytes(OpenAiRoute.answer(Failure(status, "code", "Text.")).body).decode()
    assert f'"type":"{kind}"' in body


def test_bazarrs_own_query() -> None:
    query = {"task": "transcribe", "language": "en", "output": "srt", "encode": "false"}
    wish = read_text_wish({**query, "video_file": "/tv/a.mkv"})
    assert (wish.is_pcm, wish.task, wish.language, wish.output) == (True, "transcribe", "en", "srt")
    assert wish.video == "/tv/a.mkv"


def test_nothing_asked_for_is_text_of_any_container() -> None:
    wish = read_text_wish({})
    assert (wish.is_pcm, wish.task, wish.language, wish.output) == (
        False,
        "transcribe",
        None,
        "txt",
    )


@pytest.mark.parametrize("code", sorted(WHISPER_CODES))
def test_every_language_of_the_model_is_understood(code: str) -> None:
    assert read_language(code) == code


@pytest.mark.parametrize(
    ("told", "code"),
    [("jv", "jw"), ("English", "en"), ("ENG", "en"), ("pt-BR", "pt"), ("", None), ("und", None)],
)
def test_other_spellings(told: str, code: str | None) -> None:
    assert read_language(told) == code


@pytest.mark.parametrize("told", ["gsw", "klingonisch", "-->"])
def test_what_no_model_knows(told: str) -> None:
    with pytest.raises(Invalid):
        read_language(told)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("30", 30.0), ("", None), ("x", None), ("nan", None), ("-1", None), ("9999", None)],
)
def test_seconds(told: str, seconds: float | None) -> None:
    assert read_seconds({"length": told}, "length", 1.0) == seconds
