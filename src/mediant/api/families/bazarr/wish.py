"""What a request of the provider asks for, read leniently from its query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from mediant.errors import Invalid
from mediant.kernel.languages import find_language
from mediant.subtitles.speech.engine import Task

OUTPUTS = ("txt", "vtt", "srt", "tsv", "json")
_NO = {"false", "0", "no", "off"}
_ANY = {"", "auto", "und", "none", "null"}


@dataclass(frozen=True, slots=True)
class TextWish:
    """What `/asr` is asked for."""

    is_pcm: bool
    task: Task
    language: str | None
    output: str
    prompt: str | None
    video: str


def read_text_wish(query: Mapping[str, str]) -> TextWish:
    """From the query. What other clients add is accepted. Raises Invalid."""
    output = query.get("output", "").strip().lower() or OUTPUTS[0]
    if output not in OUTPUTS:
        raise Invalid(f"The output is one of {', '.join(OUTPUTS)}.")
    return TextWish(
        is_pcm=read_is_pcm(query),
        task=read_task(query.get("task", "")),
        language=read_language(query.get("language", "")),
        output=output,
        prompt=query.get("initial_prompt", "").strip() or None,
        video=query.get("video_file", ""),
    )


def read_is_pcm(query: Mapping[str, str]) -> bool:
    """`encode=false` says that the sound needs no decoding."""
    return query.get("encode", "").strip().lower() in _NO


def read_task(text: str) -> Task:
    """Nothing means `transcribe`. Raises Invalid."""
    told = text.strip().lower() or "transcribe"
    for task in get_args(Task):
        if told == task:
            return task  # type: ignore[no-any-return]
    raise Invalid("The task is `transcribe` or `translate`.")


def read_language(text: str) -> str | None:
    """Whisper's code; None where it is to be heard. Raises Invalid for what Whisper knows not."""
    told = text.strip().lower()
    if told in _ANY:
        return None
    if told == "yue":
        return told
    found = find_language(told)
    code = found.whisper_code if found else None
    if code is None:
        raise Invalid("No speech model knows this language.")
    return code


def read_seconds(query: Mapping[str, str], name: str, least: float) -> float | None:
    """A number of seconds; None for none, and for nonsense."""
    try:
        seconds = float(query.get(name, ""))
    except ValueError:
        return None
    return seconds if least <= seconds <= 3600 else None
