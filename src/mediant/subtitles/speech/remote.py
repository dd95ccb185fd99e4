"""Recognition by a server with OpenAI's API: whisper.cpp, vLLM, speaches, OpenAI itself.

The sound travels in WAV files of some minutes, cut where it is quiet.
"""

import io
import json
import wave
from collections.abc import Mapping
from typing import Any

import httpx2
import numpy as np
from pydantic import SecretStr

from mediant.errors import ModelError
from mediant.http import ServiceDown
from mediant.kernel.languages import WHISPER_CODES, find_language
from mediant.settings.secret import strike_out
from mediant.subtitles.speech.detect import count_votes, find_places
from mediant.subtitles.speech.engine import (
    RATE,
    Advance,
    Capabilities,
    DetectWindows,
    Finding,
    Heard,
    Segment,
    SpeechWish,
)
from mediant.subtitles.speech.guards import guard
from mediant.subtitles.speech.remote_answer import read_segments
from mediant.subtitles.speech.samples import Samples

PART_S = 600.0
"""Sound of one request: 19 MB, below the 25 MB that OpenAI takes."""

SEARCH_S = 15.0
"""Before the end of a part the quietest moment is looked for."""

_FRAME = RATE // 50
_TIMEOUT = httpx2.Timeout(1800.0, connect=10.0)
_UNKNOWN = "und"
_LONGEST_REASON = 300


class RemoteEngine:
    """One model on one server."""

    def __init__(self, url: str, model: str, api_key: str = "") -> None:
        """`url` with or without `/v1`. The key goes into a header and nowhere else; what the server
        says is told without it."""
        self._key = SecretStr(api_key)
        address = httpx2.URL(url.rstrip("/"))
        # A name and a password in the address would come into the logs of requests.
        base = str(address.copy_with(username=None, password=None))
        self._base = base if base.endswith("/v1") else f"{base}/v1"
        self._model = model
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        login = (address.username, address.password)
        self._client = httpx2.Client(
            headers=headers,
            auth=login if address.username and not api_key else None,
            timeout=_TIMEOUT,
            follow_redirects=False,
        )

    def capabilities(self) -> Capabilities:
        """What the API offers; a server may know less and then says so."""
        return Capabilities(
            languages=WHISPER_CODES,
            tasks=frozenset({"transcribe", "translate"}),
            has_word_times=True,
            can_detect=True,
        )

    def transcribe(self, samples: Samples, wish: SpeechWish, advance: Advance) -> Heard:
        """Recognise what is said, part by part; see the port."""
        segments: list[Segment] = []
        language = wish.language
        for start, stop in cut_parts(samples):
            advance(start / RATE)
            answer = self._ask(samples[start:stop], wish, language)
            language = language or _read_language(answer)
            segments += read_segments(answer, start / RATE, stop / RATE)
        duration_s = len(samples) / RATE
        advance(duration_s)
        told = "en" if wish.task == "translate" else language or _UNKNOWN
        return Heard(
            language=language or _UNKNOWN,
            language_probability=1.0 if wish.language else 0.0,
            duration_s=duration_s,
            segments=tuple(guard(segments, told, None)),
            model=self._model,
            device="remote",
            compute_type="remote",
            task=wish.task,
        )

    def detect(self, samples: Samples, windows: DetectWindows, advance: Advance) -> Finding:
        """Ask for the text of some windows: the share of those that name a language counts."""
        length = round(windows.length_s * RATE)
        votes = []
        for place in dict.fromkeys(find_places(len(samples), windows)):
            advance(place / RATE)
            window = samples[place : place + length]
            if len(window):
                found = _read_language(self._ask(window, SpeechWish(), None))
                votes.append({found: 1.0} if found else {})
        return count_votes(votes, windows.threshold)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _ask(self, samples: Samples, wish: SpeechWish, language: str | None) -> dict[str, Any]:
        path = "translations" if wish.task == "translate" else "transcriptions"
        fields: dict[str, Any] = {"model": self._model, "response_format": "verbose_json"}
        if wish.prompt:
            fields["prompt"] = wish.prompt
        if wish.task == "transcribe":
            fields["timestamp_granularities[]"] = ["word", "segment"]
            if language:
                fields["language"] = language
        files = {"file": ("speech.wav", to_wav(samples), "audio/wav")}
        try:
            answer = self._client.post(f"{self._base}/audio/{path}", data=fields, files=files)
        except httpx2.TransportError as error:
            text = f"The speech server does not answer: {type(error).__name__}."
            raise ServiceDown(text, asset=self._place) from error
        return self._read(answer)

    @property
    def _place(self) -> str:
        """The server without anything secret in its address."""
        address = httpx2.URL(self._base)
        return f"{address.scheme}://{address.host}" + (f":{address.port}" if address.port else "")

    def _reason(self, answer: httpx2.Response) -> str:
        return strike_out(_reason(answer), self._key.get_secret_value())[:_LONGEST_REASON]

    def _read(self, answer: httpx2.Response) -> dict[str, Any]:
        if answer.status_code >= 500 or answer.status_code == 429:
            text = f"The speech server is in trouble: {answer.status_code} {self._reason(answer)}"
            raise ServiceDown(text.strip(), asset=self._place)
        if answer.status_code in (401, 403):
            raise ModelError("The speech server refuses the key.", asset=self._place)
        if answer.status_code != 200:
            text = f"The speech server refuses: {answer.status_code} {self._reason(answer)}"
            raise ModelError(text.strip(), asset=self._place)
        try:
            found = answer.json()
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            text = "The speech server answers with something that is not JSON."
            raise ModelError(text, asset=self._place) from error
        if not isinstance(found, dict) or "text" not in found:
            raise ModelError("The speech server answers without a text.", asset=self._place)
        if found["text"].strip() and not found.get("segments") and not found.get("words"):
            text = "The speech server gives no times, so there can be no subtitles."
            raise ModelError(text, asset=self._place, remedy="Choose another model there.")
        return found


def cut_parts(samples: Samples, part_s: float = PART_S) -> list[tuple[int, int]]:
    """Stretches of at most `part_s`, each ending at the quietest moment of its last seconds."""
    parts = []
    start = 0
    longest = round(part_s * RATE)
    while len(samples) - start > longest:
        stop = start + longest
        stop = _find_quiet(samples, max(start + _FRAME, stop - round(SEARCH_S * RATE)), stop)
        parts.append((start, stop))
        start = stop
    if start < len(samples):
        parts.append((start, len(samples)))
    return parts


def to_wav(samples: Samples) -> bytes:
    """A WAV file of these samples."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.ascontiguousarray(samples, np.dtype("<i2")).tobytes())
    return target.getvalue()


def _find_quiet(samples: Samples, start: int, stop: int) -> int:
    """The middle of the frame of 20 ms with the least energy."""
    count = (stop - start) // _FRAME
    frames = samples[start : start + count * _FRAME].reshape(count, _FRAME).astype(np.float32)
    quietest = int(np.argmin(np.square(frames).sum(axis=1)))
    return start + quietest * _FRAME + _FRAME // 2


def _read_language(answer: Mapping[str, Any]) -> str | None:
    """OpenAI gives the name, others the code."""
    told = answer.get("language")
    found = find_language(told) if isinstance(told, str) else None
    return found.whisper_code if found else None


def _reason(answer: httpx2.Response) -> str:
    """What the server says about it, in one line."""
    try:
        found = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return ""
    error = found.get("error", found) if isinstance(found, dict) else {}
    told = error.get("message") if isinstance(error, dict) else error
    return " ".join(str(told or "").split())
