"""The texts that one recognition gives, in every form in which it can be asked for.

Subtitles (srt, vtt) are cut into cues by the reading rules. Text, table and JSON tell the
recogniser's own segments, as whisper-asr-webservice does.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mediant.kernel.languages import canonical_code, find_language
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.cue import Cue
from mediant.subtitles.cues import make_cues
from mediant.subtitles.formats import write_cues
from mediant.subtitles.speech.engine import Heard, Segment
from mediant.subtitles.transcribe.highlight import write_marked
from mediant.subtitles.transcribe.limits import rules_for
from mediant.subtitles.words import Word

FACTS = "facts"
"""The form that tells about the recognition itself, for programs that want to know it."""

_SEEK_S = 0.01
"""Whisper counts in frames of so long."""


def make_texts(heard: Heard, settings: SubtitlesSettings, start_s: float = 0.0) -> dict[str, str]:
    """Form -> text. `start_s`: how much later the sound begins than the film it belongs to.

    Where nothing is said, txt and srt are empty and the others well-formed without content.
    """
    spoken = _move(heard, start_s)
    language = "en" if heard.task == "translate" else heard.language
    cues = _cut(spoken, language, settings)
    write = write_marked if settings.word_level_highlight else write_cues
    return {
        "srt": write(cues, "srt"),
        "vtt": write(cues, "vtt"),
        "txt": "".join(f"{one.text.strip()}\n" for one in spoken.segments if one.text.strip()),
        "tsv": _write_table(spoken.segments),
        "json": _write_json(spoken, language),
        FACTS: _write_facts(spoken, language),
    }


def _cut(heard: Heard, language: str, settings: SubtitlesSettings) -> list[Cue]:
    code = canonical_code(language)
    return make_cues(heard.words, code, rules_for(code, settings.custom_regroup))


def _move(heard: Heard, by_s: float) -> Heard:
    if by_s == 0.0:
        return heard
    return replace(heard, segments=tuple(_move_segment(one, by_s) for one in heard.segments))


def _move_segment(segment: Segment, by_s: float) -> Segment:
    words = tuple(
        Word(one.text, one.start_s + by_s, one.end_s + by_s, one.speaker, one.probability)
        for one in segment.words
    )
    start, end = segment.start_s + by_s, segment.end_s + by_s
    return replace(segment, start_s=start, end_s=end, words=words)


def _write_table(segments: Sequence[Segment]) -> str:
    """Whole milliseconds; tabs in a text become blanks."""
    rows = (
        f"{round(one.start_s * 1000)}\t{round(one.end_s * 1000)}\t{_one_line(one.text)}\n"
        for one in segments
    )
    return "start\tend\ttext\n" + "".join(rows)


def _write_json(heard: Heard, language: str) -> str:
    whole = {
        "language": language,
        "segments": [_describe(number, one) for number, one in enumerate(heard.segments)],
        "text": heard.text,
    }
    return json.dumps(whole, ensure_ascii=False)


def _describe(number: int, segment: Segment) -> dict[str, Any]:
    return {
        "id": number,
        "seek": round(segment.start_s / _SEEK_S),
        "start": round(segment.start_s, 3),
        "end": round(segment.end_s, 3),
        "text": segment.text,
        "tokens": list(segment.tokens),
        "avg_logprob": segment.avg_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_prob,
        "words": [
            {
                "start": round(word.start_s, 3),
                "end": round(word.end_s, 3),
                "word": word.text,
                "probability": word.probability,
            }
            for word in segment.words
        ],
        "temperature": segment.temperature,
    }


def _write_facts(heard: Heard, language: str) -> str:
    found = find_language(language)
    facts = {
        "task": heard.task,
        "language": language,
        "language_name": found.name.lower() if found else language,
        "duration_s": round(heard.duration_s, 3),
        "text": heard.text,
        "model": heard.model,
    }
    return json.dumps(facts, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
