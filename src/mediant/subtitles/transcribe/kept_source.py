"""Why there is no file of what was said although it was wished for. Pure."""

from mediant.kernel.languages import find_language
from mediant.subtitles.translate import Route


def why_no_source(route: Route, *, keeps_source: bool) -> str | None:
    """The reason and what would change it; None where it is written, or was not wished.

    A recogniser that translates while it listens never has the text of what was said.
    """
    if not keeps_source or route.task == "transcribe":
        return None
    source = _name(route.source)
    target = _name(route.heard)
    return (
        f"Only the translation is written, and not what was said in {source}: here nothing but "
        f"Whisper translates from {source} to {target}, and it does so while it listens, without "
        f"a text in {source}. For both, install a translation model of this pair "
        f"(`mediant models translations` tells where), or transcribe once more with "
        f"`--target {route.source}`."
    )


def _name(code: str) -> str:
    found = find_language(code)
    return found.name if found else code
