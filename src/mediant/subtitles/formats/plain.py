"""Text for people, tables and programs: txt, tsv, json and lrc."""

import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mediant.subtitles.cue import Cue
from mediant.subtitles.formats.body import body_of


def write_txt(cues: Iterable[Cue]) -> str:
    """One cue a line."""
    return "".join(f"{line}\n" for line in _sentences(cues))


def write_tsv(cues: Iterable[Cue]) -> str:
    """Columns `start`, `end` (whole milliseconds) and `text`, with a header."""
    rows = (f"{cue.start_ms}\t{cue.end_ms}\t{text}\n" for cue, text in _told(cues))
    return "start\tend\ttext\n" + "".join(rows)


def write_lrc(cues: Iterable[Cue]) -> str:
    """Lyrics for players of music: `[mm:ss.cc]text`, minutes beyond 99 where need be."""
    rows = []
    for cue, text in _told(cues):
        minutes, rest = divmod(cue.start_ms // 10, 6000)
        rows.append(f"[{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}]{text}\n")
    return "".join(rows)


def write_json(cues: Sequence[Cue], language: str) -> str:
    """`{language, segments, text}` with the keys that Whisper's own output has.

    What cues do not know is null (`no_speech_prob`, `temperature`) or empty (`tokens`);
    `avg_logprob` is the mean over the words whose probability is known, or null.
    """
    whole = {
        "language": language,
        "segments": [_segment(at, cue, text) for at, (cue, text) in enumerate(_told(cues))],
        "text": " ".join(_sentences(cues)),
    }
    return json.dumps(whole, ensure_ascii=False)


def _told(cues: Iterable[Cue]) -> Iterator[tuple[Cue, str]]:
    """The cues that have a text, and it on one line without tabs."""
    for cue in cues:
        if text := " ".join(" ".join(body_of(cue)).split("\t")):
            yield cue, text


def _sentences(cues: Iterable[Cue]) -> list[str]:
    return [text for _, text in _told(cues)]


def _segment(number: int, cue: Cue, text: str) -> dict[str, Any]:
    raw = text.encode()
    return {
        "id": number,
        "seek": cue.start_ms // 10,
        "start": cue.start_ms / 1000,
        "end": cue.end_ms / 1000,
        "text": text,
        "tokens": [],
        "avg_logprob": _mean_log(cue),
        "compression_ratio": len(raw) / len(zlib.compress(raw)),
        "no_speech_prob": None,
        "words": [
            {
                "start": word.start_s,
                "end": word.end_s,
                "word": word.text,
                "probability": word.probability,
            }
            for word in cue.words
        ],
        "temperature": None,
    }


def _mean_log(cue: Cue) -> float | None:
    logs = [math.log(max(w.probability, 1e-10)) for w in cue.words if w.probability is not None]
    return sum(logs) / len(logs) if logs else None
