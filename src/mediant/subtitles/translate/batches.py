"""What is asked of a language model, and what counts as an answer. Pure.

Sentences are numbered, their neighbours shown for context only. An answer counts when it has
every number once, nothing else, and no empty line; then nothing is lost or shifted.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediant.kernel.languages import find_language
from mediant.subtitles.translate.sentences import neighbours

_LONG_WORDS = 4
"""A shorter line may rightly be the same in both languages: a name, a number."""
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_LINE = re.compile(r"\s*(\d+)\s*[|:.)\]]\s*(.*\S)\s*")

_TASK = """\
You translate the subtitles of a film from {source} to {target}.
Each line to translate is "number|text". Answer with one line for each number, in the same form, \
with the {target} text in place of the {source} one, and nothing else. Translate what is said, \
the way people speak; keep names; never merge, split, skip, explain or repeat lines."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences `begin` to `end` (exclusive) of a text."""

    begin: int
    end: int

    def halves(self) -> tuple["Batch", ...]:
        """Two smaller ones; none when there is but one sentence."""
        if self.end - self.begin < 2:
            return ()
        middle = (self.begin + self.end) // 2
        return Batch(self.begin, middle), Batch(middle, self.end)


def cut_batches(texts: Sequence[str], lines: int, chars: int) -> list[Batch]:
    """All texts, in batches of at most `lines` texts and, but for a single long one, `chars`."""
    batches, begin, length = [], 0, 0
    for at, text in enumerate(texts):
        if at > begin and (at - begin >= lines or length + len(text) > chars):
            batches.append(Batch(begin, at))
            begin, length = at, 0
        length += len(text)
    return [*batches, Batch(begin, len(texts))] if texts else []


def ask(texts: Sequence[str], batch: Batch, source: str, target: str) -> list[dict[str, str]]:
    """The messages of a chat that asks for the batch; languages are canonical codes."""
    before, after = neighbours(texts, batch.begin, batch.end)
    wanted = texts[batch.begin : batch.end]
    parts = [
        _context("Said before", before),
        _context("Said afterwards", after),
        "Translate:\n" + "\n".join(f"{n}|{_flat(text)}" for n, text in enumerate(wanted, 1)),
    ]
    task = _TASK.format(source=_name(source), target=_name(target))
    return [
        {"role": "system", "content": task},
        {"role": "user", "content": "\n\n".join(filter(None, parts))},
    ]


def read_answer(answer: str, count: int) -> list[str] | None:
    """The translations of `count` lines, or None when the answer is not whole."""
    lines = [line for line in _THOUGHT.sub("", answer).strip().splitlines() if line.strip()]
    matches = [_LINE.fullmatch(line) for line in lines]
    found: dict[int, str] = {int(m[1]): m[2] for m in matches if m}
    if len(lines) != count or sorted(found) != list(range(1, count + 1)):
        return None
    return [found[number] for number in range(1, count + 1)]


def is_untranslated(texts: Sequence[str], found: Sequence[str]) -> bool:
    """Whether most of the longer lines came back as they were."""
    longer = [
        (text, other)
        for text, other in zip(texts, found, strict=True)
        if len(text.split()) >= _LONG_WORDS
    ]
    same = sum(_fold(text) == _fold(other) for text, other in longer)
    return same * 2 > len(longer)


def content_of(answer: Mapping[str, object]) -> str | None:
    """What the model said; None when it was cut off. ValueError when it is no such answer."""
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(first, dict) or not isinstance(content, str):
        raise ValueError(f"no choice with a message: {json.dumps(answer)[:200]}")
    return None if first.get("finish_reason") == "length" else content


def _context(title: str, texts: Sequence[str]) -> str:
    return f"{title} (for context only):\n" + "\n".join(map(_flat, texts)) if texts else ""


def _flat(text: str) -> str:
    return " ".join(text.split())


def _fold(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _name(code: str) -> str:
    found = find_language(code)
    return found.name if found else code
