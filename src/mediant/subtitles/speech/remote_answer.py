"""Reads `verbose_json`, as OpenAI and its likes write it. Pure.

Times of words come without punctuation from some and not at all from others; the texts of the
segments are whole. So words are cut from the texts and take their times where they can.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mediant.subtitles.script import is_spaceless
from mediant.subtitles.speech.engine import Segment
from mediant.subtitles.words import Word, with_blanks


def read_segments(answer: Mapping[str, Any], start_s: float, stop_s: float) -> list[Segment]:
    """The segments of a part that lies at `start_s` to `stop_s` of the whole sound."""
    timed = [word for word in map(_read_word, _list(answer, "words")) if word is not None]
    found = _list(answer, "segments")
    if not found and timed:
        found = [{"text": answer["text"], "start": timed[0].start_s, "end": timed[-1].end_s}]
    return [
        one
        for fields in found
        if (one := _read_segment(fields, timed, start_s, stop_s)) is not None
    ]


def spread(tokens: Sequence[str], start_s: float, end_s: float) -> list[Word]:
    """Tokens over a time, each as long as its share of the letters."""
    letters = sum(len(token) for token in tokens) or 1
    each_s = max(0.0, end_s - start_s) / letters
    words = []
    position = start_s
    for token in tokens:
        stop = position + len(token) * each_s
        words.append(Word(token, position, stop))
        position = stop
    return words


def cut_words(text: str) -> list[str]:
    """Words between blanks; signs of scripts without blanks one by one."""
    tokens = []
    for part in text.split():
        run = ""
        for sign in part:
            if is_spaceless(sign):
                tokens += [run] if run else []
                tokens.append(sign)
                run = ""
            else:
                run += sign
        tokens += [run] if run else []
    return tokens


def _read_segment(
    fields: Mapping[str, Any], timed: Sequence[Word], start_s: float, stop_s: float
) -> Segment | None:
    text = str(fields.get("text") or "")
    begin, end = _number(fields.get("start")), _number(fields.get("end"))
    if not text.strip() or begin is None or end is None:
        return None
    own = [word for word in map(_read_word, _list(fields, "words")) if word is not None]
    inside = own or [word for word in timed if begin <= (word.start_s + word.end_s) / 2 <= end]
    words = tuple(
        Word(
            word.text,
            min(start_s + word.start_s, stop_s),
            min(start_s + word.end_s, stop_s),
            None,
            word.probability,
        )
        for word in with_blanks(_give_times(cut_words(text), inside, begin, end))
    )
    return Segment(
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        text=text if text[:1].isspace() else f" {text}",
        words=words,
        avg_logprob=_number(fields.get("avg_logprob")) or 0.0,
        compression_ratio=_number(fields.get("compression_ratio")) or 1.0,
        no_speech_prob=_number(fields.get("no_speech_prob")) or 0.0,
        temperature=_number(fields.get("temperature")) or 0.0,
        tokens=tuple(one for one in _list_any(fields, "tokens") if isinstance(one, int)),
    )


def _give_times(
    tokens: Sequence[str], timed: Sequence[Word], begin: float, end: float
) -> list[Word]:
    if len(tokens) != len(timed):
        return spread(tokens, begin, end)
    return [
        Word(token, word.start_s, word.end_s, None, word.probability)
        for token, word in zip(tokens, timed, strict=True)
    ]


def _read_word(fields: Mapping[str, Any]) -> Word | None:
    text = str(fields.get("word") or fields.get("text") or "")
    start, end = _number(fields.get("start")), _number(fields.get("end"))
    if not text.strip() or start is None or end is None:
        return None
    return Word(text, start, end, None, _number(fields.get("probability")))


def _list(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [one for one in _list_any(fields, name) if isinstance(one, Mapping)]


def _list_any(fields: Mapping[str, Any], name: str) -> list[Any]:
    found = fields.get(name)
    return found if isinstance(found, list) else []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
