"""What the provider's routes have in common: errors are short plain text."""

from fastapi import Response
from fastapi.responses import PlainTextResponse

from mediant.api.errors import EdgeRoute, Failure

PREFIX = "/provider"
PATHS = ("/asr", "/detect-language", PREFIX)
LONGEST_ERROR = 300


class TextRoute(EdgeRoute):
    """A route whose errors no client can take for a subtitle or for an answer."""

    @classmethod
    def answer(cls, failure: Failure) -> Response:
        """One line of plain text, with the real status."""
        status = 400 if failure.status == 422 else failure.status
        return PlainTextResponse(safe_text(str(failure)), status, dict(failure.headers))


def safe_text(text: str) -> str:
    """A short line without the arrow that makes a cue."""
    line = " ".join(text.split()).replace("-->", "->")
    return line if len(line) <= LONGEST_ERROR else line[: LONGEST_ERROR - 1] + "…"
