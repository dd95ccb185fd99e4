"""The names of subtitle files: read as media servers and their helpers write them, written so that
all of them read them.

A name is the video's name, then tokens apart by dots (or in brackets): a language, flags such as
`forced` and `sdh`, a title. Beside the video the stem must be followed by a token or the end, so
`Show 1` does not own `Show 10.en.srt`; in a folder of subtitles it may be missing.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from mediant.errors import Invalid
from mediant.kernel.languages import UNKNOWN, canonical_code, find_language, find_tag, get_language
from mediant.settings.subtitles import NO_NAME

EXTENSIONS = frozenset({"srt", "vtt", "sub", "ass", "ssa", "idx", "sbv"})
"""Of subtitle files beside a video, in lower case."""
LYRICS = "lrc"
FOLDERS = frozenset({"subs", "sub", "subtitles", "subtitle"})
"""Folders beside a video that hold its subtitles, in lower case."""

_FORCED = frozenset({"forced", "foreign"})
_IMPAIRED = frozenset({"sdh", "cc", "hearing impaired", "hearingimpaired"})
_HINDI = "hi"
_GENERATED = frozenset({"subgen"})
_TOKEN = re.compile(r"[\[({]([^\[\](){}]*)[\])}]|([^.\[\](){}]+)")
_WORDS = re.compile(r"[\s_,]+")
_NUMBERED = re.compile(r"^\d{1,3}[ _-]+(?=\D)")


class NamingType(StrEnum):
    """How the language is written into a name."""

    ISO_639_1 = "ISO_639_1"
    ISO_639_2_T = "ISO_639_2_T"
    ISO_639_2_B = "ISO_639_2_B"
    NAME = "NAME"
    NATIVE = "NATIVE"


@dataclass(frozen=True, slots=True)
class SubtitleName:
    """What the name of a subtitle file says."""

    extension: str
    language: str = UNKNOWN
    """Canonical code, ISO 639-2/T; `und` where the name tells none."""
    tag: str = UNKNOWN
    """BCP 47, with the region or script where it is told: `pt-BR`."""
    is_forced: bool = False
    is_hearing_impaired: bool = False
    is_default: bool = False
    is_generated: bool = False
    """Whether it carries the mark of a program that transcribes."""
    title: str = ""
    """The tokens that are none of these."""


def read_name(file_name: str, stem: str) -> SubtitleName | None:
    """What the name of a file beside the video `stem` says, or None if it is not the video's."""
    rest = _rest_after(file_name, stem)
    return None if rest is None else _read_tokens(_tokens(rest), _extension(file_name))


def read_folder_name(file_name: str, stem: str) -> SubtitleName | None:
    """The same for a file in a folder of subtitles that is known to be the video's.

    There the stem may be missing: `2_English.srt`, `eng.srt`. None for what is no subtitle file.
    """
    extension = _extension(file_name)
    if extension not in EXTENSIONS:
        return None
    if found := read_name(file_name, stem):
        return found
    bare = _NUMBERED.sub("", file_name.rpartition(".")[0])
    words = ([token] if _is_known(token) else _WORDS.split(token) for token in _tokens(bare))
    return _read_tokens([word for part in words for word in part], extension)


def subtitle_name(
    stem: str,
    language: str,
    *,
    naming: NamingType = NamingType.ISO_639_2_B,
    fixed: str = "",
    extension: str = "srt",
) -> str:
    """`<stem>.<language>.<extension>`, no more tokens: further ones hide it from some servers.

    `fixed` stands in place of the code where it is not empty. Raises Invalid for what is no
    language, and for a `fixed` that would leave the folder or the name's form.
    """
    token = fixed.strip() or language_token(language, naming)
    if not token or token.startswith(".") or any(mark in token for mark in NO_NAME):
        raise Invalid(f"{token!r} cannot stand in a file's name.", remedy="Use a language code.")
    return f"{stem}.{token}.{extension}"


def language_token(language: str, naming: NamingType) -> str:
    """The language as `naming` writes it; ISO 639-2/T where it has no two-letter code."""
    found = get_language(language)
    tokens = {
        NamingType.ISO_639_1: found.shortest_code,
        NamingType.ISO_639_2_T: found.code,
        NamingType.ISO_639_2_B: found.code_b,
        NamingType.NAME: found.name,
        NamingType.NATIVE: found.native_name,
    }
    return tokens[naming]


def _extension(file_name: str) -> str:
    return file_name.rpartition(".")[2].lower()


def _rest_after(file_name: str, stem: str) -> str | None:
    """What stands between the stem and the extension, or None if it is not the stem's."""
    name, dot, extension = file_name.rpartition(".")
    if not dot or extension.lower() not in EXTENSIONS | {LYRICS}:
        return None
    if not stem or name[: len(stem)].casefold() != stem.casefold():
        return None
    rest = name[len(stem) :]
    if not rest or rest[0] == ".":
        return rest
    # In brackets only a language or a flag is ours: `Film (2020).srt` belongs to another video.
    is_bracketed = rest.lstrip(" ")[:1] in tuple("[({")
    return rest if is_bracketed and _is_known(_tokens(rest)[0]) else None


def _tokens(rest: str) -> list[str]:
    found = [(one or other).strip() for one, other in _TOKEN.findall(rest)]
    return [token for token in found if token] or [""]


def _is_known(token: str) -> bool:
    return _flag(token) is not None or _is_language(token)


def _flag(token: str) -> str | None:
    word = token.casefold().replace("_", " ").replace("-", " ")
    if word in _FORCED:
        return "is_forced"
    if word in _IMPAIRED:
        return "is_hearing_impaired"
    if word == "default":
        return "is_default"
    return "is_generated" if word in _GENERATED else None


def _is_language(token: str) -> bool:
    """Rare codes are words of titles (`new`, `war`, `man`) far more often than languages."""
    found = find_language(token)
    return found is not None and found.is_common


def _read_tokens(tokens: list[str], extension: str) -> SubtitleName:
    """From the right: the last language counts, for a title may hold words that look like one."""
    flags: dict[str, bool] = {}
    spoken, title, is_hi = "", [], False
    for token in reversed(tokens):
        if flag := _flag(token):
            flags[flag] = True
        elif token.casefold() == _HINDI and not is_hi:
            is_hi = True
        elif not spoken and _is_language(token):
            spoken = token
        elif token:
            title.append(token)
    # Beside another language it means "hearing impaired", alone it can only be Hindi.
    if is_hi and spoken:
        flags["is_hearing_impaired"] = True
    elif is_hi:
        spoken = _HINDI
    words = " ".join(reversed(title))
    return SubtitleName(extension, canonical_code(spoken), find_tag(spoken), title=words, **flags)
