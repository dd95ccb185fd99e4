"""The words of a query: parentheses, comparison signs, quoted text and bare words. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from mediant.errors import Invalid
from mediant.tagging.navidrome.query import LONGEST, unreadable

Kind = Literal["open", "close", "sign", "text", "word", "end"]

_PARTS = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<open>\()
  | (?P<close>\))
  | (?P<sign>>=|<=|!=|=|>|<)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<word>[^\s()<>=!"'][^\s()<>=!"]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LAST_CONTROL = 0x1F


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `text` is what it says, without quotes; `column` counts from 1."""

    kind: Kind
    text: str
    column: int

    def says(self, *words: str) -> bool:
        """Whether this bare word is one of `words`, in any case."""
        return self.kind == "word" and self.text.lower() in words


def split(query: str) -> list[Token]:
    """The tokens of a query and one `end`. Raises `Invalid`."""
    _check_text(query)
    tokens, at = [], 0
    while at < len(query):
        found = _PARTS.match(query, at)
        if found is None:
            raise _complain(query, at)
        if found.lastgroup != "space":
            tokens.append(_token(found))
        at = found.end()
    if not tokens:
        raise unreadable("it is empty.", remedy="For example: nom:mood_happy is true")
    return [*tokens, Token("end", "", len(query) + 1)]


def _check_text(query: str) -> None:
    if len(query) > LONGEST:
        raise unreadable(f"it has {len(query)} characters; {LONGEST} are allowed.")
    for at, letter in enumerate(query, start=1):
        if (ord(letter) <= _LAST_CONTROL and not letter.isspace()) or letter == "\x7f":
            raise unreadable(f"there is a control character at column {at}.")
        if "\ud800" <= letter <= "\udfff":
            raise unreadable(f"there is half a character at column {at}; it is not valid Unicode.")


def _token(found: re.Match[str]) -> Token:
    kind, text = found.lastgroup, found.group()
    if kind == "text":
        text = _ESCAPED.sub(r"\1", text[1:-1])
    return Token(kind, text, found.start() + 1)  # type: ignore[arg-type] # the groups are the kinds


def _complain(query: str, at: int) -> Invalid:
    if query[at] in "\"'":
        return unreadable(f"the quotation that begins at column {at + 1} does not end.")
    return unreadable(
        f"{query[at]!r} at column {at + 1} means nothing here.",
        remedy="Put text with special characters in quotes.",
    )
