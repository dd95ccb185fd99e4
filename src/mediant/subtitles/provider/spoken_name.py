"""How a heard language is told to programs that know Whisper's names."""

import json
from dataclasses import dataclass

from mediant.kernel.languages import find_language

LANGUAGE_FORM = "language"
"""The form in which a heard language is kept."""

_PLAIN = {"yue": "zh"}
"""Codes that programs choke on, and what they take in their place."""


@dataclass(frozen=True, slots=True)
class SpokenName:
    """A language and how sure it is, 0 to 1."""

    code: str
    """Whisper's."""
    name: str
    """In English, in lower case."""
    confidence: float


def read_name(text: str) -> SpokenName | None:
    """From what was kept; None where the language could not be told."""
    told = json.loads(text)
    code = told["language"]
    if not code:
        return None
    code = _PLAIN.get(code, code)
    return SpokenName(code, name_of(code), min(1.0, max(0.0, float(told["confidence"]))))


def name_of(code: str) -> str:
    """The English name that Whisper gives a language of its own."""
    found = find_language(code)
    return found.name.lower() if found else code
