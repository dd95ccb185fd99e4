"""Translation by a language model behind OpenAI's chat protocol, here or elsewhere.

Sentences go in numbered batches. An answer that is not whole is asked for again in halves, and a
single sentence twice; then the translation fails. What was not translated is never passed on.
"""

from collections.abc import Sequence
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from mediant.errors import ModelError
from mediant.http import PASSING, ServiceDown
from mediant.kernel.clock import monotonic_s
from mediant.settings.secret import strike_out
from mediant.subtitles.translate.batches import (
    Batch,
    ask,
    content_of,
    cut_batches,
    is_untranslated,
    read_answer,
)
from mediant.subtitles.translate.translator import Advance

_LINES = 24
_CHARS = 2400
_TIMEOUT = httpx2.Timeout(180.0, connect=10.0)
_TRIES = 3
_LONGEST_WAIT_S = 30.0
_LOOK_S = 0.1
_SHOWN = 200


class RemoteTranslator:
    """A chat endpoint and the model that it shall use."""

    def __init__(self, url: str, key: str, model: str, *, wait_s: float = 2.0) -> None:
        """`url`: the base, with or without `/v1`, or the whole address of `chat/completions`.

        `wait_s`: the first rest when the server has a passing trouble.
        """
        self._url = chat_url(url)
        self._host = urlsplit(self._url).hostname or ""
        self._model = model
        self._key = SecretStr(key)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx2.Client(headers=headers, timeout=_TIMEOUT, follow_redirects=False)
        self._wait_s = wait_s
        self._temperature: dict[str, float] = {"temperature": 0.2}

    def translate(
        self, texts: Sequence[str], source: str, target: str, advance: Advance
    ) -> list[str]:
        """As the port says, each batch with its neighbours for context."""
        done: list[str] = []
        for batch in cut_batches(texts, _LINES, _CHARS):
            share = batch.begin / len(texts)
            done += self._take(_Work(texts, source, target, share, advance), batch)
            if is_untranslated(texts[: batch.end], done):
                raise ModelError(
                    "It gives the text back without translating it.",
                    asset=self._asset,
                    remedy="Choose another `translation_model`.",
                )
        return done

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _take(self, work: "_Work", batch: Batch) -> list[str]:
        found = self._try(work, batch)
        if found is None and (halves := batch.halves()):
            return [text for half in halves for text in self._take(work, half)]
        if found is None:
            found = self._try(work, batch)
        if found is None:
            raise ModelError(
                "Its answers do not hold a translation of every sentence.",
                asset=self._asset,
                remedy="Choose another `translation_model`.",
            )
        return found

    def _try(self, work: "_Work", batch: Batch) -> list[str] | None:
        wanted = work.texts[batch.begin : batch.end]
        answer = self._post(ask(work.texts, batch, work.source, work.target), work)
        try:
            content = content_of(answer)
        except ValueError as error:
            text = f"It does not speak the chat protocol: {error}."
            raise ModelError(text, asset=self._asset) from error
        return None if content is None else read_answer(content, len(wanted))

    def _post(self, messages: list[dict[str, str]], work: "_Work") -> dict[str, Any]:
        """The server's JSON. A passing trouble is waited out."""
        trouble = ""
        for attempt in range(_TRIES):
            if attempt:
                _rest(self._wait_s * 2 ** (attempt - 1), work)
            work.advance(work.share)
            try:
                answer = self._send(messages)
            except httpx2.TransportError as error:
                trouble = type(error).__name__
                continue
            if answer.status_code not in PASSING:
                return self._read(answer)
            trouble = f"status {answer.status_code}"
            _rest(_asked_wait_s(answer), work)
        raise ServiceDown(
            f"The translation server does not answer ({trouble}).",
            asset=self._host,
            remedy="Look whether it runs and whether `translation_url` is right.",
        )

    def _send(self, messages: list[dict[str, str]]) -> httpx2.Response:
        """One request. Some models refuse any temperature: from then on none is sent."""
        body = {"model": self._model, "messages": messages, **self._temperature}
        answer = self._client.post(self._url, json=body)
        if answer.status_code == 400 and self._temperature and "temperature" in answer.text:
            self._temperature = {}
            return self._send(messages)
        return answer

    def _read(self, answer: httpx2.Response) -> dict[str, Any]:
        if answer.status_code in (401, 403):
            raise ModelError(
                "The translation server refuses the key.",
                asset=self._host,
                remedy="Set `translation_key`.",
            )
        if answer.status_code != 200:
            said = strike_out(_said(answer), self._key.get_secret_value())[:_SHOWN]
            text = f"The translation server answered {answer.status_code}: {said}"
            raise ModelError(text, asset=self._asset)
        try:
            found = answer.json()
        except ValueError as error:
            raise ModelError("It answers no JSON.", asset=self._asset) from error
        if not isinstance(found, dict):
            raise ModelError("It answers no JSON object.", asset=self._asset)
        return found

    @property
    def _asset(self) -> str:
        return f"{self._model} at {self._host}" if self._model else self._host


class _Work:
    """What stays the same for all requests of one batch."""

    def __init__(
        self, texts: Sequence[str], source: str, target: str, share: float, advance: Advance
    ) -> None:
        self.texts, self.source, self.target = texts, source, target
        self.share, self.advance = share, advance


def chat_url(url: str) -> str:
    """The address of `chat/completions` below what the user set. ModelError when it is none."""
    base = url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        text = "`translation_url` is no address of a server."
        raise ModelError(text, remedy="Set it to something like http://localhost:11434/v1.")
    if base.endswith("/chat/completions"):
        return base
    if not urlsplit(base).path:
        base += "/v1"
    return f"{base}/chat/completions"


def _asked_wait_s(answer: httpx2.Response) -> float:
    """Seconds of `Retry-After`, within reason; 0 without one."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdecimal() else 0.0


def _rest(wait_s: float, work: _Work) -> None:
    """Wait, but hear when the work is to stop."""
    deadline = monotonic_s() + wait_s
    while (left_s := deadline - monotonic_s()) > 0:
        work.advance(work.share)
        sleep(min(left_s, _LOOK_S))


def _said(answer: httpx2.Response) -> str:
    """The server's own sentence, in short."""
    try:
        found = answer.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        found = answer.text
    return " ".join(str(found).split())
