"""What these routes ask of the core."""

import json
from typing import Any

from anyio import to_thread
from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from mediant.api.auth import find_app
from mediant.api.errors import Failure
from mediant.api.families.bazarr.wish import read_language
from mediant.api.families.openai.family import OpenAiRoute
from mediant.api.families.sound_door import NOBODY, find_answer, let_in
from mediant.api.families.upload import ClientDisconnect, Form, receive_form
from mediant.errors import MEDIA_CODES, Invalid
from mediant.subtitles.provider.question import TextQuestion
from mediant.subtitles.provider.waiting import Gone, HearingFailed
from mediant.subtitles.speech.engine import Task

FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
GRANULARITIES = ("timestamp_granularities[]", "timestamp_granularities")
_SEGMENT_KEYS = (
    "id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob",
    "compression_ratio", "no_speech_prob",
)  # fmt: skip


async def hear(request: Request, task: Task) -> Response:
    """What is said in `file`; `translate` gives English."""
    await let_in(request)
    spool = find_app(request).subtitles.provider.spool
    try:
        async with await receive_form(request, spool, ("file",)) as form:
            return await _answer(request, form, task)
    except (ClientDisconnect, Gone):
        return NOBODY
    except HearingFailed as failed:
        return OpenAiRoute.answer(_to_failure(failed))


async def _answer(request: Request, form: Form, task: Task) -> Response:
    wanted = form.get("response_format") or FORMATS[0]
    if wanted not in FORMATS:
        raise Invalid(f"It is one of {', '.join(FORMATS)}.", asset="response_format")
    question = TextQuestion(
        audio=form.audio,
        is_pcm=False,
        task=task,
        language=read_language(form.get("language")) if task == "transcribe" else None,
        prompt=form.get("prompt") or None,
    )
    if wanted in ("srt", "vtt"):
        return PlainTextResponse(await find_answer(request, question, wanted))
    facts = json.loads(await find_answer(request, question, "facts"))
    if wanted == "text":
        return PlainTextResponse(f"{facts['text']}\n")
    if wanted == "json":
        return JSONResponse({"text": facts["text"]})
    text = await find_answer(request, question, "json")
    grains = [value for name in GRANULARITIES for value in form.fields.get(name, [])]
    return JSONResponse(await to_thread.run_sync(_tell_all, facts, text, grains))


def _tell_all(facts: dict[str, Any], text: str, grains: list[str]) -> dict[str, Any]:
    """`verbose_json`: segments unless only words are wanted, words when they are."""
    segments = json.loads(text)["segments"]
    told: dict[str, Any] = {
        "task": facts["task"],
        "language": facts["language_name"],
        "duration": facts["duration_s"],
        "text": facts["text"],
    }
    if "word" in grains:
        told["words"] = [
            {"word": word["word"].strip(), "start": word["start"], "end": word["end"]}
            for segment in segments
            for word in segment["words"]
        ]
    if "segment" in grains or "word" not in grains:
        told["segments"] = [{key: one[key] for key in _SEGMENT_KEYS} for one in segments]
    return told


def _to_failure(failed: HearingFailed) -> Failure:
    is_sound = failed.code in MEDIA_CODES and failed.code != "missing"
    is_passing = failed.code in ("model", "unavailable", "busy")
    return Failure(400 if is_sound else 503 if is_passing else 500, failed.code, failed.text)
