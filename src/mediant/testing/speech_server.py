"""A speech server with OpenAI's API, for tests: it really listens on a loopback port.

It recognises nothing: its answers are made from a list of words, as far as the sound that it was
sent is long. The shapes follow OpenAI's reference of `/v1/audio/transcriptions`: with
`verbose_json` the language by its English name, words without blanks and punctuation, segments
with the whole text.
"""

import io
import json
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any, Literal

from mediant.testing.answering import Answer, Asked, answering

Answers = Literal["words", "words_in_segments", "segments", "text_only", "not_json"]


@dataclass(slots=True)
class SpeechRequest:
    """What was asked."""

    path: str
    authorization: str | None
    fields: dict[str, list[str]]
    seconds: float
    """Of the sound."""


@dataclass(slots=True)
class FakeSpeechServer:
    """What it shall answer, and what it was asked so far."""

    words: Sequence[tuple[str, float, float]] = (
        ("Hello,", 0.5, 0.9),
        ("old", 1.0, 1.2),
        ("friend.", 1.25, 1.8),
    )
    """With punctuation, as they stand in the text; seconds of each part of sound."""
    language: str = "english"
    answers: Answers = "words"
    status: int = 200
    reason: str = "no such thing"
    key: str | None = None
    """Only requests with it are answered."""
    requests: list[SpeechRequest] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator["FakeSpeechServer"]:
        """Listen until the end of the block; `url` is where."""
        with answering(self._serve) as self.url:
            yield self

    def answer(self, request: SpeechRequest) -> tuple[int, bytes]:
        """Status and body."""
        self.requests.append(request)
        if self.key is not None and request.authorization != f"Bearer {self.key}":
            return 401, _json({"error": {"message": "bad key"}})
        if self.status != 200:
            return self.status, _json({"error": {"message": self.reason}})
        if self.answers == "not_json":
            return 200, b"<html>hello</html>"
        return 200, _json(self._verbose(request.seconds))

    def _serve(self, asked: Asked) -> Answer:
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        fields, seconds = _read_form(head + asked.body)
        authorization = asked.headers.get("authorization")
        return Answer(*self.answer(SpeechRequest(asked.path, authorization, fields, seconds)))

    def _verbose(self, seconds: float) -> dict[str, Any]:
        heard = [word for word in self.words if word[2] <= seconds]
        text = " ".join(word for word, _, _ in heard)
        found: dict[str, Any] = {"text": text}
        if self.answers == "text_only":
            return found
        found |= {"task": "transcribe", "language": self.language, "duration": seconds}
        segment = {"id": 0, "seek": 0, "text": f" {text}", "tokens": [50364, 2425]}
        segment |= {"start": heard[0][1], "end": heard[-1][2]} if heard else {"start": 0, "end": 0}
        segment |= {"temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.1}
        segment["no_speech_prob"] = 0.01
        found["segments"] = [segment] if heard else []
        times = [
            {"word": word.strip(",.!?"), "start": start, "end": end} for word, start, end in heard
        ]
        if self.answers == "words":
            found["words"] = times
        if self.answers == "words_in_segments" and heard:
            segment["words"] = times
        return found


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode()


def _read_form(content: bytes) -> tuple[dict[str, list[str]], float]:
    """The fields of a multipart form, and how long the sound in its file is."""
    fields: dict[str, list[str]] = {}
    seconds = 0.0
    for part in BytesParser().parsebytes(content).walk():
        if part.is_multipart():
            continue
        name = str(part.get_param("name", header="content-disposition"))
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        if part.get_filename():
            with wave.open(io.BytesIO(body), "rb") as file:
                seconds = file.getnframes() / file.getframerate()
        else:
            fields.setdefault(name, []).append(body.decode())
    return fields, seconds
