"""Tags in the text of subtitles that others made."""

import re
from html import unescape

_TAG = re.compile(
    r"</?(?:i|b|u|s|font|ruby|rt|c|v|lang)(?:[ .][^<>]*)?>|<\d+:[\d:.]+>", re.IGNORECASE
)
_STYLE = re.compile(r"\{\\[^{}]*\}")


def without_markup(text: str) -> str:
    """`text` without the tags of SubRip, WebVTT (`<i>`, `<v Ann>`) and SubStation (`{\\an8}`)."""
    return _STYLE.sub("", without_tags(text))


def without_tags(text: str) -> str:
    """`text` without tags in angle brackets."""
    return _TAG.sub("", text)


def escape(text: str) -> str:
    """As WebVTT wants it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape_entities(text: str) -> str:
    """The characters that WebVTT writes as `&lt;` and the like."""
    return unescape(text)
