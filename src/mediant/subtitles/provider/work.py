"""What a worker does with sound that was sent. No database here."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mediant.errors import Forbidden, MediaError
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s
from mediant.kernel.languages import find_language
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.provider.forms import make_texts
from mediant.subtitles.provider.hint import find_start_s
from mediant.subtitles.provider.question import choose_windows
from mediant.subtitles.provider.spoken_name import LANGUAGE_FORM
from mediant.subtitles.speech.audio import decode_speech, make_sandbox, read_pcm
from mediant.subtitles.speech.engine import (
    RATE,
    DetectWindows,
    Finding,
    Heard,
    SpeechEngine,
    SpeechWish,
    Task,
)
from mediant.subtitles.speech.samples import Samples
from mediant.subtitles.transcribe.hearing import SANDBOX_IDLE_S, KeptHearing
from mediant.subtitles.transcribe.order import Order
from mediant.subtitles.transcribe.places import check_place
from mediant.subtitles.transcribe.stages import DETECTION_SPANS, Pace, Stages

Payload = Mapping[str, Any]

TEXT_PACE, LANGUAGE_PACE = "pace of heard texts", "pace of heard languages"

UNSURE_LOGPROB = -0.8
"""A mean below it is what a recogniser gives that listens in the wrong language."""

CANTONESE, CHINESE = "yue", "zh"


def hear(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Recognise what is said. The result holds the `texts` by form, and the `summary`.

    Raises MediaError, ModelError and Unavailable.
    """
    began = monotonic_s()
    order = _read_order(payload)
    stages = Stages(watch, tools.get(TEXT_PACE, Pace))
    stages.begin("loading_model")
    engine, wish = _prepare(payload, KeptHearing(order, tools, watch.log), order)
    samples = _read_sound(payload, order.path, tools, stages)
    stages.begin("transcribing")
    heard = engine.transcribe(samples, wish, stages.advance_s)
    _warn_if_unsure(heard, wish, engine, samples, watch)
    del samples
    stages.begin("generating_subtitles")
    texts = make_texts(heard, order.settings, _find_start_s(payload, order, tools, watch))
    stages.end()
    return {"texts": texts, "summary": _summarise(heard, began)}


def hear_language(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Find out which language is spoken; the texts hold one form, JSON.

    Raises MediaError, ModelError and Unavailable.
    """
    began = monotonic_s()
    order = _read_order(payload)
    stages = Stages(watch, tools.get(LANGUAGE_PACE, Pace), DETECTION_SPANS)
    stages.begin("loading_model")
    engine = KeptHearing(order, tools, watch.log).open_engine("transcribe", None)
    samples = _read_sound(payload, order.path, tools, stages)
    stages.begin("detecting_language")
    finding = engine.detect(samples, choose_windows(payload, order.settings), stages.advance_s)
    stages.end()
    told = {"language": finding.language, "confidence": float(finding.confidence)}
    return {
        "texts": {LANGUAGE_FORM: json.dumps(told)},
        "summary": {**told, "seconds": round(monotonic_s() - began, 3)},
    }


def _read_order(payload: Payload) -> Order:
    return Order(
        path=Path(payload["path"]),
        settings=SubtitlesSettings(**payload["settings"]),
        models=Path(payload["models"]),
        preset=payload["preset"],
    )


def _prepare(
    payload: Payload, hearing: KeptHearing, order: Order
) -> tuple[SpeechEngine, SpeechWish]:
    """The recogniser, and what is wished of it, as far as it can do that."""
    language, task = payload["language"], _choose_task(payload)
    engine = hearing.open_engine(task, language)
    if language == CANTONESE and CANTONESE not in engine.capabilities().languages:
        language = CHINESE
    wish = SpeechWish(
        task=task,
        language=language,
        preset=order.preset,
        prompt=payload["prompt"],
        detect=order.windows,
    )
    return engine, wish


def _choose_task(payload: Payload) -> Task:
    """English needs no translation into English."""
    wants_english = payload["task"] == "translate" and payload["language"] != "en"
    return "translate" if wants_english else "transcribe"


def _read_sound(payload: Payload, path: Path, tools: Toolbox, stages: Stages) -> Samples:
    """The samples: mapped where they lie as they are, decoded otherwise."""
    stages.begin("extracting_audio")
    try:
        samples = _open_sound(payload, path, tools, stages)
    except MediaError as error:
        # Whoever sent it shall not be told where it lies here.
        raise MediaError(error.code, error.text, transient=error.transient) from error
    stages.audio_s = len(samples) / RATE
    return samples


def _open_sound(payload: Payload, path: Path, tools: Toolbox, stages: Stages) -> Samples:
    if payload["is_pcm"]:
        return read_pcm(path)
    sandbox = tools.get("decoder of speech", make_sandbox, SANDBOX_IDLE_S)
    return decode_speech(path, sandbox, advance=lambda _: stages.advance(0.0))


def _find_start_s(payload: Payload, order: Order, tools: Toolbox, watch: Watch) -> float:
    """How late the sound begins in the film that it is said to be from."""
    if not payload["video"] or not payload["is_pcm"]:
        return 0.0
    try:
        real = check_place(Path(payload["video"]), order.settings.library_paths)
        video = KeptHearing(order, tools, watch.log).inspect(real)
    except (MediaError, Forbidden) as error:
        watch.log("warning", f"The times may be off, for the film cannot be read: {error}")
        return 0.0
    start_s = find_start_s(video, payload["language"], order.settings)
    if start_s:
        watch.log("info", f"The sound begins {start_s:.3f} s after the film.")
    return start_s


def _warn_if_unsure(
    heard: Heard, wish: SpeechWish, engine: SpeechEngine, samples: Samples, watch: Watch
) -> None:
    """Who sends the wrong track, or names the wrong language, gets nonsense: then say so."""
    logs = [one.avg_logprob for one in heard.segments]
    is_sure = not logs or sum(logs) / len(logs) > UNSURE_LOGPROB
    if is_sure or wish.language is None or not engine.capabilities().can_detect:
        return
    finding = engine.detect(samples, DetectWindows(), lambda _: watch.stop_if_cancelled())
    if _contradicts(finding, wish.language):
        text = (
            f"It was said to be {_name(wish.language)}, but sounds like "
            f"{_name(finding.language)} ({finding.confidence:.0%})."
        )
        watch.log("warning", text)


def _contradicts(finding: Finding, language: str) -> bool:
    return finding.language is not None and finding.language != language


def _name(language: str | None) -> str:
    found = find_language(language)
    return found.name if found else str(language)


def _summarise(heard: Heard, began: float) -> dict[str, Any]:
    return {
        "language": heard.language,
        "task": heard.task,
        "segments_count": len(heard.segments),
        "audio_s": round(float(heard.duration_s), 3),
        "model": heard.model,
        "device": heard.device,
        "compute_type": heard.compute_type,
        "seconds": round(monotonic_s() - began, 3),
    }
