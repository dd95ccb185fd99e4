"""What the title of a track gives away where its container's flags are silent.

The words are those that people and programs give to such tracks.
"""

import re

_COMMENTARY = re.compile(
    r"\b(commentar(y|ies)|commentaires?|comm?entari?[oi]s?|comment[oi]|kommentare?|audiokommentare?|kommentti"
    r"|komentarze?|komentář|comentários?)\b|コメンタリー|комментари|评论音轨|코멘터리",
    re.IGNORECASE,
)
_FORCED = re.compile(
    r"\b(forced|forcée?s?|forzad[oa]s?|forzat[oi]|erzwungene?|forçad[oa]s?|foreign"
    r"( (parts|only|language|dialogue))?|narrative)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"\b(signs?|songs?)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(full|complete|dialogs?|dialogues?|(non|not|un)[- ]?forced|without)\b", re.IGNORECASE
)
_IMPAIRED = re.compile(r"\b(sdh|cc|closed captions?|hearing[- ]impaired|hoh)\b", re.IGNORECASE)
_PROGRAM = re.compile(
    r"handler|core media|gpac|mainconcept|l-smash|isomedia|bento4|^(stereo|mono|surround)$",
    re.IGNORECASE,
)


def is_commentary(title: str) -> bool:
    """Whether people talk about the film instead of in it."""
    return bool(_COMMENTARY.search(title))


def is_forced(title: str) -> bool:
    """Whether only what is foreign or written on signs is told: no cover for what is said."""
    if _WHOLE.search(title):
        return False
    return bool(_FORCED.search(title) or _SIGNS.search(title))


def is_hearing_impaired(title: str) -> bool:
    """Whether sounds are told, too."""
    return bool(_IMPAIRED.search(title))


def pick_title(tags: dict[str, str]) -> str:
    """The title among a stream's tags; MP4 writers put it into the name of a handler."""
    given = tags.get("title") or tags.get("name") or ""
    handler = tags.get("handler_name", "")
    return (given or ("" if _PROGRAM.search(handler) else handler)).strip()
