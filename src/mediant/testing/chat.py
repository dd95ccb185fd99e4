"""A stand-in for servers that speak OpenAI's chat protocol, with a model made of Python.

The shapes are those of the public API reference (`POST /v1/chat/completions`): bearer keys,
`choices[0].message.content`, `finish_reason`, errors as `{"error": {"message", "type", ...}}`. The
public `openai` client understands it (`tests/unit/subtitles/translate/test_remote.py`).
"""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from mediant.testing.answering import Answer, Asked, answering


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sends: a text of its model, or trouble."""

    text: str = ""
    status: int = 200
    is_cut_off: bool = False
    """Whether the model stopped because it may not say more."""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Sent instead of JSON."""


Model = Callable[[list[dict[str, str]]], Reply]
"""Gets the messages of a chat."""


def numbered(messages: Sequence[dict[str, str]]) -> list[tuple[int, str]]:
    """The lines `number|text` that the last message asks for."""
    asked = messages[-1]["content"].rpartition("Translate:\n")[2]
    pairs = (line.partition("|") for line in asked.splitlines())
    return [(int(number), text) for number, _, text in pairs]


def by_words(words: dict[str, str]) -> Model:
    """A model that translates word by word; what it does not know stays."""

    def answer(messages: list[dict[str, str]]) -> Reply:
        told = [
            f"{number}|{' '.join(words.get(word, word) for word in text.split())}"
            for number, text in numbered(messages)
        ]
        return Reply("\n".join(told))

    return answer


class ChatServer:
    """A real HTTP server on a port of its own; use it in a `with`."""

    def __init__(self, model: Model, key: str = "sk-test") -> None:
        """Other keys than `key` are refused."""
        self.model = model
        self.key = key
        self.requests: list[dict[str, Any]] = []
        """Every body that came, in order."""
        self.url = ""
        """The base, as the `openai` client wants it, once it runs."""
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Start it."""
        self.url = f"{self._running.enter_context(answering(self._serve))}/v1"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self._running.close()

    def answer(self, path: str, authorization: str, body: dict[str, Any]) -> Reply:
        """What one request gets."""
        if authorization != f"Bearer {self.key}":
            return Reply("Incorrect API key provided.", status=401)
        if path != "/v1/chat/completions":
            return Reply(f"Invalid URL (POST {path})", status=404)
        self.requests.append(body)
        return self.model(body["messages"])

    def _serve(self, asked: Asked) -> Answer:
        body = json.loads(asked.body)
        reply = self.answer(asked.path, asked.headers.get("authorization", ""), body)
        content = reply.raw
        if content is None:
            content = json.dumps(_body(reply, body.get("model", ""))).encode()
        return Answer(reply.status, content, headers=reply.headers)


def _body(reply: Reply, model: str) -> dict[str, Any]:
    if reply.status != 200:
        error = {"message": reply.text, "type": "invalid_request_error", "param": None}
        return {"error": {**error, "code": None}}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": reply.text, "refusal": None},
        "logprobs": None,
        "finish_reason": "length" if reply.is_cut_off else "stop",
    }
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    head = {"id": "chatcmpl-test", "object": "chat.completion", "created": 0}
    return {**head, "model": model, "choices": [choice], "usage": usage}
