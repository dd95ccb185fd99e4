"""What the provider's routes ask of the core."""

from importlib import metadata
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from mediant import __version__
from mediant.api.auth import find_app
from mediant.api.errors import Failure
from mediant.api.families.bazarr.family import TextRoute
from mediant.api.families.bazarr.wish import (
    TextWish,
    read_is_pcm,
    read_seconds,
    read_text_wish,
)
from mediant.api.families.sound_door import NOBODY, find_answer, find_library_subtitle, let_in
from mediant.api.families.upload import ClientDisconnect, Form, receive_form
from mediant.errors import MEDIA_CODES
from mediant.subtitles.provider.hint import Hint, find_hint
from mediant.subtitles.provider.question import LanguageQuestion, TextQuestion
from mediant.subtitles.provider.silence import fill_silence
from mediant.subtitles.provider.spoken_name import LANGUAGE_FORM, read_name
from mediant.subtitles.provider.waiting import Gone, HearingFailed

SOUND = ("audio_file",)


def describe_version() -> str:
    """Ours, and that of the recogniser; Bazarr shows it when it tests the connection."""
    try:
        return f"Mediant {__version__}, faster-whisper {metadata.version('faster-whisper')}"
    except metadata.PackageNotFoundError:
        return f"Mediant {__version__}"


async def hear(request: Request, key: str | None) -> Response:
    """`POST /asr`."""
    is_known = await let_in(request, key)
    wish = read_text_wish(request.query_params)
    try:
        async with await _receive(request) as form:
            question = TextQuestion(
                audio=form.audio,
                is_pcm=wish.is_pcm,
                task=wish.task,
                language=wish.language,
                prompt=wish.prompt,
                hint=_find_hint(request, wish, is_known=is_known),
            )
            text = await _find_text(request, question, wish.output)
            text = fill_silence(text, wish.output, find_app(request).subtitles.settings())
            return PlainTextResponse(text, headers=_headers(request, form, wish))
    except (ClientDisconnect, Gone):
        return NOBODY
    except HearingFailed as failed:
        return _answer_failure(failed, 400)


async def _find_text(request: Request, question: TextQuestion, output: str) -> str:
    """From a job that runs for the same video anyhow, else by hearing what was sent."""
    hint, language = question.hint, question.language
    target = "en" if question.task == "translate" else language
    if hint is not None and target is not None and output == "srt":
        text = await find_library_subtitle(request, hint, target)
        if text is not None:
            return text
    return await find_answer(request, question, output)


async def hear_language(request: Request, key: str | None) -> Response:
    """`POST /detect-language`. What cannot be told is an empty object; a failure is never JSON."""
    await let_in(request, key)
    query = request.query_params
    try:
        async with await _receive(request) as form:
            question = LanguageQuestion(
                audio=form.audio,
                is_pcm=read_is_pcm(query),
                length_s=read_seconds(query, "detect_lang_length", 1.0),
                offset_s=read_seconds(query, "detect_lang_offset", 0.0),
            )
            text = await find_answer(request, question, LANGUAGE_FORM)
            return JSONResponse(_tell_language(text))
    except (ClientDisconnect, Gone):
        return NOBODY
    except HearingFailed as failed:
        return _answer_failure(failed, 500)


async def _receive(request: Request) -> Form:
    return await receive_form(request, find_app(request).subtitles.provider.spool, SOUND)


def _find_hint(request: Request, wish: TextWish, *, is_known: bool) -> Hint | None:
    return find_hint(wish.video, find_app(request).subtitles.settings(), is_known=is_known)


def _tell_language(text: str) -> dict[str, Any]:
    found = read_name(text)
    if found is None:
        return {}
    return {
        "detected_language": found.name,
        "language_code": found.code,
        "confidence": found.confidence,
    }


def _answer_failure(failed: HearingFailed, bad_sound: int) -> Response:
    """`bad_sound`: the status when the sound itself is to blame."""
    status = 500
    if failed.code in MEDIA_CODES and failed.code != "missing":
        status = bad_sound
    elif failed.code in ("model", "unavailable", "busy"):
        status = 503
    return TextRoute.answer(Failure(status, failed.code, failed.text))


def _headers(request: Request, form: Form, wish: TextWish) -> dict[str, str]:
    is_remote = bool(find_app(request).subtitles.settings().openai_url)
    name = f"{quote(form.filename or SOUND[0], safe='')}.{wish.output}"
    return {
        "Asr-Engine": "openai" if is_remote else "faster_whisper",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
